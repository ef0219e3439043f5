import type { PaymentOutcome, RefundOutcome } from '../channel/channel';
import { PERSON, policy, till, VISIT } from '../../test/till';
import { CaseWatch } from './case-watch';

/** A refund that the bank answers so, until `answer` changes. */
const refunding = async (first: RefundOutcome) => {
  const bank: { answer: RefundOutcome | undefined } = { answer: first };
  const made = till({
    channel: (real) => ({
      pay: (order) => real.pay(order),
      findPayment: (order) => real.findPayment(order),
      refund: async (order) => bank.answer ?? real.refund(order),
      findRefund: async (order) => bank.answer ?? real.findRefund(order),
      statement: (date) => real.statement(date),
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await made.adjudicate();
  await made.workThrough(2);
  await made.adjudicate({ revision: 2, patientDueFen: 0 });
  const lines: string[] = [];
  const log = (...[, line]: readonly unknown[]): void => void lines.push(String(line));
  const watch = new CaseWatch({ store: made.store, logger: { warn: log, info: log } });
  return { ...made, bank, watch, lines };
};

test('a refund that the bank refused is owed, since its case is open, until it ends', async () => {
  const { workThrough, watch, lines, adjudicate, openCases } = await refunding({
    status: 'refused',
    reason: 'ACCOUNT_CLOSED',
  });
  await watch.look();
  expect(watch.degradations()).toEqual([]);
  await workThrough();
  await watch.look();
  const [open] = await openCases();
  expect(watch.degradations()).toEqual([
    {
      what: 'refunds owed',
      why: expect.stringMatching(/^1 were not made by the bank.*payment-cases/),
      since: open?.openedAt,
    },
  ]);
  await adjudicate({ revision: 3, patientDueFen: 30_000 });
  await workThrough();
  await watch.look();
  expect(watch.degradations()).toEqual([]);
  expect(lines).toEqual(['refunds owed: they wait for an operator', 'no refunds owed any more']);
});

test('a refund without an answer for long is in doubt', async () => {
  const { workThrough, watch, clock } = await refunding({
    status: 'no-answer',
    silence: 'timeout',
  });
  await workThrough();
  clock.advance(policy.unknownAfterMs);
  await workThrough();
  await watch.look();
  expect(watch.degradations()).toMatchObject([
    { what: 'refunds in doubt', why: expect.stringContaining('1 have no outcome') },
  ]);
});

const AT = new Date('2026-03-02T09:00:00Z');
const TWO = { declaredBy: 'Li Na', approvedBy: 'Wang Wei', evidence: 'letter 2026-117' };
const taken = { status: 'captured', amountFen: 30_000, reference: 'r-1', at: AT } as const;

test.each<[string, PaymentOutcome]>([
  ['DECLINED_AFTER_CAPTURED', { status: 'declined', reason: 'INSUFFICIENT_FUNDS' }],
  ['UNKNOWN_AFTER_CAPTURED', { status: 'not-found' }],
  ['CAPTURED_OTHERWISE', { ...taken, reference: 'r-2' }],
  ['CURRENCY_DIFFERS', { status: 'contradiction', reason: 'CURRENCY_DIFFERS', answered: {} }],
])(
  'a captured order that the bank contradicts is in health until its case ends: %s',
  async (reason, said) => {
    const bank: { answer: PaymentOutcome } = { answer: taken };
    const { store, accounts, adjudicate, workThrough, declarations, payments, openCases, cases } =
      till({
        channel: (real) => ({
          pay: async () => bank.answer,
          findPayment: async () => bank.answer,
          refund: (order) => real.refund(order),
          findRefund: (order) => real.findRefund(order),
          statement: (date) => real.statement(date),
        }),
      });
    const watch = new CaseWatch({
      store,
      logger: { warn: () => undefined, info: () => undefined },
    });
    await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
    await adjudicate();
    await workThrough(1);
    const { orders } = await payments.of(VISIT);
    bank.answer = said;
    await declarations.inquire(orders[0]!.orderId);
    await watch.look();
    const [open] = await openCases();
    expect(open).toMatchObject({ reason });
    expect(watch.degradations()).toEqual([
      {
        what: 'orders contradicted',
        why: expect.stringMatching(/^1 have ended otherwise.*payment-cases\.md/),
        since: open?.openedAt,
      },
    ]);
    await cases.resolve(open!.caseId, { ...TWO, resolution: 'noted' });
    await watch.look();
    expect(watch.degradations()).toEqual([]);
  },
);
