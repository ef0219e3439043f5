import type { VisitLender } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import fc from 'fast-check';
import { collectionTable } from '../src/collection/collection.table';
import { orderTable } from '../src/collection/order.table';
import { PERSON, till, VISIT } from './till';

export const BANK = { kind: 'bank', lenderId: 'city-bank' } as const satisfies VisitLender;
const BANKS = 'receivable/bank/city-bank';
const due = { lender: BANK, grossFen: 50_000, patientDueFen: 10_000 };

const open = async (store: Store) => {
  const world = till({ store });
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  const balance = async (account: string): Promise<number> =>
    (await world.payments.summary()).trialBalance.accounts[account] ?? 0;
  const orders = (): Promise<number> =>
    store.transact((transaction) => transaction.rows(orderTable).count({}));
  /** Clears the day that is over. */
  const cleared = async (day: number) => {
    world.clock.set(`2026-03-${String(day + 1).padStart(2, '0')}T00:00:00+08:00`);
    const { parties } = await world.clearings.clear(`2026-03-${String(day).padStart(2, '0')}`);
    return Object.fromEntries(
      parties.map(({ party, partyId, amountFen }) => [`${party} ${partyId}`, amountFen]),
    );
  };
  return { world, balance, orders, cleared };
};

/** What a bank lends, held by both stores. */
export const lentSuite = (openStore: () => Promise<Store>, numRuns = 100): void => {
  test('what a bank lends is not collected here, and the citizen learns who collects it', async () => {
    const { world, balance, orders } = await open(await openStore());
    await world.adjudicate(due);
    await world.workThrough();
    expect(await world.payments.of(VISIT)).toMatchObject({
      ...{ status: 'lent', dueFen: 10_000, lentFen: 10_000, owedFen: 0, paidFen: 0, orders: [] },
      lender: { party: 'bank', partyId: 'city-bank' },
    });
    for (const offered of [undefined, { channel: 'alipay', token: 'b:ok' }])
      await expect(world.collections.payNow(VISIT, offered)).rejects.toThrow('BANK_COLLECTS');
    await world.workThrough();
    expect(await orders()).toBe(0);
    expect(await world.said()).toEqual([]);
    expect(await balance(BANKS)).toBe(10_000);
    expect(await balance('receivable/patients')).toBe(0);
    expect(await world.payments.summary()).toMatchObject({ owedFen: 0, lentFen: 10_000 });
  });

  test('the bank pays the hospital the next day, and what is taken back lowers its claim', async () => {
    const { world, balance, cleared } = await open(await openStore());
    await world.adjudicate(due);
    expect(await cleared(2)).toEqual({
      ...{ 'bank city-bank': -10_000, 'institution H1': 50_000, 'insurer employee': -40_000 },
    });
    expect(await balance(BANKS)).toBe(0);
    expect(await balance('in-payout/bank/city-bank')).toBe(10_000);
    await world.adjudicate({ ...due, revision: 2, grossFen: 47_000, patientDueFen: 8_800 });
    await world.workThrough();
    expect(await world.payments.of(VISIT)).toMatchObject({
      ...{ status: 'lent', lentFen: 8_800, owedFen: 0, refunds: [], orders: [] },
    });
    expect(await cleared(3)).toEqual({
      ...{ 'bank city-bank': 1_200, 'institution H1': -3_000, 'insurer employee': 1_800 },
    });
    await world.payouts.book('2026-03-02', {
      ...{ party: 'bank', partyId: 'city-bank', amountFen: -10_000, bankReference: 'B-1' },
      ...{ valueDate: '2026-03-03', evidence: 'statement 61' },
      ...{ declaredBy: 'op-1', approvedBy: 'op-2' },
    });
    expect(await balance('in-payout/bank/city-bank')).toBe(-1_200);
  });

  test('a visit keeps its lender, and its due is not written off', async () => {
    const { world } = await open(await openStore());
    await world.adjudicate(due);
    for (const lender of [{ kind: 'bank', lenderId: 'other-bank' }, undefined] as const)
      await expect(world.adjudicate({ ...due, revision: 2, lender })).rejects.toThrow(
        'MESSAGE_IMPOSSIBLE',
      );
    await expect(
      world.writeOffs.writeOff(VISIT, {
        ...{ amountFen: 10_000, reason: 'UNTRACEABLE', evidence: 'minutes 7 of 2026' },
        ...{ declaredBy: 'op-1', approvedBy: 'op-2' },
      }),
    ).rejects.toThrow('WRITE_OFF_IMPOSSIBLE');
  });

  const lender = fc.constantFrom<VisitLender>(
    ...[BANK, { kind: 'bank', lenderId: 'b-bank' } as const, { kind: 'hospital' } as const],
  );
  const step = fc.oneof(
    fc.record({ dueFen: fc.nat(20_000), partsFen: fc.nat(20_000) }),
    fc.constantFrom('pay' as const, 'clear' as const),
  );
  test('however verdicts, days and citizens meet, each fen of a bank is in one book, and none is debited', async () => {
    await fc.assert(
      fc.asyncProperty(lender, fc.array(step, { maxLength: 8 }), async (lends, steps) => {
        const store = await openStore();
        const { world, balance, orders, cleared } = await open(store);
        const isBank = lends.kind === 'bank';
        let [revision, dueFen, day, bankFen] = [0, 0, 2, 0];
        const party = isBank ? `bank ${lends.lenderId}` : '';
        for (const happens of steps) {
          if (happens === 'clear') bankFen += (await cleared(day++))[party] ?? 0;
          else if (happens === 'pay')
            await world.collections.payNow(VISIT, undefined).catch(() => undefined);
          else {
            dueFen = happens.dueFen;
            await world.adjudicate({
              ...{ lender: lends, revision: (revision += 1), patientDueFen: dueFen },
              grossFen: dueFen + happens.partsFen,
            });
          }
          await world.collector.runOnce();
          await world.refunder.runOnce();
        }
        bankFen += (await cleared(day))[party] ?? 0;
        const { accounts, differenceFen } = (await world.payments.summary()).trialBalance;
        expect(differenceFen).toBe(0);
        expect(await balance('receivable/patients')).toBe(0);
        const banks = Object.entries(accounts).filter(([account]) => account.includes('/bank/'));
        if (!isBank) return expect(banks).toEqual([]);
        expect(await orders()).toBe(0);
        expect(bankFen).toBe(0 - dueFen);
        expect(await balance(`receivable/bank/${lends.lenderId}`)).toBe(0);
        expect(await balance(`in-payout/bank/${lends.lenderId}`)).toBe(dueFen);
        const row = await store.transact((transaction) =>
          transaction.rows(collectionTable).get({ visitId: VISIT }),
        );
        expect(row?.status).toBe(revision === 0 ? undefined : dueFen > 0 ? 'lent' : 'paid');
      }),
      { numRuns },
    );
  });
};
