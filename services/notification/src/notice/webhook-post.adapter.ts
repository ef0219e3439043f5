import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
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

const postTo = (
  url: URL,
  { headers, body, timeoutMs }: Parameters<PostWebhook>[0],
  targets: WebhookTargets,
): Promise<WebhookAnswer> =>
  new Promise((answer, fail) => {
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
      agent: false,
      lookup: guardedLookup(url, targets),
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('error', fail);
    request.on('response', (response) => {
      answer({ status: response.statusCode ?? 0, date: response.headers.date });
      response.on('error', () => undefined).destroy(); // No one reads what it says.
    });
    request.end(body);
  });
