import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

export interface PublicDataOptions {
  readonly journalFile?: string;
  /** Signs questions and answers. */
  readonly secret: string;
  /** Where answers are pushed. */
  readonly answersUrl: string;
  readonly now?: () => Date;
}

/** What is registered of an ID number, and how the platform behaves when it is asked about it. */
interface Registered {
  readonly idNumber: string;
  /** Absent: it has none. */
  readonly mobile?: string;
  readonly behaviour?: string;
}

export interface PublicDataSandbox {
  /** Answers a request under `/public-data/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

interface Question {
  readonly requestId: string;
  readonly idNumber: string;
  readonly at: string;
  readonly signature: string;
}

const PREFIX = '/public-data/';
const DELAY_MS_MAX = 60_000;
const PUSHES_MAX = 10;
const PUSH_PAUSE_MS = 500;
const PUSH_TIMEOUT_MS = 2_000;
/** Whose it is that a liar says afterwards. */
const ANOTHER = '13900000000';

/**
 * A public-data platform in small: `POST /public-data/questions` `{requestId, idNumber, at,
 * signature}` is taken with 202, and which mobile number is registered is pushed to the answers' URL
 * later. `PUT /public-data/persons/<idNumber>` `{mobile?, behaviour?}` registers one; of others it has
 * none. Behaviours: `ok` · `late-<ms>` · `silent`: it takes the question and never answers ·
 * `error-once`: 500 at first · `forged`: its answer is not signed by the secret · `liar`: after its
 * answer comes another.
 */
export const openPublicData = async (options: PublicDataOptions): Promise<PublicDataSandbox> => {
  const { secret, answersUrl, now = () => new Date() } = options;
  const journal = await Journal.open<Registered>(options.journalFile);
  const registered = new Map(journal.earlier.map((one) => [one.idNumber, one]));
  const failed = new Set<string>();
  const ending = new AbortController();

  const sign = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(parts.join('.')).digest('hex');

  const push = async (requestId: string, mobile: string | undefined, isForged: boolean) => {
    for (let pushes = 0; pushes < PUSHES_MAX && !ending.signal.aborted; pushes += 1) {
      const at = now().toISOString();
      const signature = sign(at, requestId, isForged ? 'forged' : (mobile ?? ''));
      const answered = await fetch(answersUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ requestId, at, signature, ...(mobile && { mobile }) }),
        signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      }).catch(() => undefined);
      await answered?.body?.cancel();
      if (answered && answered.status < 500) return;
      await sleep(PUSH_PAUSE_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };

  const pushBack = async ({ requestId, idNumber }: Question): Promise<void> => {
    const { mobile, behaviour = 'ok' } = registered.get(idNumber) ?? { idNumber };
    if (behaviour === 'silent') return;
    const delayMs = Number(/^late-(\d{1,5})$/.exec(behaviour)?.[1] ?? 0);
    await sleep(Math.min(delayMs, DELAY_MS_MAX), undefined, { signal: ending.signal });
    await push(requestId, mobile, behaviour === 'forged');
    if (behaviour === 'liar') await push(requestId, ANOTHER, false);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      const one = { ...(JSON.parse(body) as Omit<Registered, 'idNumber'>), idNumber: id };
      registered.set(id, one);
      journal.append(one);
      await journal.synced();
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'questions')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const question = JSON.parse(body) as Question;
    const { requestId, idNumber, at, signature } = question;
    if (sign(at, requestId, idNumber) !== signature)
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    const { behaviour } = registered.get(idNumber) ?? {};
    if (behaviour === 'error-once' && !failed.has(idNumber)) {
      failed.add(idNumber);
      return answerJson(response, 500, { code: 'INTERNAL' });
    }
    response.writeHead(202).end();
    pushBack(question).catch(() => undefined);
  };

  return {
    handle,
    stop: async () => {
      ending.abort();
      await journal.close();
    },
  };
};
