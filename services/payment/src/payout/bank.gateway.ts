import { createHash, createHmac } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { boundedText } from '@caretab/host';
import { type Clock, DomainError } from '@caretab/kernel';
import { sameSecret } from '@caretab/security';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Bank, BankReport, FileToSend, Found, Sent } from './bank';
import { reasonOf } from './iso20022/status-report';

export interface BankGatewayOptions {
  readonly url: string;
  /** Signs what we send, and what the bank answers. */
  readonly secret: string;
  readonly timeoutMs: number;
  /** Of a whole report. */
  readonly reportTimeoutMs: number;
  readonly clock: Clock;
  /** Default: the machine's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const ANSWER_BYTES_MAX = 256 * 1024;
/** A statement of some million movements. */
const REPORT_BYTES_MAX = 4 * 1024 ** 3;
const ReportId = Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' });
const FileAnswer = Type.Object({
  messageId: Type.String(),
  status: Type.Union([Type.Literal('taken'), Type.Literal('refused'), Type.Literal('unknown')]),
  reason: Type.Optional(Type.String({ maxLength: 100 })),
});
const ReportsAnswer = Type.Object({
  reports: Type.Array(
    Type.Object({
      reportId: ReportId,
      kind: Type.Union([
        Type.Literal('pain.002'),
        Type.Literal('camt.053'),
        Type.Literal('camt.054'),
      ]),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
    { maxItems: 100 },
  ),
});

/**
 * The bank over HTTP: files are put, reports are fetched. Requests are signed as those to the
 * acquirer; an answer is signed over the moment of its request, so that an older one is none.
 */
export class BankGateway implements Bank {
  constructor(private readonly options: BankGatewayOptions) {}

  async send({ messageId, content }: FileToSend): Promise<Sent> {
    const answer = await this.ask('PUT', `/files/${messageId}`, FileAnswer, content);
    if (answer?.messageId !== messageId || answer.status === 'unknown')
      return { status: 'no-answer' };
    if (answer.status === 'taken') return { status: 'taken' };
    return { status: 'refused', reason: reasonOf(answer.reason) ?? 'REFUSED_WITHOUT_REASON' };
  }

  async find(messageId: string): Promise<Found> {
    const answer = await this.ask('GET', `/files/${messageId}`, FileAnswer);
    if (answer?.messageId !== messageId) return { status: 'no-answer' };
    // A file that was refused is not there: sending it again brings the refusal.
    return { status: answer.status === 'taken' ? 'taken' : 'unknown' };
  }

  async reports(after?: string): Promise<readonly BankReport[]> {
    const from = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    const answer = await this.ask('GET', `/reports${from}`, ReportsAnswer);
    if (!answer) throw new DomainError('BANK_UNAVAILABLE', 'conflict', { what: 'reports' });
    return answer.reports;
  }

  async *content({ reportId, sha256 }: BankReport): AsyncGenerator<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'caretab-bank-'));
    const path = join(folder, 'report.xml');
    try {
      await this.download(reportId, { path, sha256 });
      yield* createReadStream(path) as AsyncIterable<Buffer>;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Whole, before a byte of it counts: a forged end would come after money had moved. */
  private async download(
    reportId: string,
    { path, sha256 }: { readonly path: string; readonly sha256: string },
  ): Promise<void> {
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        done(bytes > REPORT_BYTES_MAX ? new Error('the report is too long') : null, chunk);
      },
    });
    const what = { what: 'report', reportId };
    try {
      const response = await this.fetched('GET', `/reports/${reportId}`, {
        timeoutMs: this.options.reportTimeoutMs,
      });
      if (!response.ok || !response.body) throw new Error(`the bank answered ${response.status}`);
      await pipeline(
        Readable.fromWeb(response.body as ReadableStream),
        measure,
        createWriteStream(path, { mode: 0o600 }),
      );
    } catch (error) {
      throw Object.assign(new DomainError('BANK_UNAVAILABLE', 'conflict', what), { cause: error });
    }
    if (hash.digest('hex') !== sha256)
      throw new DomainError('BANK_UNAVAILABLE', 'conflict', { ...what, why: 'its hash differs' });
  }

  /** An answer that the bank signed for this request and that is of its form; else undefined. */
  private async ask<Schema extends TSchema>(
    method: 'GET' | 'PUT',
    path: string,
    schema: Schema,
    content?: string,
  ): Promise<Static<Schema> | undefined> {
    const { secret, timeoutMs } = this.options;
    try {
      const timestamp = String(this.options.clock.now().getTime());
      const response = await this.fetched(method, path, { content, timeoutMs, timestamp });
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      const signature = hmac(secret, `${timestamp}.${response.status}.${text}`);
      if (!sameSecret(response.headers.get('caretab-signature') ?? '', signature)) return undefined;
      const body: unknown = JSON.parse(text);
      return Value.Check(schema, body) ? body : undefined;
    } catch {
      // Time-out, refused or broken connection, no JSON: nothing is known.
      return undefined;
    }
  }

  private fetched(
    method: 'GET' | 'PUT',
    path: string,
    {
      content = '',
      timeoutMs,
      timestamp = String(this.options.clock.now().getTime()),
    }: {
      readonly content?: string | undefined;
      readonly timeoutMs: number;
      readonly timestamp?: string;
    },
  ): Promise<Response> {
    const { url, secret, fetch = globalThis.fetch } = this.options;
    return fetch(`${url}${path}`, {
      method,
      headers: {
        ...(content && { 'content-type': 'application/xml' }),
        'caretab-timestamp': timestamp,
        'caretab-signature': hmac(secret, `${timestamp}.${method}.${path}.${content}`),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(content && { body: content }),
    });
  }
}

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');
