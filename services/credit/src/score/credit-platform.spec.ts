import { createHmac } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { CreditPlatformGateway } from './credit-platform.gateway';

const SECRET = 'known to both of them';
const PERSON = 'p-00000000-0000-4000-8000-000000000001';
const question = { queryId: 'query-1', personId: PERSON };
const clock = fixedClock('2026-03-02T00:00:00Z');
const sign = (...parts: readonly string[]): string =>
  createHmac('sha256', SECRET).update(parts.join('.')).digest('hex');
const right = { ...question, score: 640, scoredAt: '2026-03-01T00:00:00.000Z' };

/** The gateway before a platform that answers this. */
const answered = (
  body: unknown,
  { status = 200, signed = true }: { readonly status?: number; readonly signed?: boolean } = {},
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'caretab-signature': sign(question.queryId, signed ? text : 'forged') };
  const asked: unknown[] = [];
  const fetch = async (_url: unknown, { body: sent }: RequestInit = {}): Promise<Response> => {
    asked.push(JSON.parse(sent as string));
    return new Response(text, { status, headers });
  };
  const options = { url: 'http://platform', secret: SECRET, timeoutMs: 100, clock };
  const gateway = new CreditPlatformGateway({
    ...options,
    fetch: fetch as typeof globalThis.fetch,
  });
  return { asked, answer: () => gateway.ask(question) };
};

test('a score is asked for by a signed question, and taken from a signed answer', async () => {
  const { asked, answer } = answered({ ...right, expiresAt: '2027-03-01T00:00:00.000Z' });
  expect(await answer()).toMatchObject({
    status: 'scored',
    scored: { score: 640, scoredAt: new Date('2026-03-01'), expiresAt: new Date('2027-03-01') },
  });
  const at = clock.now().toISOString();
  expect(asked).toEqual([{ ...question, at, signature: sign(at, 'query-1', PERSON) }]);
});

test.each([
  ['another person', { personId: 'p-00000000-0000-4000-8000-000000000002' }, 'PERSON_DIFFERS'],
  ['another question', { queryId: 'query-2' }, 'QUERY_DIFFERS'],
  ['a score above the scale', { score: 1001 }, 'SCORE_MALFORMED'],
  ['a score that is no whole number', { score: 640.5 }, 'SCORE_MALFORMED'],
  ['a field that there is not', { mobile: '13900000000' }, 'SCORE_MALFORMED'],
  [
    'an ID number in a reason',
    { reasons: [{ zh: '330102199001011234', en: 'x' }] },
    'SCORE_MALFORMED',
  ],
  ['a moment that is none', { scoredAt: '2026-02-30T00:00:00Z' }, 'SCORE_MALFORMED'],
  ['tomorrow', { scoredAt: '2026-03-03T00:00:00.000Z' }, 'SCORED_IN_FUTURE'],
  [
    'an end before its beginning',
    { expiresAt: '2026-02-01T00:00:00.000Z' },
    'EXPIRES_BEFORE_SCORED',
  ],
])('%s is a contradiction', async (_what, changes, reason) => {
  expect(await answered({ ...right, ...changes }).answer()).toEqual({
    status: 'contradiction',
    reason,
  });
});

test.each([
  ['by no secret of ours', right, { signed: false }],
  ['a failure', right, { status: 500 }],
  ['no JSON', 'gateway timeout', {}],
  ['a 404 of a proxy', { code: 'NOT_FOUND' }, { status: 404, signed: false }],
  ['endless', { ...right, pad: '!'.repeat(100_000) }, {}],
])('an answer %s is none', async (_what, body, options) => {
  expect(await answered(body, options).answer()).toEqual({ status: 'no-answer' });
});

test('a signed 404 says that it has no score of the person', async () => {
  expect(await answered({ ...question, code: 'PERSON_UNKNOWN' }, { status: 404 }).answer()).toEqual(
    {
      status: 'unknown',
    },
  );
});

test('a platform that never answers is left after the timeout', async () => {
  const fetch = (_url: unknown, { signal }: RequestInit = {}): Promise<Response> =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const options = { url: 'http://platform', secret: SECRET, timeoutMs: 20, clock };
  const gateway = new CreditPlatformGateway({
    ...options,
    fetch: fetch as typeof globalThis.fetch,
  });
  expect(await gateway.ask(question)).toEqual({ status: 'no-answer' });
});
