import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Answer, eventually, type MllpAddress } from '@caretab/hospital';
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

/** The line of HL7 between a hospital and the platform. */
export class Hl7Cable {
  isCut = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createTcp((socket) => {
    if (this.isCut) return void socket.destroy();
    const { host, port } = this.platform;
    const other = connect({ host, port });
    for (const one of [socket, other]) {
      this.sockets.add(one);
      one.on('error', () => one.destroy()).on('close', () => this.sockets.delete(one));
    }
    socket.pipe(other).pipe(socket);
  });

  constructor(private readonly platform: MllpAddress) {}

  async open(): Promise<MllpAddress> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
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
    /** The platform's HL7 port. */
    private readonly hl7Platform: MllpAddress,
  ) {}

  /** Where it takes HL7. */
  get hl7Port(): number {
    return this.port + 1;
  }

  async start(): Promise<void> {
    ({ port: this.port } = await freePorts(2));
    const main = join(ROOT, 'deploy/front-node/dist/main.js');
    const options = ['--institution', this.hospital.institutionId, '--platform', this.lineUrl];
    const place = ['--data', this.folder, '--port', String(this.port), '--wait', '3000'];
    const { host, port } = this.hl7Platform;
    const hl7 = ['--hl7-platform', `${host}:${port}`, '--hl7-port', String(this.hl7Port)];
    this.child = spawn(process.execPath, [main, ...options, ...place, ...hl7], {
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
