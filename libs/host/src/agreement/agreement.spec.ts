import type { VisitStanding } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import fc from 'fast-check';
import { Agreement } from './agreement';
import { differingBuckets, disagreements, groupsOf } from './compare';
import { differenceTable, heldAmong } from './difference.table';
import { type Aspect, bucketOf, DayDigest } from './digests';
import type { AgreementSide } from './side';

const DAY = '2026-03-02';
const BOTH: readonly Aspect[] = ['verdicts', 'money'];
const fen = fc.integer({ min: 0, max: 100_000 });
const lines: fc.Arbitrary<VisitStanding[]> = fc.uniqueArray(
  fc.record({
    visitId: fc.integer({ min: 1, max: 500 }).map((number) => `H1-${number}`),
    revision: fc.integer({ min: 1, max: 3 }),
    dueFen: fen,
    payers: fc.uniqueArray(
      fc.record({ payerId: fc.constantFrom('employee', 'resident'), amountFen: fen }),
      { selector: ({ payerId }) => payerId },
    ),
    paidFen: fen,
    refundedFen: fen,
  }),
  { selector: ({ visitId }) => visitId, maxLength: 40 },
);

const digestOf = (visits: readonly VisitStanding[]) => {
  const digest = new DayDigest();
  for (const visit of visits) digest.add(visit);
  return digest.result();
};

/** What may happen to a visit on one side. */
const harm = fc.constantFrom<(line: VisitStanding) => VisitStanding | undefined>(
  (line) => ({ ...line, paidFen: line.paidFen + 1 }),
  (line) => ({ ...line, refundedFen: line.refundedFen + 1 }),
  (line) => ({ ...line, dueFen: line.dueFen + 1 }),
  (line) => ({ ...line, revision: line.revision + 1 }),
  (line) => ({ ...line, payers: [...line.payers, { payerId: 'other', amountFen: 1 }] }),
  () => undefined,
);

test('exactly the visits that differ are found, in the buckets that differ, whatever the order', () => {
  fc.assert(
    fc.property(lines, fc.array(fc.tuple(fc.nat(), harm), { maxLength: 4 }), (ours, harms) => {
      const theirs = new Map(ours.map((line) => [line.visitId, line]));
      const harmed = new Set<string>();
      for (const [at, change] of harms) {
        const line = ours[at % Math.max(ours.length, 1)];
        if (!line || harmed.has(line.visitId)) continue;
        harmed.add(line.visitId);
        const changed = change(line);
        if (changed) theirs.set(line.visitId, changed);
        else theirs.delete(line.visitId);
      }
      const other = [...theirs.values()].reverse();
      const buckets = differingBuckets(digestOf(ours), digestOf(other), BOTH);
      expect(new Set(buckets)).toEqual(new Set([...harmed].map(bucketOf)));
      const found = disagreements(ours, other, BOTH).map(({ visitId }) => visitId);
      expect(new Set(found)).toEqual(harmed);
    }),
  );
});

test('buckets are read in groups of bounded size, each once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 })),
      fc.integer({ min: 1, max: 50 }),
      (sizes, max) => {
        const numbers = sizes.map((_, index) => index);
        const groups = groupsOf(numbers, (bucket) => sizes[bucket]!, max);
        expect(groups.flat()).toEqual(numbers);
        for (const group of groups)
          if (group.length > 1)
            expect(group.reduce((sum, bucket) => sum + sizes[bucket]!, 0)).toBeLessThanOrEqual(max);
      },
    ),
  );
});

const line = (visitId: string, changes: Partial<VisitStanding> = {}): VisitStanding => ({
  visitId,
  revision: 1,
  dueFen: 1000,
  payers: [],
  paidFen: 0,
  refundedFen: 0,
  ...changes,
});

class Side implements AgreementSide {
  isAway = false;
  asked: string[] = [];
  constructor(readonly days: Record<string, VisitStanding[]>) {}

  async day(day: string) {
    if (this.isAway) throw new Error('away');
    this.asked.push(day);
    const earlier =
      Object.keys(this.days)
        .sort()
        .reverse()
        .find((one) => one < day) ?? null;
    return { day, earlier, buckets: digestOf(this.days[day] ?? []) };
  }
  async visits(day: string, buckets: readonly number[]) {
    return {
      visits: (this.days[day] ?? []).filter(({ visitId }) => buckets.includes(bucketOf(visitId))),
    };
  }
}

const world = (ours: Record<string, VisitStanding[]>, theirs: Record<string, VisitStanding[]>) => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const store = new MemoryStore();
  const logged: string[] = [];
  const log = (_: unknown, text?: string): void => void logged.push(String(text));
  const sides = { ours: new Side(ours), theirs: new Side(theirs) };
  const agreement = new Agreement({
    store,
    clock,
    logger: { info: log as never, warn: log as never },
    neighbour: 'ledger',
    ...sides,
    aspects: BOTH,
    isLost: (own, their) => (their?.paidFen ?? 0) > (own?.paidFen ?? 0),
    settleMs: 600_000,
    intervalMs: 300_000,
  });
  return {
    ...sides,
    agreement,
    clock,
    logged,
    held: () => store.transact((transaction) => heldAmong(transaction, ['H1-1', 'H1-2', 'H1-3'])),
    rows: () => store.transact((transaction) => transaction.rows(differenceTable).find({})),
  };
};

test('money that only the neighbour knows of holds the visit at once, and no other', async () => {
  const { agreement, held } = world(
    { [DAY]: [line('H1-1'), line('H1-2')] },
    { [DAY]: [line('H1-1', { paidFen: 1000 }), line('H1-2')] },
  );
  await agreement.runOnce();
  expect(await held()).toEqual(new Set(['H1-1']));
  expect(agreement.state()).toMatchObject({ differences: 1, held: 1 });
});

test('a visit that the neighbour may not have got yet is held only after a while', async () => {
  const { agreement, held, clock, rows } = world(
    { [DAY]: [line('H1-1', { paidFen: 1000 })] },
    { [DAY]: [line('H1-1')] },
  );
  await agreement.compare(DAY);
  expect(await held()).toEqual(new Set());
  expect(await rows()).toMatchObject([{ visitId: 'H1-1', isHeld: false }]);
  clock.advance(599_000);
  await agreement.compare(DAY);
  expect(await held()).toEqual(new Set());
  clock.advance(1_000);
  await agreement.compare(DAY);
  expect(await held()).toEqual(new Set(['H1-1']));
});

test('a visit that goes on changing is not held: messages are under way', async () => {
  const { agreement, held, clock, ours } = world({ [DAY]: [line('H1-1')] }, { [DAY]: [] });
  for (let round = 1; round < 5; round += 1) {
    ours.days[DAY] = [line('H1-1', { revision: round })];
    await agreement.compare(DAY);
    clock.advance(590_000);
  }
  expect(await held()).toEqual(new Set());
});

test('a hold ends by itself at the next comparison that agrees', async () => {
  const { agreement, held, clock, ours, rows } = world(
    { [DAY]: [line('H1-1'), line('H1-2')] },
    { [DAY]: [line('H1-1', { paidFen: 5 }), line('H1-2', { paidFen: 5 })] },
  );
  await agreement.runOnce();
  ours.days[DAY] = [line('H1-1', { paidFen: 5 }), line('H1-2')];
  clock.advance(300_000);
  await agreement.runOnce();
  expect(await held()).toEqual(new Set(['H1-2']));
  ours.days[DAY] = [line('H1-1', { paidFen: 5 }), line('H1-2', { paidFen: 5 })];
  clock.advance(300_000);
  await agreement.runOnce();
  expect(await rows()).toEqual([]);
});

test('every day that either side has is compared after a start, the latest first', async () => {
  const { agreement, theirs, held } = world(
    { '2026-02-01': [line('H1-1')] },
    { '2026-02-01': [line('H1-1')], '2025-12-24': [line('H1-3', { paidFen: 1 })] },
  );
  expect(agreement.isProven(30_000)).toBe(false);
  while ((await agreement.runOnce()) > 0);
  expect(theirs.asked).toEqual([
    '2026-03-03',
    '2026-03-02',
    '2026-03-01',
    '2026-02-01',
    '2025-12-24',
  ]);
  expect(agreement.isProven(30_000)).toBe(true);
  expect(await held()).toEqual(new Set(['H1-3']));
});

test('after the start a round takes the latest days, those with differences, and one older day', async () => {
  const { agreement, theirs, clock } = world(
    {},
    {
      '2026-02-03': [line('H1-1')],
      '2026-02-02': [line('H1-2', { paidFen: 1 })],
      '2026-02-01': [line('H1-3')],
    },
  );
  while ((await agreement.runOnce()) > 0);
  const round = async (): Promise<string[]> => {
    theirs.asked = [];
    clock.advance(300_000);
    await agreement.runOnce();
    return theirs.asked;
  };
  const again = ['2026-02-03', '2026-02-02', '2026-02-01'];
  expect(await round()).toEqual(['2026-03-03', '2026-03-02', ...again, '2026-03-01']);
  expect(await round()).toEqual(['2026-03-03', '2026-03-02', ...again, '2026-02-03']);
  theirs.asked = [];
  await agreement.runOnce();
  expect(theirs.asked).toEqual([]);
});

test('a neighbour that is away is logged once, delays nothing for ever, and is asked again', async () => {
  const { agreement, theirs, clock, logged, held } = world(
    { [DAY]: [line('H1-1'), line('H1-2')] },
    { [DAY]: [line('H1-1', { paidFen: 1000 }), line('H1-2')] },
  );
  theirs.isAway = true;
  for (let times = 0; times < 3; times += 1) expect(await agreement.runOnce()).toBe(0);
  expect(logged).toHaveLength(1);
  expect(agreement.isProven(30_000)).toBe(false);
  clock.advance(30_000);
  expect(agreement.isProven(30_000)).toBe(true);
  expect(agreement.state().failingSince).toBeDefined();
  expect(await held()).toEqual(new Set());
  theirs.isAway = false;
  await agreement.runOnce();
  // What could not be compared at the start is found by the next round.
  expect(await held()).toEqual(new Set(['H1-1']));
  expect(agreement.state().failingSince).toBeUndefined();
  expect(logged.at(-1)).toBe('agreement comparison resumed');
});
