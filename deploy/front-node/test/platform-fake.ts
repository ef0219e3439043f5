import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blindIndex, CodeSigner } from '@caretab/security';

interface Got {
  readonly key: string;
  readonly path: string;
  readonly body: any;
}

const LIST_KEY = Buffer.alloc(32, 5);
export const PERSON = 'p-00000000-0000-4000-8000-000000000001';
export const INSTITUTION_KEY = 'the key of the institution at the platform';

/**
 * A platform that remembers: what it took by its key, which codes were shown for what, and what its
 * list refuses. It can be away, and its clock can be another.
 */
export class PlatformFake {
  readonly took = new Map<string, Got>();
  /** Every attempt that it took, in order, repetitions included. */
  readonly attempts: Got[] = [];
  readonly refusals = new Map<string, { readonly status: number; readonly code: string }>();
  readonly used = new Map<string, string>();
  readonly refused: string[] = [];
  readonly notices: any[] = [];
  isAway = false;
  /** Takes a message and breaks the line: no answer comes. */
  cuts = 0;
  offsetMs = 0;
  readonly signer = new CodeSigner(Buffer.alloc(32, 7), 'aes');
  readonly server = createServer((request, response) => {
    this.handle(request, response).catch(() => response.destroy());
  });
  private nonces = 0;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  code({ cardNumber = 'ab'.repeat(32), goodMs = 60_000 } = {}): string {
    const nonce = String(++this.nonces).padStart(32, '0');
    const expiresAt = new Date(this.now().getTime() + goodMs);
    return this.signer.dynamic({ cardNumber, nonce, application: 'app', expiresAt });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const body = text === '' ? undefined : JSON.parse(text);
    const path = request.url ?? '/';
    const answer = (status: number, content: unknown): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(content));
    if (path === '/notices') {
      this.notices.push(body);
      return answer(200, {});
    }
    if (this.isAway) return void request.socket.destroy();
    if (path === '/identity/code-keys') {
      const { keyId, algorithm, publicKey } = this.signer.key;
      const key = { keyId, algorithm, publicKey: publicKey.toString('base64url') };
      return answer(200, { keys: [key], now: this.now().toISOString() });
    }
    if (request.headers.authorization !== `Bearer ${INSTITUTION_KEY}`)
      return answer(401, { code: 'UNAUTHENTICATED' });
    if (path.startsWith('/identity/card-list')) return this.list(path, answer);
    if (path.startsWith('/identity/institutions/'))
      return answer(201, { cardId: 'card-1', status: 'active', number: body.number.slice(-4) });
    if (path === '/v1/persons/resolve') return this.resolve(body, answer);
    const key = String(request.headers['idempotency-key'] ?? '');
    if (request.method !== 'POST') return answer(200, { path });
    const got = { key, path, body };
    const refusal = this.refusals.get(key);
    if (refusal) return answer(refusal.status, { code: refusal.code, details: [{ why: 'so' }] });
    this.attempts.push(got);
    if (!this.took.has(key)) this.took.set(key, got);
    if (this.cuts > 0) {
      this.cuts -= 1;
      return void request.socket.destroy();
    }
    answer(202, { visitId: 'V', events: [{ id: key, type: 'ChargePosted' }] });
  }

  private list(path: string, answer: (status: number, content: unknown) => void): void {
    const after = Number(new URL(path, this.url).searchParams.get('after'));
    const entries = this.refused.slice(after).map((number) => ({
      numberHash: blindIndex(LIST_KEY, 'qr', number),
      list: 'black',
    }));
    answer(200, {
      ...{ hashKey: LIST_KEY.toString('hex'), entries },
      through: after + entries.length,
    });
  }

  private resolve(body: any, answer: (status: number, content: unknown) => void): void {
    const use = body.visitNumber ?? `none ${this.used.size}`;
    const before = this.used.get(body.value);
    if (before !== undefined && before !== use)
      return answer(403, { code: 'CODE_USED', details: [{ why: 'shown elsewhere' }] });
    this.used.set(body.value, use);
    answer(200, { personId: PERSON });
  }
}
