import type { EventStore } from '@caretab/event-store';
import { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { eventually } from '@caretab/hospital';
import { TestTimers } from '@caretab/doubles';
import { checkpointTable } from '../src/views/checkpoint.table';
import { Projection } from '../src/views/projection';
import { VisitPublication } from '../src/visit/visit-publication';
import { Visits } from '../src/visit/visits';
import { candidate, LEADER_TIMEOUT_MS } from './candidate';
import { caused, commandsOf, visitIdOfNumber } from './facts';

export interface CrashingLedger {
  readonly events: EventStore;
  readonly storeId: string;
  readonly store: Store;
  /** The database of the rows loses all that it may lose; it is up again when this resolves. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MAX_MS = 30_000;

/** A ledger that lives on while the database of its rows crashes. */
export const crashedDatabaseSuite = (open: () => Promise<CrashingLedger>): void => {
  let ledger: CrashingLedger;
  let projection: Projection;
  let publication: VisitPublication;
  let visits: Visits;
  const bus = new MemoryBus();
  const timers = new TestTimers();
  /** Both leaders give a sign of life, which is durable. */
  const flush = async (): Promise<void> => {
    const areAsleep = (): Promise<void> => eventually(() => expect(timers.sleeping).toBe(2));
    await areAsleep();
    await timers.advance(LEADER_TIMEOUT_MS / 3);
    await areAsleep();
  };

  beforeAll(async () => {
    ledger = await open();
    const { events, store, storeId } = ledger;
    await bus.declare([{ ...visitLedgerVisits, name: visitLedgerVisits.name }]);
    visits = new Visits(events);
    projection = new Projection(events, store, candidate(storeId, timers));
    publication = new VisitPublication(events, bus, store, candidate(storeId, timers));
    await projection.start();
    await publication.start();
  }, 60_000);
  afterAll(async () => {
    await projection.stop();
    await publication.stop();
    await ledger.close();
  });

  const open1 = async (number: string): Promise<void> => {
    const { start, authorize, cover, post } = commandsOf(number);
    for (const command of [start, authorize(), cover, post('T1', 200)])
      await visits.handle(visitIdOfNumber(number), [caused(command)]);
  };
  const caughtUp = (): Promise<void> =>
    eventually(async () => {
      expect(await projection.pending()).toBe(0);
      expect(await publication.pending()).toBe(0);
    }, WAIT_MAX_MS);
  const viewed = async (): Promise<{ visits: number; isEqual: boolean }> => {
    const checked = await projection.check();
    return {
      visits: checked[0]!.rows,
      isEqual: checked.every(({ differences }) => differences.length === 0),
    };
  };
  const ids = (): string[] =>
    bus.messages(visitLedgerVisits.name).map(({ headers }) => headers['ce_id']!);

  test('views that were lost are folded again before the next fact, and nothing is published twice', async () => {
    await open1('A1');
    await caughtUp();
    await flush();
    await open1('A2');
    await caughtUp();
    await ledger.crash();
    expect(await viewed()).toEqual({ visits: 1, isEqual: true });
    await open1('A3');
    await caughtUp();
    await eventually(
      async () => expect(await viewed()).toEqual({ visits: 3, isEqual: true }),
      WAIT_MAX_MS,
    );
    expect(new Set(ids()).size).toBe(ids().length);
  }, 120_000);

  test('views that were lost are folded again where no further fact comes', async () => {
    await flush();
    await open1('B1');
    await caughtUp();
    await ledger.crash();
    expect(await viewed()).toEqual({ visits: 3, isEqual: true });
    await flush();
    await eventually(
      async () => expect(await viewed()).toEqual({ visits: 4, isEqual: true }),
      WAIT_MAX_MS,
    );
  }, 120_000);

  test('what was flushed stays', async () => {
    await open1('C1');
    await caughtUp();
    await flush();
    await ledger.crash();
    expect(await viewed()).toEqual({ visits: 5, isEqual: true });
  }, 120_000);

  test('a checkpoint of the publication that was lost is written again where no further fact comes', async () => {
    const position = async (): Promise<string> =>
      ledger.store.transact(async (transaction) => {
        const row = await transaction.rows(checkpointTable).get({ name: 'publication' });
        return row!.position;
      });
    await flush();
    await open1('E1');
    await caughtUp();
    const before = await position();
    await ledger.crash();
    expect(await position()).not.toBe(before);
    await flush();
    await eventually(async () => expect(await position()).toBe(before), WAIT_MAX_MS);
    await flush();
    await ledger.crash();
    expect(await position()).toBe(before);
  }, 120_000);

  test('a process that starts after the crash publishes what was lost again, under the same ids', async () => {
    await flush();
    await open1('D1');
    await caughtUp();
    const before = ids();
    await ledger.crash();
    const { events, store, storeId } = ledger;
    const later = new TestTimers();
    const next = new VisitPublication(events, bus, store, candidate(storeId, later));
    await next.start();
    // The first one does not go on: no time passes for it.
    await eventually(async () => {
      await later.advance(LEADER_TIMEOUT_MS / 3);
      expect(next.leads).toBe(true);
    }, WAIT_MAX_MS);
    await eventually(async () => expect(ids().length).toBeGreaterThan(before.length), WAIT_MAX_MS);
    await eventually(async () => expect(await next.pending()).toBe(0), WAIT_MAX_MS);
    await next.stop();
    expect(new Set(ids())).toEqual(new Set(before));
  }, 120_000);
};
