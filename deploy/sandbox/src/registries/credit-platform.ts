import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

export interface CreditPlatformOptions {
  readonly journalFile?: string;
  /** Signs questions and answers. */
  readonly secret: string;
  readonly now?: () => Date;
}

interface Scored {
  readonly personId: string;
  readonly score?: number;
  /** Default: of now. */
  readonly scoredAt?: string;
  readonly expiresAt?: string;
  readonly behaviour?: string;
}

export interface CreditPlatformSandbox {
  /** Answers a request under `/credit-platform/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

const PREFIX = '/credit-platform/';
const DELAY_MS_MAX = 60_000;
const DAY_MS = 86_400_000;
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;

/**
 * A credit platform in small: `POST /credit-platform/scores` `{queryId, personId, at, signature}`
 * answers `{queryId, personId, score, scoredAt, …}` with its signature in `caretab-signature`; 404
 * for whom it has none. `PUT /credit-platform/persons/<personId>` `{score?, scoredAt?, expiresAt?,
 * behaviour?}` gives a person one. Behaviours: `ok` · `late-<ms>` · `silent` · `error-once`: 500 at
 * first · `other-person` · `out-of-range` · `future`: scored tomorrow · `older`: a score of last year ·
 * `forged`: not signed by the secret · `endless`.
 */
export const openCreditPlatform = async (
  options: CreditPlatformOptions,
): Promise<CreditPlatformSandbox> => {
  const { secret, now = () => new Date() } = options;
  const journal = await Journal.open<Scored>(options.journalFile);
  const known = new Map(journal.earlier.map((one) => [one.personId, one]));
  const failed = new Set<string>();

  const sign = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(parts.join('.')).digest('hex');

  const daysAway = (days: number): string =>
    new Date(now().getTime() + days * DAY_MS).toISOString();

  const answerOf = ({ personId, score, scoredAt, expiresAt, behaviour }: Scored) => ({
    personId: behaviour === 'other-person' ? 'p-00000000-0000-4000-8000-000000000000' : personId,
    score: behaviour === 'out-of-range' ? 1001 : score,
    scoredAt:
      behaviour === 'future'
        ? daysAway(1)
        : behaviour === 'older'
          ? daysAway(-365)
          : (scoredAt ?? now().toISOString()),
    ...(expiresAt !== undefined && { expiresAt }),
  });

  const answer = async (
    { personId, queryId }: { readonly personId: string; readonly queryId: string },
    response: ServerResponse,
  ): Promise<void> => {
    const one = known.get(personId) ?? { personId };
    const { behaviour = 'ok' } = one;
    if (behaviour === 'silent') return;
    const delayMs = Number(/^late-(\d{1,5})$/.exec(behaviour)?.[1] ?? 0);
    await sleep(Math.min(delayMs, DELAY_MS_MAX));
    if (behaviour === 'error-once' && !failed.has(personId)) {
      failed.add(personId);
      return answerJson(response, 500, { code: 'INTERNAL' });
    }
    const isKnown = one.score !== undefined;
    const body = isKnown
      ? {
          queryId,
          ...answerOf(one),
          ...(behaviour === 'endless' && { pad: '!'.repeat(LONG_BYTES) }),
        }
      : { queryId, personId, code: 'PERSON_UNKNOWN' };
    const text = JSON.stringify(body);
    const signature = sign(queryId, behaviour === 'forged' ? 'forged' : text);
    response.writeHead(isKnown ? 200 : 404, {
      'content-type': 'application/json',
      'caretab-signature': signature,
    });
    response.end(text);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      const one = { ...(JSON.parse(body) as Omit<Scored, 'personId'>), personId: id };
      known.set(id, one);
      journal.append(one);
      await journal.synced();
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'scores')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const { queryId, personId, at, signature } = JSON.parse(body) as Record<string, string>;
    if (!queryId || !personId || sign(at!, queryId, personId) !== signature)
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    await answer({ personId, queryId }, response);
  };
  return { handle, stop: () => journal.close() };
};
