import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@caretab/kernel';
import type { Doors } from './doors';
import { JournalFault } from './journal';
import { full, refusalOf } from './refusal';
import type { Answer } from './state';

const BODY_BYTES_MAX = 1_000_000;
const REQUEST_MS = 30_000;
const CLOSE_MS = 50;
/** Whose request is not over by then has no answer: its sender sends it again. */
const STOP_MS = 5_000;
const TOO_LARGE = 413;

export interface Listening {
  readonly url: string;
  stop(): Promise<void>;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The doors over HTTP. Each but `/health` asks for the node's own key. */
export const listen = async (
  doors: Doors,
  { host, port, key }: { readonly host: string; readonly port: number; readonly key: string },
): Promise<Listening> => {
  const expected = digest(`Bearer ${key}`);
  const server = createServer((request, response) => {
    respond(doors, expected, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = REQUEST_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        // Those that fall idle meanwhile, too.
        const closing = setInterval(() => server.closeIdleConnections(), CLOSE_MS);
        const ending = setTimeout(() => server.closeAllConnections(), STOP_MS);
        server.close(() => {
          clearInterval(closing);
          clearTimeout(ending);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

const respond = async (
  doors: Doors,
  expected: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method === 'GET' && request.url === '/health')
    return write(response, { status: 200, body: { status: 'ok' } });
  try {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
      throw new DomainError('UNAUTHENTICATED', 'unauthenticated', {
        field: 'Authorization',
        why: 'it is not the key of this node',
        remedy: 'send Authorization: Bearer and the FRONT_NODE_KEY of the node',
      });
    const { method = 'GET', url = '/', headers } = request;
    const body = await bodyOf(request);
    const answer = await doors.answer({
      ...{ method, url, body },
      headers: {
        'idempotency-key': oneOf(headers['idempotency-key']),
        prefer: oneOf(headers['prefer']),
      },
    });
    write(response, answer);
  } catch (error) {
    if (error instanceof DomainError) return write(response, refusalOf(error));
    if (error instanceof JournalFault) return write(response, refusalOf(full(error.message)));
    const known = error instanceof Error ? error.name : 'unknown';
    process.stderr.write(`front node: unhandled error (${known})\n`);
    write(response, refusalOf(new DomainError('INTERNAL', 'internal')));
  }
};

const oneOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? undefined : header;

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX)
      throw new DomainError('REQUEST_TOO_LARGE', 'too-large', {
        why: `a request has at most ${BODY_BYTES_MAX} bytes`,
        remedy: 'send the charges in several requests',
      });
    parts.push(part);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new DomainError('NOT_JSON', 'invalid', {
      field: '/',
      why: 'the body is not JSON',
      remedy: 'send JSON in UTF-8',
    });
  }
};

const write = (
  response: ServerResponse,
  { status, body, isText, isKept }: Answer & { isText?: true; isKept?: true },
): void => {
  const { retryAfterSeconds } = (body ?? {}) as { readonly retryAfterSeconds?: number };
  const type = isText
    ? 'text/plain'
    : status >= 400
      ? 'application/problem+json'
      : 'application/json';
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    // The rest of it is not read.
    ...(status === TOO_LARGE && { connection: 'close' }),
    ...(isKept && { 'front-node': 'kept' }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(isText ? String(body) : JSON.stringify(body));
};
