import type { Store } from '@caretab/store';
import fc from 'fast-check';
import { collectionTable } from '../src/collection/collection.table';
import type { WriteOff } from '../src/write-off/write-offs';
import { writeOffTable } from '../src/write-off/write-off.table';
import { PERSON, till, VISIT } from './till';

export const decision = (amountFen: number): WriteOff => ({
  ...{ amountFen, reason: 'COLLECTION_ENDED', evidence: 'minutes 7 of 2026' },
  ...{ declaredBy: 'op-1', approvedBy: 'op-2' },
});

/** A visit of 300 CNY due whose collection finally failed. */
export const declinedDue = async (store: Store) => {
  const world = till({ store });
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:declined' });
  await world.adjudicate();
  await world.workThrough();
  const visit = () => world.payments.of(VISIT);
  const pays = async (token: string): Promise<void> => {
    await world.collections.payNow(VISIT, { channel: 'unionpay', token });
    await world.workThrough(4);
  };
  const balance = async (account: string): Promise<number> =>
    (await world.payments.summary()).trialBalance.accounts[account] ?? 0;
  return { world, visit, pays, balance };
};

const PATIENTS = 'receivable/patients';
const FUND = 'payable/funder/pay-after-visit-fund';

/** What is written off of the visit by the movements, and by its collection. */
const writtenOff = (store: Store) =>
  store.transact(async (transaction) => {
    const movements = await transaction.rows(writeOffTable).find({ visitId: VISIT });
    const row = await transaction.rows(collectionTable).get({ visitId: VISIT });
    const byMovements = movements.reduce(
      (sum, { kind, amountFen }) => sum + (kind === 'written-off' ? amountFen : -amountFen),
      0,
    );
    return { byMovements, byCollection: row!.writtenOffFen, row: row! };
  });

/** What is written off by two persons, held by both stores. */
export const writeOffSuite = (open: () => Promise<Store>): void => {
  test('is written off by two persons: out of the books, still owed, and asked for no more', async () => {
    const { world, visit, balance } = await declinedDue(await open());
    expect(await balance(PATIENTS)).toBe(30_000);
    await world.writeOffs.writeOff(VISIT, decision(30_000));
    expect(await visit()).toMatchObject({
      ...{ status: 'written-off', owedFen: 30_000, writtenOffFen: 30_000, nextAttemptAt: null },
    });
    expect(await balance(PATIENTS)).toBe(0);
    expect(await balance(FUND)).toBe(30_000);
    const before = world.memoryChannel.payments.size;
    await world.workThrough();
    expect(world.memoryChannel.payments.size).toBe(before);
    expect((await world.said()).at(-1)).toMatchObject({
      ...{ type: 'DueWrittenOff', amountFen: 30_000, writtenOffFen: 30_000 },
    });
  });

  test('never twice, no other amount, not by one person, and only what was finally declined', async () => {
    const { world, visit } = await declinedDue(await open());
    await expect(world.writeOffs.writeOff(VISIT, decision(29_999))).rejects.toMatchObject({
      ...{ code: 'WRITE_OFF_DIFFERS', details: { owedFen: 30_000 } },
    });
    expect(() =>
      world.writeOffs.writeOff(VISIT, { ...decision(30_000), approvedBy: 'op-1' }),
    ).toThrow('two people');
    await world.writeOffs.writeOff(VISIT, decision(30_000));
    await expect(world.writeOffs.writeOff(VISIT, decision(30_000))).rejects.toThrow(
      'WRITE_OFF_IMPOSSIBLE',
    );
    await expect(world.writeOffs.writeOff('H1-none', decision(1))).rejects.toThrow('VISIT_UNKNOWN');
    expect(await visit()).toMatchObject({ writtenOffFen: 30_000 });
    await world.adjudicate({ visitId: 'H1-open' });
    await expect(world.writeOffs.writeOff('H1-open', decision(30_000))).rejects.toThrow(
      'WRITE_OFF_IMPOSSIBLE',
    );
  });

  test('a later payment is a recovery: a part first, then the rest', async () => {
    const { world, visit, pays, balance } = await declinedDue(await open());
    await world.writeOffs.writeOff(VISIT, decision(30_000));
    world.clock.advance(1000);
    await pays('a:part');
    expect(await visit()).toMatchObject({
      ...{ status: 'written-off', paidFen: 12_000, owedFen: 18_000, writtenOffFen: 18_000 },
    });
    await pays('a:ok');
    expect(await visit()).toMatchObject({ status: 'paid', owedFen: 0, writtenOffFen: 0 });
    for (const account of [PATIENTS, FUND]) expect(await balance(account)).toBe(0);
    const reduced = (await world.said()).filter(({ type }) => type === 'WriteOffReduced');
    expect(reduced).toMatchObject([
      { amountFen: 12_000, writtenOffFen: 18_000, reason: 'PAID' },
      { amountFen: 18_000, writtenOffFen: 0, reason: 'PAID' },
    ]);
    const { rows } = await world.writeOffs.list(VISIT, undefined);
    expect(rows.map(({ kind }) => kind)).toEqual(['written-off', 'recovered', 'recovered']);
  });

  test('a payment that fails leaves it written off, and no collection begins anew', async () => {
    const { world, visit, pays } = await declinedDue(await open());
    await world.writeOffs.writeOff(VISIT, decision(30_000));
    await pays('a:declined');
    expect(await visit()).toMatchObject({ status: 'written-off', nextAttemptAt: null });
    expect((await world.said()).at(-1)).toMatchObject({ type: 'PaymentDeclined', final: false });
  });

  test('a verdict that makes less due takes so much of the write-off back; more is collected alone', async () => {
    const { world, visit } = await declinedDue(await open());
    await world.writeOffs.writeOff(VISIT, decision(30_000));
    await world.adjudicate({ revision: 2, patientDueFen: 20_000 });
    expect(await visit()).toMatchObject({ status: 'written-off', writtenOffFen: 20_000 });
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok', approvedBy: 'op-2' });
    await world.adjudicate({ revision: 3, patientDueFen: 25_000 });
    await world.workThrough();
    expect(await visit()).toMatchObject({
      ...{ status: 'written-off', paidFen: 5000, owedFen: 20_000, writtenOffFen: 20_000 },
    });
    await world.adjudicate({ revision: 4, patientDueFen: 5000 });
    expect(await visit()).toMatchObject({ status: 'paid', owedFen: 0, writtenOffFen: 0 });
  });
};

const step = fc.oneof(
  fc.constantFrom('write-off', 'pays', 'pays a part', 'fails', 'time'),
  fc.integer({ min: 0, max: 50_000 }),
);

/** Whatever comes in whatever order, the sums hold. */
export const writeOffSums = (open: () => Promise<Store>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const store = await open();
      const { world, visit, pays, balance } = await declinedDue(store);
      let revision = 1;
      for (const each of steps) {
        const { row } = await writtenOff(store);
        const owedFen = row.dueFen - row.capturedFen + row.refundingFen - row.writtenOffFen;
        if (typeof each === 'number')
          await world.adjudicate({ revision: (revision += 1), patientDueFen: each });
        else if (each === 'write-off')
          await world.writeOffs.writeOff(VISIT, decision(owedFen)).catch(() => undefined);
        else if (each === 'time') await world.workThrough(4);
        else await pays({ pays: 'a:ok', 'pays a part': 'a:part', fails: 'a:declined' }[each]!);
      }
      await world.workThrough();
      const { byMovements, byCollection } = await writtenOff(store);
      expect(byCollection).toBe(byMovements);
      const shown = await visit();
      expect(shown.writtenOffFen).toBe(byCollection);
      expect(shown.writtenOffFen).toBeLessThanOrEqual(Math.max(0, shown.owedFen));
      expect(await balance(PATIENTS)).toBe(shown.owedFen - shown.writtenOffFen);
      expect(await balance(FUND)).toBe(shown.writtenOffFen);
      const { trialBalance } = await world.payments.summary();
      expect(trialBalance.differenceFen).toBe(0);
    }),
    { numRuns: 60 },
  );
