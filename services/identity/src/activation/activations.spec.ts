import { createHmac } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { activationsSuite } from '../../test/activations.suite';
import { assertPushed, PublicDataGateway } from './public-data.gateway';

describe('activations in memory', () => activationsSuite(async () => new MemoryStore()));

const secret = 'agreed with the platform';
const now = new Date('2026-03-02T00:00:00Z');
const sign = (...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('.')).digest('hex');
const pushed = (atMs: number, mobile?: string, signed = mobile ?? '') => ({
  ...{ requestId: 'r-1', at: new Date(atMs).toISOString() },
  signature: sign(new Date(atMs).toISOString(), 'r-1', signed),
  ...(mobile !== undefined && { mobile }),
});

test.each([
  ['the secret and of now', pushed(now.getTime(), '13800000001'), secret, true],
  ['the secret, of no number', pushed(now.getTime()), secret, true],
  ['another number', pushed(now.getTime(), '13800000001', '13800000002'), secret, false],
  ['another secret', pushed(now.getTime(), '13800000001'), 'another secret', false],
  ['no secret that is set', pushed(now.getTime(), '13800000001'), undefined, false],
  ['six minutes ago', pushed(now.getTime() - 360_000, '13800000001'), secret, false],
])('an answer signed by %s', (_what, answer, known, isGood) => {
  const check = () => assertPushed(answer, { secret: known, now });
  if (isGood) check();
  else expect(check).toThrow('SIGNATURE_WRONG');
});

const gatewayTo = (answer: (body: unknown) => Promise<Response>) =>
  new PublicDataGateway({
    ...{ url: 'http://registry', secret, timeoutMs: 20, clock: fixedClock(now.toISOString()) },
    fetch: (async (_url: string, init: { body: string; signal: AbortSignal }) =>
      Promise.race([
        answer(JSON.parse(init.body)),
        new Promise((_resolve, reject) => {
          init.signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
      ])) as never,
  });
const question = { requestId: 'r-1', idNumber: '110105194912310021' };

test.each<[string, () => Promise<Response>, string]>([
  ['takes it', async () => new Response(null, { status: 202 }), 'taken'],
  ['fails', async () => new Response('{}', { status: 500 }), 'no-answer'],
  ['is silent', () => new Promise(() => undefined), 'no-answer'],
  ['breaks the line', () => Promise.reject(new Error('reset')), 'no-answer'],
])('a platform that %s', async (_what, answer, expected) => {
  expect(await gatewayTo(answer).ask(question)).toBe(expected);
});

test('what is asked is signed', async () => {
  const asked: any[] = [];
  await gatewayTo(async (body) => {
    asked.push(body);
    return new Response(null, { status: 202 });
  }).ask(question);
  const { at, signature } = asked[0];
  expect(signature).toBe(sign(at, 'r-1', question.idNumber));
});
