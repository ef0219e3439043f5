import { twinTokensOf } from '@caretab/host';
import { systemTimers } from '@caretab/kernel';
import { CreditClient } from './credit.adapter';
import { NotificationClient } from './notification.adapter';

const PERSON = 'p-00000000-0000-4000-8000-000000000001';

const answering = (status: number, body: unknown) => {
  const asked: string[] = [];
  const asking = (service: string, url: string) => ({
    url,
    asked: service,
    tokens: twinTokensOf('gateway'),
    timers: systemTimers,
    fetch: async (path: unknown, init: RequestInit = {}) => {
      asked.push(`${init.method} ${String(path)} ${String(init.body ?? '')}`.trim());
      return new Response(JSON.stringify(body), { status });
    },
  });
  return {
    asked,
    credit: new CreditClient('http://credit.test', asking as never),
    notification: new NotificationClient(
      asking('notification', 'http://notification.test') as never,
    ),
  };
};
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    ({ code }: { code: string }) => code,
  );

test('credit says who pays, and is given the desk with the yes', async () => {
  const shown = answering(200, { accountPersonId: PERSON, state: 'awaited' });
  expect(await shown.credit.confirmationOf('H1-V1')).toEqual({
    ...{ personId: PERSON, state: 'awaited' },
  });
  const { asked, credit } = answering(200, {});
  expect(await credit.confirm('H1-V1', true, 'H1')).toBe(true);
  expect(asked).toEqual([
    'POST http://credit.test/credit/visits/H1-V1/confirmation {"agree":true,"desk":"H1"}',
  ]);
  const of = (status: number) => codeOf(answering(status, {}).credit.confirmationOf('H1-V1'));
  expect([await of(404), await of(403), await of(500)]).toEqual([
    ...['VISIT_UNKNOWN', 'CREDIT_UNAVAILABLE', 'CREDIT_UNAVAILABLE'],
  ]);
});

test.each([
  ['none', 'CODE_NOT_SENT'],
  ['too-soon', 'CODES_TOO_MANY'],
  ['too-many', 'CODES_TOO_MANY'],
  ['sent', 'done'],
])('a code that is %s is %s at the edge', async (outcome, code) => {
  const expiresAt = '2026-03-02T09:05:00.000Z';
  const { notification } = answering(200, { outcome, ...(outcome === 'sent' && { expiresAt }) });
  expect(await codeOf(notification.sendVisitCode('H1-V1', PERSON))).toBe(code);
});

test.each([
  [200, { outcome: 'right', triesLeft: 5 }, 'done'],
  [200, { outcome: 'wrong', triesLeft: 4 }, 'CODE_WRONG'],
  [200, { outcome: 'none', triesLeft: 0 }, 'CODE_NOT_AWAITED'],
  [200, {}, 'CODE_NOT_AWAITED'],
  [403, {}, 'NOTIFICATION_UNAVAILABLE'],
  [500, {}, 'NOTIFICATION_UNAVAILABLE'],
])('only what is right confirms: %i %j is %s', async (status, body, code) => {
  const { notification } = answering(status, body);
  expect(await codeOf(notification.checkVisitCode('H1-V1', PERSON, '123456'))).toBe(code);
});
