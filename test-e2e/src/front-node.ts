import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Answer, eventually } from '@caretab/hospital';
import type { Hospital } from './hospital';
import { ROOT } from './launcher';
import { freePorts } from './ports';

const NODE_KEY = 'what the systems of the hospital send';

/** The line between a hospital and the platform, which can be cut. */
export class Line {
  isCut = false;
  private server!: Server;

  constructor(private readonly platformUrl: string) {}

  async open(): Promise<string> {
    this.server = createServer((request, response) => {
      const pass = async (): Promise<void> => {
        const parts: Buffer[] = [];
        for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
        if (this.isCut) return void request.socket.destroy();
        const { host: _, connection: _c, 'content-length': _l, ...headers } = request.headers;
        const answer = await fetch(`${this.platformUrl}${request.url}`, {
          method: request.method!,
          headers: headers as Record<string, string>,
          ...(parts.length > 0 && { body: Buffer.concat(parts) }),
        });
        const text = await answer.text();
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
      };
      pass().catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** A hospital's front node as a process, and what its systems ask of it. */
export class FrontNode {
  private child: ChildProcess | undefined;
  private port = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'e2e-front-node-'));

  constructor(
    private readonly hospital: Hospital,
    private readonly lineUrl: string,
  ) {}

  async start(): Promise<void> {
    ({ port: this.port } = await freePorts(1));
    const main = join(ROOT, 'deploy/front-node/dist/main.js');
    const options = ['--institution', this.hospital.institutionId, '--platform', this.lineUrl];
    const place = ['--data', this.folder, '--port', String(this.port), '--wait', '3000'];
    this.child = spawn(process.execPath, [main, ...options, ...place], {
      env: {
        ...{ PATH: process.env['PATH'], FRONT_NODE_KEY: NODE_KEY },
        ...{ FRONT_NODE_INSTITUTION_KEY: this.hospital.key, FRONT_NODE_DATA_KEY: 'ab'.repeat(32) },
      },
      stdio: 'ignore',
    });
    await eventually(async () => expect((await this.asks('GET', '/health')).status).toBe(200));
  }

  async kills(): Promise<void> {
    if (!this.child) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
    this.child = undefined;
  }

  asks(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    return ask(`http://127.0.0.1:${this.port}`, {
      ...{ method, path, body },
      headers: {
        authorization: `Bearer ${NODE_KEY}`,
        ...(key !== undefined && { 'idempotency-key': key }),
      },
    });
  }

  reads(value: string, visitNumber?: string): Promise<Answer> {
    return this.asks('POST', '/front-node/codes/read', { type: 'qr', value, visitNumber });
  }

  async status(): Promise<Answer['body']> {
    return (await this.asks('GET', '/front-node/status')).body;
  }
}
