import { allRoutes, declares, type Route } from '@caretab/contracts';
import type { Platform } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import fc from 'fast-check';
import type { Amount } from './bus';
import { forgedTokens } from './forged-tokens';
import { inputsOf, mutatedJson, mutatedText, wellFormed } from './mutants';
import { digestOf, sideBySide, Tally } from './tally';
import { withWholeId, type WrongCredential } from './wrong-keys';

/** A machine that is busy otherwise is no hang. */
const ANSWER_TIMEOUT_MS = 60_000;
const REPEATS_MAX = 40;
const REPEAT_AFTER_MS = 250;
const HANDS = 16;

/** A sound request to take apart. */
export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where the method has none. */
  readonly body?: unknown;
}

interface Request extends SampleRequest {
  readonly text: string | undefined;
  /** Of a page of another web site. */
  readonly isForeign: boolean;
  /** Its credential is not good for this request. */
  readonly isForbidden: boolean;
}

/** The platform, its services’ true keys, and keys of hospitals that are not good. */
interface Asked extends Pick<Platform, 'url' | 'signingKeyOf'> {
  readonly wrongKeys: fc.Arbitrary<WrongCredential>;
}

const headerMutants = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'x',
      'Bearer',
      'Bearer x',
      'a'.repeat(4000),
      'Basic Og==',
      '\u00ff\u00fe',
    ),
  },
);

/** What a page of another web site sends along. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: 'http://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
];

const pages = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom(...FOREIGN) },
);

const pathOf = (text: string): string =>
  encodeURI(text.startsWith('/') ? wellFormed(text) : `/${wellFormed(text)}`).replace(
    /[#?].*$/,
    '',
  );

const requests = (
  samples: readonly SampleRequest[],
  { url, signingKeyOf, wrongKeys }: Asked,
): fc.Arbitrary<Request> =>
  fc.constantFrom(...samples).chain((sample) =>
    fc
      .record({
        text: sample.body === undefined ? fc.constant(undefined) : mutatedJson([sample.body]),
        path: fc.oneof(
          { weight: 6, arbitrary: fc.constant(sample.path) },
          { weight: 1, arbitrary: mutatedText([sample.path]) },
        ),
        authorization: headerMutants,
        key: headerMutants,
        page: pages,
        wrong: fc.oneof(
          { weight: 20, arbitrary: fc.constant(undefined) },
          {
            weight: 2,
            arbitrary: forgedTokens(url, signingKeyOf).map((token): WrongCredential => ({
              authorization: token,
              mayNot: () => true,
            })),
          },
          { weight: 3, arbitrary: wrongKeys },
        ),
        fresh: fc.uuid(),
      })
      .map(({ text, path: drawn, authorization, key, page, wrong, fresh }) => {
        const path = pathOf(wrong ? withWholeId(drawn) : drawn);
        return {
          ...sample,
          text,
          isForeign: Object.keys(page).length > 0,
          isForbidden: wrong?.mayNot({ method: sample.method, path }) ?? false,
          path,
          headers: {
            'content-type': 'application/json',
            ...sample.headers,
            ...('idempotency-key' in sample.headers && { 'idempotency-key': fresh }),
            ...(authorization !== undefined && { authorization }),
            ...(wrong && { authorization: wrong.authorization }),
            ...(key !== undefined && { 'idempotency-key': key }),
            ...page,
          },
        };
      }),
  );

/** Express' own rule: a slash at the end or none. */
const patterns = allRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** What is answered where no route is reached: by the router and by what stands before it. */
const OF_NO_ROUTE = ['ROUTE_UNKNOWN', 'REQUEST_UNREADABLE', 'NOT_JSON', 'UNAUTHENTICATED'];

const routesOf = ({ method, path }: SampleRequest): readonly Route[] =>
  patterns
    .filter(({ route, pattern }) => route.method === method && pattern.test(path))
    .map(({ route }) => route);

/**
 * JSON and what only looks like it, to every route: each is answered in time, below 500, and a
 * refusal says a code that the route declares.
 */
export const fuzzHttp = async (
  asked: Asked,
  samples: readonly SampleRequest[],
  { count, seed, progress }: Amount,
): Promise<Tally> => {
  const tally = new Tally('HTTP requests');
  await sideBySide(inputsOf(requests(samples, asked), count, seed), HANDS, async (request) => {
    tally.sent += 1;
    const name = `${request.method} ${request.path.slice(0, 60)} ${digestOf(request.text ?? '')}`;
    try {
      const { status, text } = await patientlyAsked(asked.url, request, tally);
      outcome(tally, { name, request }, status, text);
    } catch (error) {
      tally.fault(`${name}: no answer, ${(error as Error).name}`);
    }
    progress(tally.sent);
  });
  return tally;
};

/** A client that is asked to retry does, within bounds. */
const patientlyAsked = async (
  url: string,
  { method, path, headers, text: body }: Request,
  tally: Tally,
): Promise<{ readonly status: number; readonly text: string }> => {
  for (let repeat = 0; ; repeat += 1) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = await response.text();
    if ((response.status !== 429 && response.status !== 503) || repeat === REPEATS_MAX)
      return { status: response.status, text };
    tally.repeats += 1;
    await pause(REPEAT_AFTER_MS);
  }
};

const outcome = (
  tally: Tally,
  { name, request }: { readonly name: string; readonly request: Request },
  status: number,
  text: string,
): void => {
  const code = /"code":"([A-Z_0-9]+)"/.exec(text)?.[1];
  if (request.isForeign) {
    if (code === 'ORIGIN_FORBIDDEN') return tally.count('refused as of another site’s page');
    return tally.fault(`${name}: ${status} for a page of another site`);
  }
  const reached = routesOf(request);
  if (request.isForbidden && status < 300 && reached.some(({ whose }) => whose !== 'public'))
    return tally.fault(`${name}: ${status} for a credential that is not good for it`);
  if (status < 300) return tally.count('accepted');
  if (status === 500 || code === undefined)
    return tally.fault(`${name}: ${status} ${code ?? 'without a code'}`);
  if (reached.length === 0 && !OF_NO_ROUTE.includes(code))
    return tally.fault(`${name}: ${status} ${code}, where there is no route`);
  if (reached.length > 0 && !reached.some((route) => declares(route, code)))
    return tally.fault(`${reached[0]!.action} answers with an undeclared code: ${code}`);
  if (status === 429 || status === 503) return tally.count('asked to come again');
  tally.count(`refused ${status} ${code}`);
};
