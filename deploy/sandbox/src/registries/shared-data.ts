import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

export interface SharedDataOptions {
  readonly journalFile?: string;
  /** Signs questions. */
  readonly secret: string;
}

interface Insured {
  readonly idNumber: string;
  readonly behaviour: string;
}

export interface SharedDataSandbox {
  /** Answers a request under `/shared-data/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

const PREFIX = '/shared-data/';
const ANSWERS: readonly string[] = ['insured', 'not-insured', 'name-differs'];
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;

/**
 * The bureau's shared data in small: `POST /shared-data/insured` `{idNumber, name, at, signature}`
 * answers `{answer}`. Everyone is insured, but for whom `PUT /shared-data/persons/<idNumber>`
 * `{behaviour}` says otherwise: `not-insured` · `name-differs` · `silent`: no answer · `error-once`: 500
 * at first · `liar`: an answer that there is not, and endless.
 */
export const openSharedData = async (options: SharedDataOptions): Promise<SharedDataSandbox> => {
  const journal = await Journal.open<Insured>(options.journalFile);
  const known = new Map(journal.earlier.map((one) => [one.idNumber, one.behaviour]));
  const failed = new Set<string>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      const { behaviour } = JSON.parse(body) as { readonly behaviour: string };
      known.set(id, behaviour);
      journal.append({ idNumber: id, behaviour });
      await journal.synced();
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'insured')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const { idNumber, name, at, signature } = JSON.parse(body) as Record<string, string>;
    const expected = createHmac('sha256', options.secret).update(`${at}.${idNumber}.${name}`);
    if (expected.digest('hex') !== signature)
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    const behaviour = known.get(idNumber!) ?? 'insured';
    if (behaviour === 'silent') return;
    if (behaviour === 'liar')
      return answerJson(response, 200, { answer: 'insured'.padEnd(LONG_BYTES, '!') });
    if (behaviour === 'error-once' && !failed.has(idNumber!)) {
      failed.add(idNumber!);
      return answerJson(response, 500, { code: 'INTERNAL' });
    }
    const answer = ANSWERS.includes(behaviour) ? behaviour : 'insured';
    answerJson(response, 200, { answer });
  };
  return { handle, stop: () => journal.close() };
};
