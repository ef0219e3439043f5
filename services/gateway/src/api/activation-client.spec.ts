import type { OwnActivationBody } from '@caretab/contracts';
import { twinTokensOf } from '@caretab/host';
import { fixedClock } from '@caretab/doubles';
import { systemTimers } from '@caretab/kernel';
import { ActivationBudget } from './activation-budget';
import { ActivationClient } from './activation.adapter';
import { hospitalOf } from './institution.guard';

const activation = {
  ...{ activationId: 'a-1', personId: 'p-1', purpose: 'service', channel: 'kiosk' },
  ...{ status: 'awaiting-code', attempt: 1, mobile: '138****0001' },
};
const typed: OwnActivationBody = {
  ...{ name: '王五', idNumber: '33010619791026602X', mobile: '13800000001' },
  channel: 'kiosk',
};

const answering = (status: number, body: object) => {
  const asked: string[] = [];
  const client = new ActivationClient({
    ...{ url: 'http://identity.test', asked: 'identity' },
    ...{ tokens: twinTokensOf('gateway'), timers: systemTimers },
    fetch: async (url, init) => {
      asked.push(`${init?.method} ${String(url)} ${String(init?.body)}`);
      return new Response(JSON.stringify(body), { status });
    },
  });
  return { client, asked };
};

test('a kiosk opens the service and nothing else, and is shown no number', async () => {
  const { client, asked } = answering(201, activation);
  const begun = await client.begin(typed, hospitalOf('H1'));
  const { mobile: _, ...shown } = activation;
  expect(begun).toEqual({ activation: shown, created: true });
  expect(asked).toEqual([
    `POST http://identity.test/identity/activations ${JSON.stringify({ ...typed, purpose: 'service' })}`,
  ]);
});

test.each([
  [409, 'CODE_WRONG', 'CODE_WRONG'],
  [404, 'ACTIVATION_UNKNOWN', 'ACTIVATION_UNKNOWN'],
  [403, 'ACCESS_FORBIDDEN', 'IDENTITY_UNAVAILABLE'],
  [401, 'UNAUTHENTICATED', 'IDENTITY_UNAVAILABLE'],
  [500, 'INTERNAL', 'IDENTITY_UNAVAILABLE'],
])('an answer of %s %s is %s', async (status, code, expected) => {
  const details = [{ field: '/code', why: 'it is another' }];
  const { client } = answering(status, { code, details });
  const refused = client.giveCode('a-1', '123456', hospitalOf('H1'));
  await expect(refused).rejects.toMatchObject({
    code: expected,
    ...(expected === code && { details: { field: '/code', why: 'it is another' } }),
  });
});

test('a hospital that begins too many is refused, alone, and may come again', () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const alarms: string[] = [];
  const exhausted = (institutionId: string): void => void alarms.push(institutionId);
  const budget = new ActivationBudget({ clock, perHourMax: 20, exhausted });
  budget.take('H1');
  budget.take('H1');
  expect(() => budget.take('H1')).toThrow('ACTIVATIONS_TOO_MANY');
  budget.take('H2');
  expect(alarms).toEqual(['H1']);
  clock.advance(3 * 60_000);
  budget.take('H1');
});
