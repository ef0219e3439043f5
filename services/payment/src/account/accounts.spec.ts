import fc from 'fast-check';
import { PERSON, till, VISIT } from '../../test/till';
import { orderTable } from '../collection/order.table';

const first = { channel: 'unionpay', token: 'acct-1:ok' };
const second = { channel: 'wechat', token: 'acct-2:ok' };
const person = { isPerson: true };
const staff = { isPerson: false };

const shop = async (...bindings: readonly { channel: string; token: string }[]) => {
  const made = till();
  const ids: string[] = [];
  for (const binding of bindings)
    ids.push((await made.accounts.bindFurther(PERSON, binding)).accountId);
  const debits = async () =>
    (await made.store.transact((transaction) => transaction.rows(orderTable).find({}))).map(
      ({ accountId, status }) => [ids.indexOf(accountId!), status],
    );
  const collect = async (dueFen: number, visitId = VISIT) => {
    await made.adjudicate({ visitId, patientDueFen: dueFen });
    await made.collector.runOnce();
    return made.payments.of(visitId);
  };
  return { ...made, ids, debits, collect };
};

describe('a person has several accounts, in an order', () => {
  test('the first is debited, and the next where it declines; each is tried once at least', async () => {
    const declined = [1, 2, 3].map((at) => ({ channel: 'bank', token: `a-${at}:declined` }));
    const { collect, debits, clock, collector, payments } = await shop(...declined, second);
    await collect(30_000);
    for (let retry = 0; retry < 5; retry += 1) {
      clock.advance(60_000);
      await collector.runOnce();
    }
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
    expect((await debits()).sort()).toEqual([
      ...[0, 1, 2].map((at) => [at, 'declined']),
      [3, 'captured'],
    ]);
  });

  test('whom the person puts first is debited first; staff need an approval', async () => {
    const { accounts, ids, collect, debits } = await shop(first, second);
    const turned = [...ids].reverse();
    await expect(accounts.order(PERSON, turned, staff)).rejects.toThrow('APPROVAL_NEEDED');
    await expect(accounts.order(PERSON, ids.slice(1), person)).rejects.toThrow('ACCOUNTS_DIFFER');
    await expect(accounts.order(PERSON, [ids[0]!, ids[0]!], person)).rejects.toThrow(
      'ACCOUNTS_DIFFER',
    );
    await accounts.order(PERSON, ids, staff);
    await accounts.order(PERSON, turned, person);
    await collect(30_000);
    expect(await debits()).toEqual([[1, 'captured']]);
  });

  test('the same account again is one; a sixth is too many; another in first place needs the person', async () => {
    const { accounts, ids } = await shop(first, second);
    expect((await accounts.bindFurther(PERSON, first)).accountId).toBe(ids[0]);
    for (const at of [3, 4, 5])
      await accounts.bindFurther(PERSON, { channel: 'bank', token: `acct-${at}:ok` });
    const other = { channel: 'bank', token: 'other:ok' };
    await expect(accounts.bindFurther(PERSON, other)).rejects.toThrow('ACCOUNTS_TOO_MANY');
    await expect(accounts.bind(PERSON, other)).rejects.toThrow('APPROVAL_NEEDED');
    await accounts.bind(PERSON, { ...other, ...person });
    const { accounts: shown } = await accounts.of(PERSON);
    expect(shown.map(({ channel }) => channel)).toEqual(['bank', 'wechat', 'bank', 'bank', 'bank']);
    await accounts.unbind(PERSON, shown[1]!.accountId);
    expect((await accounts.of(PERSON)).accounts).toHaveLength(4);
  });

  test('an account that its channel does not know, or says nothing of, is not bound', async () => {
    const { accounts } = await shop();
    const bind = (token: string) => accounts.bind(PERSON, { channel: 'bank', token });
    await expect(bind('a:unknown')).rejects.toThrow('ACCOUNT_REFUSED');
    await expect(bind('a:unverified')).rejects.toThrow('CHANNEL_UNAVAILABLE');
    expect((await accounts.of(PERSON)).accounts).toEqual([]);
    await bind('a:ok');
    expect((await accounts.of(PERSON)).accounts).toMatchObject([{ isVerified: true }]);
  });
});

describe('each debit is checked against the mandate of its account', () => {
  const limits = { perPaymentFen: 20_000, perDayFen: 30_000, until: null };

  test('above the limit of a payment another account pays, or the person does', async () => {
    const { accounts, ids, collect, debits } = await shop(first, second);
    await accounts.limit({ personId: PERSON, accountId: ids[0]! }, limits, person);
    expect(await collect(20_001)).toMatchObject({ status: 'paid' });
    expect(await debits()).toEqual([[1, 'captured']]);
    await accounts.unbind(PERSON, ids[1]!);
    expect(await collect(20_001, 'H1-2')).toMatchObject({
      ...{ status: 'declined', declineReason: 'ACCOUNT_LIMIT', orders: [] },
    });
  });

  test('what is taken on a day in China counts together, with what is under way', async () => {
    const { accounts, ids, collect, clock } = await shop(first);
    await accounts.limit({ personId: PERSON, accountId: ids[0]! }, limits, person);
    expect(await collect(20_000, 'H1-1')).toMatchObject({ status: 'paid' });
    expect(await collect(10_001, 'H1-2')).toMatchObject({ declineReason: 'ACCOUNT_LIMIT' });
    expect(await collect(10_000, 'H1-3')).toMatchObject({ status: 'paid' });
    expect((await accounts.of(PERSON)).accounts[0]!.mandate.takenTodayFen).toBe(30_000);
    // 09:00 UTC is 17:00 there: the next day begins seven hours later.
    clock.advance(7 * 3_600_000);
    expect(await collect(20_000, 'H1-4')).toMatchObject({ status: 'paid' });
  });

  test('after its last day it is not debited; staff lengthen or raise it with an approval alone', async () => {
    const { accounts, ids, collect, clock } = await shop(first);
    const account = { personId: PERSON, accountId: ids[0]! };
    await accounts.limit(account, { ...limits, until: '2026-03-02' }, staff);
    for (const more of [
      { ...limits, until: '2026-03-03' },
      { ...limits, until: '2026-03-02', perDayFen: 30_001 },
      { ...limits, until: '2026-03-02', perPaymentFen: null },
    ])
      await expect(accounts.limit(account, more, staff)).rejects.toThrow('APPROVAL_NEEDED');
    clock.advance(24 * 3_600_000);
    expect(await collect(100)).toMatchObject({ declineReason: 'MANDATE_ENDED', orders: [] });
    await expect(
      accounts.limit(account, { ...limits, until: '2026-03-02' }, person),
    ).rejects.toThrow('MANDATE_IMPOSSIBLE');
    await expect(
      accounts.limit(account, { ...limits, perPaymentFen: 30_001 }, person),
    ).rejects.toThrow('MANDATE_IMPOSSIBLE');
    await accounts.limit(account, limits, { ...staff, approvedBy: 'op-2' });
    expect(await collect(100, 'H1-2')).toMatchObject({ status: 'paid' });
  });

  test('the person’s own wish to pay is no debit: no limit holds it up', async () => {
    const { accounts, ids, collect, collections, collector, payments } = await shop(first);
    await accounts.limit({ personId: PERSON, accountId: ids[0]! }, limits, person);
    await collect(50_000);
    await collections.payNow(VISIT, undefined);
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 50_000 });
  });

  test('whatever is due and however limits are set, no account is debited beyond them', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 900 })), {
          ...{ minLength: 1, maxLength: 3 },
        }),
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 8 }),
        async (terms, dues) => {
          const bindings = terms.map((_, at) => ({ channel: 'bank', token: `a-${at}:ok` }));
          const { accounts, ids, adjudicate, collector, store } = await shop(...bindings);
          const capped = terms.map(([payment, day]) => [Math.min(payment, day), day] as const);
          for (const [at, [perPaymentFen, perDayFen]] of capped.entries()) {
            const account = { personId: PERSON, accountId: ids[at]! };
            await accounts.limit(account, { perPaymentFen, perDayFen, until: null }, person);
          }
          for (const [at, patientDueFen] of dues.entries())
            await adjudicate({ visitId: `H1-${at}`, patientDueFen, grossFen: 1000 });
          await collector.runOnce();
          const orders = await store.transact((transaction) =>
            transaction.rows(orderTable).find({}),
          );
          for (const [at, [perPaymentFen, perDayFen]] of capped.entries()) {
            const own = orders.filter(({ accountId }) => accountId === ids[at]);
            const sum = own.reduce((total, { amountFen }) => total + amountFen, 0);
            expect(sum).toBeLessThanOrEqual(perDayFen);
            for (const { amountFen } of own) expect(amountFen).toBeLessThanOrEqual(perPaymentFen);
          }
          // Nothing is turned away that the first account would have permitted alone.
          const [payment, day] = capped[0]!;
          if (dues.some((due) => due <= payment) && Math.max(...dues) <= day)
            expect(orders.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    ));
});
