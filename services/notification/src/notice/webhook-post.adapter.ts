import { lookup as resolve, type LookupAddress } from 'node:dns';
import { Agent as PlainAgent, request as plainRequest, type Agent } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { activeTraceparent, inSpan } from '@caretab/telemetry';
import type { WebhookTargets } from './webhook-target.adapter';

export interface WebhookAnswer {
  readonly status: number;
  /** The receiver's time, as its answer says it. */
  readonly date: string | undefined;
}

/** Posts a body, and follows no redirect. Throws TargetForbidden, or as a connection does. */
export type PostWebhook = (webhook: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}) => Promise<WebhookAnswer>;

/** Nothing was sent: the address is not a receiver's. */
export class TargetForbidden extends Error {}

/**
 * Names are resolved for the connection that is then made: what was looked up before could have
 * changed meanwhile (DNS rebinding).
 */
const guardedLookup =
  (url: URL, targets: WebhookTargets): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
      const isForbidden = addresses.some(({ address }) => !targets.mayGo(url, address));
      const failure = error ?? (isForbidden ? new TargetForbidden('a private address') : null);
      const [first] = addresses;
      if (failure || !first) callback(failure ?? new Error('no address'), '', 4);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

/** Posts by HTTP, only where `targets` lets it go. */
export const guardedPost =
  (targets: WebhookTargets): PostWebhook =>
  (webhook) => {
    const url = new URL(webhook.url);
    return inSpan('POST', { kind: 'client', attributes: attributesOf(url) }, () =>
      postTo(url, webhook, targets),
    );
  };

/** The path stays out: an address that a hospital registered may hold a secret. */
const attributesOf = ({ hostname, port, protocol }: URL): Record<string, string | number> => ({
  'http.request.method': 'POST',
  'url.scheme': protocol.slice(0, -1),
  'server.address': hostname,
  'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
});

/** A connection waits so long for the next webhook to its receiver; of answers so much is read for it. */
const KEPT_MS = 2_000;
const KEPT_MAX = 8;
const ANSWER_BYTES_MAX = 16 * 1024;
const KEPT = { keepAlive: true, maxFreeSockets: KEPT_MAX, timeout: KEPT_MS } as const;
const agents = { 'http:': new PlainAgent(KEPT), 'https:': new TlsAgent(KEPT) } as const;
/** How a receiver's end of a kept connection looks. */
const ENDED = new Set(['ECONNRESET', 'EPIPE']);

const postTo = (
  url: URL,
  webhook: Parameters<PostWebhook>[0],
  targets: WebhookTargets,
  agent: Agent | false = agents[url.protocol as keyof typeof agents],
): Promise<WebhookAnswer> =>
  new Promise((answer, fail) => {
    const { headers, body, timeoutMs } = webhook;
    const traceparent = activeTraceparent();
    const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) && !targets.mayGo(url, literal))
      return fail(new TargetForbidden('a private address'));
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
      method: 'POST',
      headers: {
        ...headers,
        ...(traceparent && { traceparent }),
        'content-length': Buffer.byteLength(body),
      },
      agent,
      lookup: guardedLookup(url, targets),
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // It ended while it was kept. A webhook may come twice, so it goes over a connection of its own.
      const isStale = request.reusedSocket && ENDED.has(error.code ?? '');
      if (isStale) postTo(url, webhook, targets, false).then(answer, fail);
      else fail(error);
    });
    request.on('response', (response) => {
      answer({ status: response.statusCode ?? 0, date: response.headers.date });
      // No one reads what it says: only so much that its connection can be kept.
      let bytes = 0;
      response.on('error', () => undefined);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) response.destroy();
      });
    });
    request.end(body);
  });
