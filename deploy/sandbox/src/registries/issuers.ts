import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

export interface IssuersOptions {
  readonly journalFile?: string;
  /** Signs questions and answers. */
  readonly secret: string;
  readonly now?: () => Date;
}

interface Token {
  readonly token: string;
  readonly idNumber?: string;
  readonly name?: string;
  readonly insuranceNumber?: string;
  readonly holderId?: string;
  /** The hospital that it was made for; absent: any. */
  readonly institutionId?: string;
  readonly expiresAt?: string;
  readonly behaviour?: string;
}

/** A token was decoded: for this request alone. */
interface Decoded {
  readonly token: string;
  readonly requestId: string;
}

export interface IssuersSandbox {
  /** Answers a request under `/issuers/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

const PREFIX = '/issuers/';
const DELAY_MS_MAX = 60_000;
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;
/** A card's static code may be shown again. */
const STATIC = /^[0-9a-f]{64}:1$/;

/**
 * Issuers of codes in small: `POST /issuers/decode` `{requestId, kind, token, institutionId, at,
 * signature}` answers `{requestId, outcome, …}` with its signature in `caretab-signature`. Outcomes:
 * `decoded`, `unknown`, `expired`, `used`, `other-institution`. `PUT /issuers/tokens/<token>` makes one.
 * Behaviours: `ok` · `late-<ms>` · `silent` · `error-once` · `forged`: not signed by the secret ·
 * `other-request`: the answer to another question · `other-person`: a name that is no one's · `endless`.
 */
export const openIssuers = async (options: IssuersOptions): Promise<IssuersSandbox> => {
  const { secret, now = () => new Date() } = options;
  const journal = await Journal.open<Token | Decoded>(options.journalFile);
  const known = new Map<string, Token>();
  const decoded = new Map<string, string>();
  for (const entry of journal.earlier)
    if ('requestId' in entry) decoded.set(entry.token, entry.requestId);
    else known.set(entry.token, entry);
  const failed = new Set<string>();

  const sign = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(parts.join('.')).digest('hex');

  const outcomeOf = (one: Token | undefined, requestId: string, institutionId: string): string => {
    if (!one) return 'unknown';
    if (one.institutionId !== undefined && one.institutionId !== institutionId)
      return 'other-institution';
    if (one.expiresAt !== undefined && Date.parse(one.expiresAt) <= now().getTime())
      return 'expired';
    if (STATIC.test(one.token)) return 'decoded';
    return (decoded.get(one.token) ?? requestId) === requestId ? 'decoded' : 'used';
  };

  const answer = async (
    asked: { readonly requestId: string; readonly token: string; readonly institutionId: string },
    response: ServerResponse,
  ): Promise<void> => {
    const { requestId, token, institutionId } = asked;
    const one = known.get(token);
    const { behaviour = 'ok' } = one ?? {};
    if (behaviour === 'silent') return;
    const delayMs = Number(/^late-(\d{1,5})$/.exec(behaviour)?.[1] ?? 0);
    await sleep(Math.min(delayMs, DELAY_MS_MAX));
    if (behaviour === 'error-once' && !failed.has(token)) {
      failed.add(token);
      return answerJson(response, 500, { code: 'INTERNAL' });
    }
    const outcome = outcomeOf(one, requestId, institutionId);
    if (outcome === 'decoded' && !decoded.has(token)) {
      decoded.set(token, requestId);
      journal.append({ token, requestId });
      await journal.synced();
    }
    const { idNumber, name, insuranceNumber, holderId } = one ?? {};
    const said = behaviour === 'other-person' ? '查无此人' : name;
    const text = JSON.stringify({
      requestId: behaviour === 'other-request' ? 'another' : requestId,
      outcome,
      ...(outcome === 'decoded' && { idNumber, name: said, insuranceNumber, holderId }),
      ...(behaviour === 'endless' && { pad: '!'.repeat(LONG_BYTES) }),
    });
    const signature = sign(behaviour === 'forged' ? 'forged' : requestId, text);
    response.writeHead(200, {
      'content-type': 'application/json',
      'caretab-signature': signature,
    });
    response.end(text);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id = ''] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'tokens' && id !== '') {
      const one = { ...(JSON.parse(body) as Omit<Token, 'token'>), token: decodeURIComponent(id) };
      known.set(one.token, one);
      journal.append(one);
      await journal.synced();
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'decode')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const asked = JSON.parse(body) as Record<string, string>;
    const { requestId = '', kind = '', token = '', institutionId = '', at = '' } = asked;
    if (sign(at, requestId, kind, institutionId, token) !== asked['signature'])
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    await answer({ requestId, token, institutionId }, response);
  };
  return { handle, stop: () => journal.close() };
};
