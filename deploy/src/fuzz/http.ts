import fc from 'fast-check';
import { inputsOf, mutatedJson, mutatedText, wellFormed } from './mutants';
import { digestOf, sideBySide, Tally } from './tally';

const ANSWER_WITHIN_MS = 20_000;
const HANDS = 16;

/** A sound request to take apart. */
export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Request extends SampleRequest {
  readonly text: string;
}

const headerMutants = fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('', 'x', 'Bearer', 'Bearer x', 'a'.repeat(4000), 'Basic Og==', '\u00ff\u00fe') });

const requests = (samples: readonly SampleRequest[]): fc.Arbitrary<Request> =>
  fc.constantFrom(...samples).chain((sample) =>
    fc.record({ text: mutatedJson([sample.body]), path: fc.oneof({ weight: 6, arbitrary: fc.constant(sample.path) }, { weight: 1, arbitrary: mutatedText([sample.path]) }), authorization: headerMutants, key: headerMutants, fresh: fc.uuid() })
      .map(({ text, path, authorization, key, fresh }) => ({
        ...sample, text, path: encodeURI(path.startsWith('/') ? wellFormed(path) : `/${wellFormed(path)}`).replace(/[#?].*$/, ''),
        headers: { 'content-type': 'application/json', ...sample.headers, ...('idempotency-key' in sample.headers && { 'idempotency-key': fresh }), ...(authorization !== undefined && { authorization }), ...(key !== undefined && { 'idempotency-key': key }) },
      })));

/** JSON and what only looks like it, to every route: each is answered in time, below 500, and a refusal says its code. */
export const fuzzHttp = async (url: string, samples: readonly SampleRequest[], count: number, seed: number): Promise<Tally> => {
  const tally = new Tally('HTTP requests');
  await sideBySide(inputsOf(requests(samples), count, seed), HANDS, async (request) => {
    tally.sent += 1;
    const name = `${request.method} ${request.path.slice(0, 60)} ${digestOf(request.text)}`;
    try {
      const response = await fetch(`${url}${request.path}`, { method: request.method, headers: request.headers, body: request.text, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      outcome(tally, name, response.status, await response.text());
    } catch (error) {
      tally.fault(`${name}: no answer, ${(error as Error).name}`);
    }
  });
  return tally;
};

const outcome = (tally: Tally, name: string, status: number, text: string): void => {
  if (status < 300) return tally.count('accepted');
  const code = /"code":"([A-Z_0-9]+)"/.exec(text)?.[1];
  if (status === 500 || code === undefined) return tally.fault(`${name}: ${status} ${code ?? 'without a code'}`);
  tally.count(`refused ${status} ${code}`);
};
