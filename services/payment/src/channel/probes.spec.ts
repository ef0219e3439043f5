import type { Channel, RefundOutcome } from './channel';
import { PERSON, till, VISIT } from '../../test/till';
import { type Answer, readRefund } from './answer';

const TIMEOUT = { status: 'no-answer', silence: 'timeout' } as const;

/** A till with one refund that the bank answers so, again and again, and a bank that can be away. */
const refunding = async (refundAnswer: Answer) => {
  const bank = { isAway: false, refundsAsked: 0 };
  const refused = async (order: Parameters<Channel['refund']>[0]): Promise<RefundOutcome> => {
    bank.refundsAsked += 1;
    return bank.isAway ? TIMEOUT : readRefund(order, refundAnswer);
  };
  const made = till({
    channel: (real): Channel => ({
      pay: async (order) => (bank.isAway ? TIMEOUT : real.pay(order)),
      findPayment: async (order) => (bank.isAway ? TIMEOUT : real.findPayment(order)),
      refund: refused,
      findRefund: refused,
      statement: (date) => real.statement(date),
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await made.adjudicate();
  await made.workThrough(2);
  await made.adjudicate({ revision: 2, patientDueFen: 0 });
  await made.workThrough(1);
  const statusOf = async (visitId: string): Promise<string> =>
    (await made.payments.of(visitId)).status;
  return { ...made, bank, statusOf };
};

test('a refund that is refused with a code of the bank’s own ends in a case, and opens no circuit', async () => {
  const { workThrough, watch, openCases, bank, said } = await refunding({
    status: 409,
    body: { code: 4711 },
  });
  await workThrough();
  expect(watch.degradations()).toEqual([]);
  expect(await openCases()).toMatchObject([{ kind: 'refund', reason: 'BANK_4711' }]);
  expect((await said()).at(-1)).toMatchObject({ type: 'RefundRefused', reason: 'BANK_4711' });
  // Once, and after each of the two delays.
  expect(bank.refundsAsked).toBe(3);
});

test.each<[string, Answer]>([
  ['is refused with a code of the bank’s own', { status: 409, body: { code: 4711 } }],
  ['cannot be read', { status: 409, body: {} }],
])(
  'a refund whose answer %s keeps no visit waiting, before and after an outage',
  async (_, answer) => {
    const { adjudicate, workThrough, collector, refunder, clock, watch, bank, statusOf } =
      await refunding(answer);
    for (let visit = 1; visit <= 8; visit += 1) {
      await adjudicate({ visitId: `H1-${visit}` });
      await collector.runOnce();
      await refunder.runOnce();
      clock.advance(1000);
      expect(await statusOf(`H1-${visit}`)).toBe('paid');
      expect(watch.degradations()).toEqual([]);
    }
    bank.isAway = true;
    for (let visit = 11; visit <= 16; visit += 1) await adjudicate({ visitId: `H1-${visit}` });
    await workThrough(4);
    expect(watch.degradations()).toHaveLength(1);
    bank.isAway = false;
    await adjudicate({ visitId: 'H1-20' });
    // The refund asks first each time: two probes at four seconds, and the others may go.
    for (let second = 0; second < 12; second += 1) {
      clock.advance(1000);
      await refunder.runOnce();
      await collector.runOnce();
    }
    expect(watch.degradations()).toEqual([]);
    await workThrough(4);
    for (const visitId of ['H1-11', 'H1-16', 'H1-20']) expect(await statusOf(visitId)).toBe('paid');
    expect(await statusOf(VISIT)).toBe('refund-owed');
  },
);
