import { MemoryStore } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { ledgerDatabase } from '../../test/ledger-database';
import { type VisitRow, visitTable } from '../views/visit.table';
import { visitView } from '../views/visit.view';
import type { Submission } from './visit-events';
import type { CausedCommand } from './caused-commands';
import { waitingByAge } from '../views/metrics';
import { WaitingLimit } from './waiting-limit';

const NOW = '2026-03-05T09:00:00.000Z';
const clock = fixedClock(NOW);

const waiting = (visitId: string, waitsUntil: string | null): VisitRow => {
  const submission: Submission = {
    ...{ visitId, institutionId: 'HZ001', businessDate: '2026-03-02' },
    ...{ submissionId: 'm1', messageId: 'http/HZ001/m1', kind: 'VisitEnded' },
  };
  const row = visitView.apply(
    undefined,
    {
      type: 'SubmissionWaiting',
      data: {
        ...submission,
        ...{ reason: 'VISIT_UNKNOWN', since: '2026-03-02T09:00:00.000Z' },
        waitsUntil: waitsUntil ?? NOW,
        command: { type: 'EndVisit', data: {} },
      },
      recordedAt: clock.now(),
    },
    visitId,
  );
  const taken = { type: 'SubmissionApplied', data: submission, recordedAt: clock.now() } as const;
  return waitsUntil === null ? visitView.apply(row, taken, visitId) : row;
};

const setUp = async (rows: readonly VisitRow[], fails = (_visitId: string): boolean => false) => {
  const store = new MemoryStore({ database: ledgerDatabase(clock) });
  await store.transact((transaction) => transaction.rows(visitTable).insert(...rows));
  const handled: { visitId: string; commands: readonly CausedCommand[] }[] = [];
  const visits = {
    handle: (visitId: string, commands: readonly CausedCommand[]): Promise<void> => {
      if (fails(visitId)) return Promise.reject(new Error('the event store is down'));
      handled.push({ visitId, commands });
      return Promise.resolve();
    },
  };
  return {
    limit: new WaitingLimit({ store, visits, clock, isAside: () => false }),
    handled,
    store,
  };
};

test('what has waited until now is rejected, what has time left is not', async () => {
  const { limit, handled } = await setUp([
    waiting('HZ001-V1', NOW),
    waiting('HZ001-V2', '2026-03-05T09:00:00.001Z'),
    waiting('HZ001-V3', null),
  ]);
  expect(await limit.runOnce()).toBe(0);
  expect(handled).toMatchObject([
    { visitId: 'HZ001-V1', commands: [{ command: { type: 'ExpireWaiting', data: { now: NOW } } }] },
  ]);
});

test('a visit that cannot be written holds up no other, and is tried again', async () => {
  const { limit, handled } = await setUp(
    [waiting('HZ001-V1', NOW), waiting('HZ001-V2', NOW)],
    (visitId) => visitId === 'HZ001-V1',
  );
  await expect(limit.runOnce()).rejects.toThrow('the event store is down');
  expect(handled.map(({ visitId }) => visitId)).toEqual(['HZ001-V2']);
});

test('a gauge counts visits by how long their first report waits', async () => {
  const { store } = await setUp([
    waiting('HZ001-V1', NOW),
    waiting('HZ001-V2', '2026-03-08T08:00:00.000Z'),
    waiting('HZ001-V3', '2026-03-08T08:59:59.000Z'),
    waiting('HZ001-V4', null),
  ]);
  expect(await waitingByAge(store, clock, 72 * 3_600_000)).toEqual([
    ['under 1 h', 1],
    ['1 h to 1 d', 1],
    ['over 1 d', 1],
  ]);
});
