import { DomainError } from '@caretab/kernel';
import { PERSON, till } from '../../test/till';
import type { StatementEntry } from '../channel/channel';
import { daysToReconcile } from './reconciler';

const DAY = '2026-03-02';
const HOUR_MS = 3_600_000;

/** A visit paid on the day, and a bank whose statements can be altered. */
const world = async () => {
  const bank = {
    asked: [] as string[],
    isAway: false,
    alter: (rows: readonly StatementEntry[]): readonly StatementEntry[] => rows,
  };
  const made = till({
    channel: (real) => ({
      pay: (order) => real.pay(order),
      findPayment: (order) => real.findPayment(order),
      refund: (order) => real.refund(order),
      findRefund: (order) => real.findRefund(order),
      statement: async (date) => {
        bank.asked.push(date);
        if (bank.isAway) throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
        return { entries: date === DAY ? bank.alter((await real.statement(date)).entries) : [] };
      },
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await made.adjudicate();
  await made.workThrough(2);
  made.clock.set('2026-03-03T09:00:00+08:00');
  const run = async () => {
    bank.asked.length = 0;
    await made.reconciler.runOnce();
    return (await made.reconciler.list()).rows[0]!;
  };
  return { ...made, bank, run };
};

test('the days that are compared are ten, and begin an hour after the end of the latest', () => {
  const days = daysToReconcile(new Date('2026-03-03T00:59:59+08:00'));
  expect(days).toHaveLength(10);
  expect([days[0], days[9]]).toEqual(['2026-03-01', '2026-02-20']);
  expect(daysToReconcile(new Date('2026-03-03T01:00:00+08:00'))[0]).toBe(DAY);
});

test('each day that is over is reconciled by itself, once a day, and today is not', async () => {
  const { run, bank, clock, reconciler } = await world();
  expect(await run()).toMatchObject({ date: DAY, matched: 1, matchedFen: 30_000, onlyOurs: 0 });
  expect(bank.asked).toHaveLength(10);
  expect(bank.asked).not.toContain('2026-03-03');
  expect(reconciler.degradations()).toEqual([]);
  clock.advance(23 * HOUR_MS);
  await run();
  // Only the day that ended since.
  expect(bank.asked).toEqual(['2026-03-03']);
  clock.advance(HOUR_MS);
  await run();
  expect(bank.asked).toHaveLength(9);
});

test.each([
  ['a movement that only the bank has', 'onlyTheirs', [{ kind: 'refund', id: 'r', amountFen: 5 }]],
  ['a chargeback', 'others', [{ kind: 'chargeback', id: 'o', amountFen: -5 }]],
  ['a row of a kind that we do not know', 'others', [{ kind: 'bonus', id: 'o', amountFen: 1 }]],
] as const)('%s degrades the health with its day, until it agrees', async (_, field, extra) => {
  const { run, bank, clock, reconciler } = await world();
  bank.alter = (rows) => [...rows, ...extra];
  const since = clock.now();
  expect(await run()).toMatchObject({ [field]: 1, differsSince: since });
  expect(reconciler.degradations()).toMatchObject([{ what: `reconciliation of ${DAY}`, since }]);
  clock.advance(HOUR_MS);
  expect(await run()).toMatchObject({ [field]: 1, differsSince: since, reconciledAt: clock.now() });
  expect(bank.asked).toEqual([DAY]);
  bank.alter = (rows) => rows;
  clock.advance(HOUR_MS);
  expect(await run()).toMatchObject({ [field]: 0, differsSince: null, differences: [] });
  expect(reconciler.degradations()).toEqual([]);
});

test('what only we have, and another amount, are kept with both amounts', async () => {
  const { run, bank, clock } = await world();
  bank.alter = (rows) => rows.map((row) => ({ ...row, amountFen: 7 }));
  expect(await run()).toMatchObject({
    amountsDiffer: 1,
    differences: [{ what: 'amounts-differ', kind: 'capture', oursFen: 30_000, theirsFen: 7 }],
  });
  bank.alter = () => [];
  clock.advance(HOUR_MS);
  expect(await run()).toMatchObject({
    onlyOurs: 1,
    amountsDiffer: 0,
    differences: [{ what: 'only-ours', kind: 'capture', oursFen: 30_000, theirsFen: null }],
  });
});

test('a fee is no difference', async () => {
  const { run, bank } = await world();
  bank.alter = (rows) => [...rows, { kind: 'fee', id: 'march', amountFen: 3 }];
  expect(await run()).toMatchObject({ matched: 1, others: 0, differsSince: null });
});

test('a bank that is away is asked once a turn, logged once, and its days are reconciled later', async () => {
  const { run, bank, reconciler, logged } = await world();
  bank.isAway = true;
  expect(await run()).toBeUndefined();
  await run();
  expect(bank.asked).toHaveLength(1);
  expect(logged.filter((line) => line.startsWith('reconciliation failed'))).toHaveLength(1);
  expect(reconciler.degradations()).toEqual([]);
  bank.isAway = false;
  expect(await run()).toMatchObject({ date: DAY, matched: 1 });
});

test('an operator reconciles a day once it is over, and its result takes the place of the last', async () => {
  const { run, bank, reconciler } = await world();
  bank.alter = () => [];
  await run();
  bank.alter = (rows) => rows;
  expect(await reconciler.reconcile(DAY)).toMatchObject({ matched: 1, differsSince: null });
  expect(reconciler.degradations()).toEqual([]);
  expect((await reconciler.list()).rows.filter(({ date }) => date === DAY)).toHaveLength(1);
  await expect(reconciler.reconcile('2026-03-03')).rejects.toThrow('DAY_NOT_OVER');
});

test('results are listed in pages, the latest day first', async () => {
  const { run, reconciler, clock } = await world();
  for (let round = 0; round < 4; round++) {
    await run();
    clock.advance(10 * 24 * HOUR_MS);
  }
  const first = await reconciler.list();
  expect([first.rows.length, first.rows[0]!.date]).toEqual([31, '2026-04-01']);
  const second = await reconciler.list(first.next);
  expect(second.rows).toHaveLength(9);
  expect(second.next).toBeUndefined();
});

const decided = { declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'letter 4' };

test('each difference of a day is a case with a proposed repair, and ends once the day balances', async () => {
  const { run, bank, clock, openCases } = await world();
  const stranger = { kind: 'capture', id: 'o-99', amountFen: 5 } as const;
  bank.alter = (rows) => [...rows.map((row) => ({ ...row, amountFen: 29_999 })), stranger];
  await run();
  const seen = async () =>
    (await openCases()).map(({ kind, reason, amountFen, asked }) => [
      ...[kind, reason, amountFen, asked['repair']],
    ]);
  expect((await seen()).sort()).toEqual([
    ['difference', 'AMOUNTS_DIFFER', 1, 'adjust'],
    ['difference', 'ONLY_THEIRS', 5, 'adopt'],
  ]);
  bank.alter = () => [];
  clock.advance(HOUR_MS);
  await run();
  expect(await seen()).toEqual([['difference', 'ONLY_OURS', 30_000, 'query']]);
  bank.alter = (rows) => rows;
  clock.advance(HOUR_MS);
  expect(await run()).toMatchObject({ differsSince: null });
  expect(await seen()).toEqual([]);
});

test('a case that was noted while its day still differs comes again with the next comparison', async () => {
  const { run, bank, clock, openCases, cases } = await world();
  bank.alter = () => [];
  await run();
  const { caseId } = (await openCases())[0]!;
  await cases.resolve(caseId, { ...decided, resolution: 'noted' });
  expect(await openCases()).toEqual([]);
  clock.advance(HOUR_MS);
  await run();
  expect(await openCases()).toHaveLength(1);
});
