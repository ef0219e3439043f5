import 'reflect-metadata';
import { concernedBy, type Jobs } from '@caretab/host';
import { PERSON, policy, till, VISIT } from '../../test/till';
import { ConfirmationController } from './confirmation.controller';
import { Confirmations } from './confirmations';

const ACCOUNT = { channel: 'unionpay', token: 'acct-1:ok' };
const TWO = { declaredBy: 'op-1', approvedBy: 'op-2', evidence: 'camera of the desk, 2 March' };

const opened = async (machine: Parameters<typeof till>[0] = {}, isBound = true) => {
  const made = till(machine);
  if (isBound) await made.accounts.bind(PERSON, ACCOUNT);
  const confirmations = new Confirmations(made);
  return {
    ...made,
    confirmations,
    typed: (changes: Parameters<typeof made.adjudicate>[0] = {}) =>
      made.adjudicate({ presence: 'typed', ...changes }),
    status: async () => (await made.payments.of(VISIT)).status,
    saidTypes: async () => (await made.said()).map(({ type }) => type),
  };
};
const asked = { type: 'PaymentAwaitsConfirmation', amountFen: 30_000 };
const code = (name: string) => expect.objectContaining({ code: name });

describe('a visit that was opened by a typed number', () => {
  test.each([true, false])(
    'is not debited until who pays was asked, account bound: %s',
    async (isBound) => {
      const { typed, workThrough, status, said, payments } = await opened({}, isBound);
      await typed();
      await workThrough();
      expect(await status()).toBe('awaiting-confirmation');
      expect(await said()).toEqual([expect.objectContaining(asked)]);
      expect((await payments.of(VISIT)).orders).toEqual([]);
    },
  );

  test('whose answer it is, is said to the record of access', async () => {
    const { typed, workThrough, confirmations } = await opened();
    await typed();
    await workThrough(1);
    const jobs = { wake: () => undefined } as unknown as Jobs;
    const controller = new ConfirmationController(confirmations, jobs);
    for (const confirmed of [false, true, true]) {
      const asked = { params: { visitId: VISIT }, body: { confirmed } };
      const answer = await controller.confirm(asked as Parameters<typeof controller.confirm>[0]);
      expect(concernedBy(answer)).toEqual([PERSON]);
      expect(answer).toEqual({ visitId: VISIT, confirmed });
    }
  });

  test('is collected once they say yes, and only once', async () => {
    const { typed, workThrough, confirmations, payments, saidTypes } = await opened();
    await typed();
    await workThrough(1);
    await confirmations.answer(VISIT, true);
    await confirmations.answer(VISIT, true);
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
    expect(await saidTypes()).toEqual(['PaymentAwaitsConfirmation', 'PaymentCaptured']);
    await confirmations.answer(VISIT, true);
    await expect(confirmations.answer(VISIT, false)).rejects.toEqual(
      code('CONFIRMATION_NOT_AWAITED'),
    );
  });

  test('is not collected where they say no, and is a case for staff and the hospital', async () => {
    const { typed, workThrough, confirmations, payments, said, openCases } = await opened();
    await typed();
    await workThrough(1);
    await confirmations.answer(VISIT, false);
    await confirmations.answer(VISIT, false);
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'disputed', paidFen: 0, orders: [] });
    const cases = await openCases();
    expect(cases).toMatchObject([
      { kind: 'presence', reason: 'PRESENCE_DENIED', visitId: VISIT, amountFen: 30_000 },
    ]);
    expect((await said()).slice(1)).toMatchObject([
      { type: 'PaymentDisputed', institutionId: 'H1', reason: 'PRESENCE_DENIED' },
    ]);
  });

  test('is collected after all where a yes follows the no', async () => {
    const { typed, workThrough, confirmations, status, openCases } = await opened();
    await typed();
    await workThrough(1);
    await confirmations.answer(VISIT, false);
    await confirmations.answer(VISIT, true);
    await workThrough();
    expect(await status()).toBe('paid');
    expect(await openCases()).toEqual([]);
  });

  test('is asked about again where the due rises, and not where it falls', async () => {
    const { typed, workThrough, said, payments } = await opened();
    await typed();
    await workThrough(1);
    await typed({ revision: 2, patientDueFen: 20_000 });
    await workThrough(1);
    await typed({ revision: 3, patientDueFen: 40_000 });
    await workThrough();
    expect((await said()).map(({ amountFen }) => amountFen)).toEqual([30_000, 40_000]);
    expect((await payments.of(VISIT)).orders).toEqual([]);
  });

  test('that was denied stays so when the due rises, and ends when the hospital takes it back', async () => {
    const { typed, workThrough, confirmations, status, openCases } = await opened();
    await typed();
    await workThrough(1);
    await confirmations.answer(VISIT, false);
    await typed({ revision: 2, patientDueFen: 40_000 });
    await workThrough();
    expect(await status()).toBe('disputed');
    await typed({ revision: 3, patientDueFen: 0, grossFen: 0 });
    await workThrough();
    expect(await status()).toBe('paid');
    expect(await openCases()).toEqual([]);
  });

  test('is paid by an account that is shown; the bound one is debited by nobody’s word', async () => {
    const { typed, workThrough, collections, status, payments } = await opened();
    await typed();
    await workThrough(1);
    await expect(collections.payNow(VISIT, undefined)).rejects.toEqual(code('CONFIRMATION_NEEDED'));
    await collections.payNow(VISIT, { channel: 'unionpay', token: 'poor:declined' });
    await workThrough();
    expect(await status()).toBe('awaiting-confirmation');
    await collections.payNow(VISIT, { channel: 'unionpay', token: 'other:ok' });
    await workThrough();
    const { orders } = await payments.of(VISIT);
    expect(orders.map((order) => order.status)).toEqual(['declined', 'captured']);
    expect(await status()).toBe('paid');
  });
});

test.each(['card', 'code', 'face', undefined] as const)(
  'a visit that was opened by %s is collected without a question',
  async (presence) => {
    const { adjudicate, workThrough, saidTypes, confirmations } = await opened();
    await adjudicate(presence ? { presence } : {});
    await workThrough();
    expect(await saidTypes()).toEqual(['PaymentCaptured']);
    await expect(confirmations.answer(VISIT, false)).rejects.toEqual(
      code('CONFIRMATION_NOT_AWAITED'),
    );
  },
);

test('a region may collect visits of typed numbers as all others', async () => {
  const { typed, workThrough, saidTypes } = await opened({
    policy: { ...policy, presence: { typed: 'collect' } },
  });
  await typed();
  await workThrough();
  expect(await saidTypes()).toEqual(['PaymentCaptured']);
});

describe('the case of a visit that was denied', () => {
  const denied = async () => {
    const made = await opened();
    await made.typed();
    await made.workThrough(1);
    await made.confirmations.answer(VISIT, false);
    const [row] = await made.openCases();
    return { ...made, caseId: row!.caseId };
  };

  test.each([
    ['theirs', 'paid'],
    ['not-theirs', 'disputed'],
  ] as const)('ends as %s by two people, and the visit is %s', async (resolution, then) => {
    const { cases, caseId, workThrough, status, openCases } = await denied();
    await cases.resolve(caseId, { ...TWO, resolution });
    await workThrough();
    expect(await status()).toBe(then);
    expect(await openCases()).toEqual([]);
  });

  test.each(['noted', 'cash', 'won'] as const)('does not end as %s', async (resolution) => {
    const { cases, caseId, openCases } = await denied();
    const ends = cases.resolve(caseId, { ...TWO, resolution });
    await expect(ends).rejects.toEqual(code('RESOLUTION_UNFIT'));
    expect(await openCases()).toHaveLength(1);
  });

  test('is noted where it was paid since', async () => {
    const { cases, caseId, collections, workThrough, openCases } = await denied();
    await collections.payNow(VISIT, { channel: 'unionpay', token: 'other:ok' });
    await workThrough();
    await cases.resolve(caseId, { ...TWO, resolution: 'noted' });
    expect(await openCases()).toEqual([]);
  });
});

test('operators see what waits, page by page, the oldest end first', async () => {
  const { typed, workThrough, confirmations } = await opened();
  for (let number = 1; number <= 103; number++)
    await typed({
      visitId: `H1-${number}`,
      closedAt: new Date(Date.UTC(2026, 2, 2) - number * 60_000).toISOString(),
    });
  await workThrough();
  const first = await confirmations.list('awaiting-confirmation', undefined);
  const rest = await confirmations.list('awaiting-confirmation', first.next);
  const ids = [...first.visits, ...rest.visits].map(({ visitId }) => visitId);
  expect(ids).toEqual(Array.from({ length: 103 }, (_, index) => `H1-${103 - index}`));
  expect(rest.next).toBeUndefined();
  expect(first.visits[0]).toMatchObject({ institutionId: 'H1', openFen: 30_000 });
  expect(await confirmations.list('disputed', undefined)).toEqual({ visits: [], next: undefined });
});

test('only a visit that is known can be confirmed', async () => {
  const { confirmations } = await opened();
  await expect(confirmations.answer('H1-0', true)).rejects.toEqual(code('VISIT_UNKNOWN'));
});
