import { isDay } from '@caretab/contracts';
import fc from 'fast-check';
import type { Answered, ReplacedAnswer, TamperingProxy } from './tampering-proxy';
import { inputsOf, mutatedBytes, mutatedJson } from './mutants';
import { digestOf, Tally } from './tally';

/** A machine that is busy otherwise is no hang. */
const ANSWER_TIMEOUT_MS = 60_000;

/** How an answer is spoilt; made before there is one, so that the same seed spoils alike. */
interface Spoiling {
  readonly status: number | undefined;
  readonly contentType: string;
  readonly seed: number;
  readonly whole: Buffer | undefined;
}

const spoilings = fc.record({
  status: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 409, 418, 429, 500, 503),
    },
  ),
  contentType: fc.constantFrom('application/json', 'application/json', 'text/html', ''),
  seed: fc.nat(),
  whole: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: mutatedBytes([
        '',
        'null',
        '[]',
        '{}',
        '"x"',
        '<html><body>Bad gateway</body></html>',
        '['.repeat(50_000),
        '{"entries":[]}',
        '{"entries":{}}',
        '{"code":"PERSON_UNKNOWN"}',
        '{"personId":"p-1"}',
      ]),
    },
  ),
});

const spoilt = ({ status, body }: Answered, spoiling: Spoiling): ReplacedAnswer => {
  const json = (): Buffer => {
    try {
      return Buffer.from(
        fc.sample(mutatedJson([JSON.parse(body.toString('utf8'))]), {
          seed: spoiling.seed,
          numRuns: 1,
        })[0]!,
        'utf8',
      );
    } catch {
      return body;
    }
  };
  return {
    status: spoiling.status ?? status,
    contentType: spoiling.contentType,
    body: spoiling.whole ?? json(),
  };
};

/** One question to the platform whose answer depends on another server's. */
interface Question {
  readonly door: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Asking {
  readonly url: string;
  readonly apiKey: string;
  readonly operatorKey: string;
  readonly visitId: string;
  readonly idNumbers: readonly string[];
  /** Days (Asia/Shanghai) of which the acquirer has a statement. */
  readonly days: readonly string[];
  readonly acquirer: TamperingProxy;
  /** Identity and the ledger, as the gateway and notification ask them. */
  readonly platform: TamperingProxy;
}

const questions = ({
  apiKey,
  operatorKey,
  visitId,
  idNumbers,
  days,
}: Asking): fc.Arbitrary<Question> => {
  const authorization = `Bearer ${apiKey}`;
  return fc.oneof(
    fc.constantFrom(...days).map((day): Question => ({
      door: 'statement',
      method: 'GET',
      path: `/payment/reconciliation/${day}`,
      headers: { authorization: `Bearer ${operatorKey}` },
    })),
    // An authenticated caller gets the fault of the body; another gets the fault of the key.
    fc.uuid().map((fresh): Question => ({
      door: 'institution',
      method: 'POST',
      path: '/v1/visits',
      headers: { authorization: `Bearer nobodys-${fresh}`, 'idempotency-key': fresh },
      body: {},
    })),
    fc.tuple(fc.uuid(), fc.constantFrom(...idNumbers)).map(([fresh, value]): Question => ({
      door: 'person',
      method: 'POST',
      path: '/v1/visits',
      headers: { authorization, 'idempotency-key': fresh },
      body: {
        visitNumber: fresh.slice(0, 18).replaceAll('-', '.'),
        visitClass: 'outpatient',
        startedAt: '2026-03-02T09:00:00Z',
        credential: { type: 'id-number', value },
      },
    })),
    fc.constant<Question>({
      door: 'visit',
      method: 'GET',
      path: `/v1/visits/${encodeURIComponent(visitId)}`,
      headers: { authorization },
    }),
  );
};

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Every entry of a statement that was taken is matched or listed. */
const isAccountedFor = (text: string, statement: unknown): boolean => {
  const { matched, onlyTheirs, amountsDiffer, others } = JSON.parse(text) as {
    matched: number;
    onlyTheirs: unknown[];
    amountsDiffer: unknown[];
    others: unknown[];
  };
  return (
    Array.isArray((statement as { entries?: unknown } | null)?.entries) &&
    matched + onlyTheirs.length + amountsDiffer.length + others.length ===
      (statement as { entries: unknown[] }).entries.length
  );
};

/** What another server is asked for a question at a door: the end of the path. */
const judgedBy = ({ door, path }: Question): string =>
  door === 'statement'
    ? `/statement?date=${path.split('/').at(-1)!}`
    : door === 'institution'
      ? '/institutions/authenticate'
      : door === 'person'
        ? '/persons/resolve'
        : '';

/** Whether identity's answer, as it arrived, names a person or an institution at all. */
const names = (
  instead: ReplacedAnswer | undefined,
  field: 'personId' | 'institutionId',
  pattern: RegExp,
): boolean =>
  instead?.status === 200 &&
  pattern.test(String((parsed(instead.body) as Record<string, unknown> | null)?.[field]));

const outcome = (
  tally: Tally,
  { door, path }: Question,
  instead: ReplacedAnswer | undefined,
  { status, text }: { readonly status: number; readonly text: string },
): void => {
  const name = `${door} ${digestOf(path, instead?.body ?? '')}`;
  const code = /"code":"([A-Z_0-9]+)"/.exec(text)?.[1];
  if (status === 429 || status === 503) return tally.count(`${door}: asked to come again`);
  if (status >= 500 || (status >= 400 && code === undefined))
    return tally.fault(`${name}: ${status} ${code ?? 'without a code'}`);
  if (
    door === 'institution' &&
    status !== 401 &&
    !names(instead, 'institutionId', /^[A-Z0-9]{2,20}$/)
  )
    return tally.fault(`${name}: a key that is nobody's was let in`);
  if (status >= 400) return tally.count(`${door}: refused ${status} ${code}`);
  if (door === 'statement' && !isAccountedFor(text, instead && parsed(instead.body)))
    return tally.fault(`${name}: entries of the statement are neither matched nor listed`);
  if (door === 'person' && !names(instead, 'personId', /^p-[0-9a-f-]{36}$/))
    return tally.fault(`${name}: a visit was begun for nobody`);
  tally.count(`${door}: ${door === 'statement' ? 'every entry matched or listed' : 'answered'}`);
};

/**
 * Bodies that come in as answers: the acquirer's statements, identity's and the ledger's answers to
 * the gateway. Each question is asked while its answer is spoilt on the way: it is answered,
 * refused with a code, or to be asked again; nothing is let in that was not named, and no entry of
 * a statement is lost.
 */
export const fuzzAnswers = async (
  asking: Asking,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Tally> => {
  const tally = new Tally('answers of others');
  if (!asking.days.every(isDay)) throw new Error('a day of a statement is no day');
  try {
    for (const [question, spoiling] of inputsOf(
      fc.tuple(questions(asking), spoilings),
      count,
      seed,
    )) {
      let instead: ReplacedAnswer | undefined;
      const meddle = (answered: Answered): ReplacedAnswer => {
        const replaced = spoilt(answered, spoiling);
        // A question may lead to several answers, as of the days beside one; this one is judged.
        if (answered.path.endsWith(judgedBy(question))) instead = replaced;
        return replaced;
      };
      [asking.acquirer.meddle, asking.platform.meddle] = [
        question.door === 'statement' ? meddle : () => undefined,
        question.door === 'statement' ? () => undefined : meddle,
      ];
      tally.sent += 1;
      try {
        const response = await fetch(`${asking.url}${question.path}`, {
          method: question.method,
          headers: {
            ...question.headers,
            ...(question.body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(question.body !== undefined && { body: JSON.stringify(question.body) }),
          signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        });
        outcome(tally, question, instead, { status: response.status, text: await response.text() });
      } catch (error) {
        tally.fault(`${question.door}: no answer, ${(error as Error).name}`);
      }
    }
  } finally {
    [asking.acquirer.meddle, asking.platform.meddle] = [() => undefined, () => undefined];
  }
  return tally;
};
