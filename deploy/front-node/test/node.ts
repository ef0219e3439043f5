import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile } from '@caretab/security';
import { startFrontNode } from '../src';
import { INSTITUTION_KEY } from './platform-fake';

export const NODE_KEY = 'the key that the hospital sends';
export const DATA_KEY = 'cd'.repeat(32);

export const folderOf = (): string => mkdtempSync(join(tmpdir(), 'front-node-'));

/** A node in this process, and how a system of the hospital asks it. */
export const nodeOn = async (
  platformUrl: string,
  folder: string,
  more: {
    readonly messagesMax?: number;
    readonly waitMs?: number;
    readonly dataKey?: string;
    /** The platform's HL7 port. */
    readonly hl7Port?: number;
  } = {},
) => {
  const node = await startFrontNode(
    {
      ...{ host: '127.0.0.1', port: 0, folder, institutionId: 'HZ001', platformUrl },
      ...{ identityUrl: platformUrl, key: NODE_KEY, institutionKey: INSTITUTION_KEY },
      dataKey: new KeyFile('FRONT_NODE_DATA_KEY', more.dataKey ?? DATA_KEY),
      noticesUrl: `${platformUrl}/notices`,
      ...{ messagesMax: more.messagesMax ?? 1_000, bytesMax: 1_000_000 },
      waitMs: more.waitMs ?? 1_000,
      hl7:
        more.hl7Port === undefined
          ? undefined
          : { port: 0, platform: { host: '127.0.0.1', port: more.hl7Port, timeoutMs: 2_000 } },
    },
    600_000,
  );
  const ask = askerOf(node.url);
  return { ...node, ask };
};

export const askerOf =
  (url: string) =>
  async (
    method: string,
    path: string,
    { body, key, bearer = NODE_KEY }: { body?: unknown; key?: string; bearer?: string } = {},
  ): Promise<{ status: number; body: any; headers: Headers }> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  };

/** Tries until it holds. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never held');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
