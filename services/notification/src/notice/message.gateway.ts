import { inSpan } from '@caretab/telemetry';
import type { Messages, SendOutcome } from './outlets';

/** The provider is away or full: certainly not taken, as its protocol with us says. */
const NOT_TAKEN = [408, 425, 429, 503];
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];

/**
 * Messages by HTTP, to an SMS provider or to the app's push service: one `POST` of JSON each, the
 * notice's id as `idempotency-key`. 2xx: taken · 408, 425, 429, 503: not taken, may be tried again ·
 * other 4xx: never (a number out of use, a person who has not bound the app) · anything else is
 * unknown.
 */
export class MessageGateway implements Messages {
  constructor(
    private readonly options: {
      readonly name: 'SMS' | 'app';
      readonly url: string;
      /** Sent as a bearer token; none where the provider asks for none. */
      readonly token: string | undefined;
      readonly timeoutMs: number;
      readonly fetch?: typeof globalThis.fetch | undefined;
    },
  ) {}

  async send({ noticeId, ...message }: Parameters<Messages['send']>[0]): Promise<SendOutcome> {
    const { name, url, token, timeoutMs, fetch = globalThis.fetch } = this.options;
    try {
      const response = await inSpan(name, { kind: 'client', attributes: addressOf(url) }, () =>
        fetch(url, {
          method: 'POST',
          body: JSON.stringify({ messageId: noticeId, ...message }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            'content-type': 'application/json',
            'idempotency-key': noticeId,
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
        }),
      );
      await response.body?.cancel(); // What it says may quote the number.
      if (response.ok) return 'sent';
      if (NOT_TAKEN.includes(response.status)) return 'not-sent';
      return response.status >= 400 && response.status < 500 ? 'refused' : 'unknown';
    } catch (error) {
      const { code } = ((error as { cause?: unknown }).cause ?? error) as { code?: string };
      return code !== undefined && NEVER_CONNECTED.includes(code) ? 'not-sent' : 'unknown';
    }
  }
}

const addressOf = (url: string): { 'server.address': string; 'server.port': number } => {
  const { hostname, port, protocol } = new URL(url);
  return {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
};
