import { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import { TestTimers, type Wire, wireTo } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { TypeOrmStore } from '@caretab/store';
import { visitLedger } from '..';
import { candidate, LEADER_TIMEOUT_MS } from '../../test/candidate';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { ledgerInPostgres, type OpenedLedger } from '../../test/ledgers';
import { type LedgerEvents, openLedger } from '../ledger-store';
import { VisitPublication } from '../visit/visit-publication';
import { Visits } from '../visit/visits';
import { Projection } from './projection';

const LOOKS = 6;
let ledger: OpenedLedger;
let wire: Wire;
beforeAll(async () => {
  ledger = await ledgerInPostgres();
  wire = await wireTo(ledger.databaseUrl);
});
afterAll(async () => {
  await ledger.close();
  await wire.close();
});

const followersOn = async (
  events: LedgerEvents,
  store: Awaited<ReturnType<OpenedLedger['openRows']>>,
  timers: TestTimers,
) => {
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const followers = [
    new VisitPublication(events, bus, store, candidate(ledger.id, timers)),
    new Projection(events, store, candidate(ledger.id, timers)),
  ] as const;
  for (const each of followers) await each.start();
  return followers;
};

test('a process that stands by asks the database as much for many events as for none', async () => {
  const [leaders, timers] = [new TestTimers(), new TestTimers()];
  const leading = await followersOn(ledger.events, await ledger.openRows(), leaders);
  const url = wire.through(ledger.databaseUrl);
  const events = await openLedger(
    { kind: 'postgres', url, schema: 'visit_ledger_events' },
    {
      keys: TWIN_KEYS,
    },
  );
  const { tables, migrations } = visitLedger;
  const store = await TypeOrmStore.open({
    ...{ url, schema: 'visit_ledger', tables, migrations, poolMax: 2 },
  });
  const standingBy = await followersOn(events, store, timers);
  /** Time passes for both followers of a process. */
  const look = async (of: TestTimers): Promise<void> => {
    await eventually(() => expect(of.sleeping).toBe(2));
    await of.advance(LEADER_TIMEOUT_MS / 3);
    await eventually(() => expect(of.sleeping).toBe(2));
  };
  /** Bytes that it sends at so many looks. */
  const looks = async (): Promise<number> => {
    const before = wire.sentBytes;
    for (let count = 0; count < LOOKS; count += 1) {
      await look(leaders);
      await look(timers);
    }
    return wire.sentBytes - before;
  };
  await looks();
  const atRest = await looks();
  const visits = new Visits(ledger.events);
  for (let number = 0; number < 40; number += 1) {
    const { start, authorize, cover, post } = commandsOf(`V${number}`);
    const commands = [start, authorize(), cover, post('T1'), post('T2')];
    await visits.handle(
      visitIdOfNumber(`V${number}`),
      commands.map((one) => caused(one)),
    );
  }
  const underLoad = await looks();
  for (const each of leading) await eventually(async () => expect(await each.pending()).toBe(0));
  expect([...leading, ...standingBy].map(({ leads }) => leads)).toEqual([
    ...[true, true, false, false],
  ]);
  expect(atRest).toBeGreaterThan(0);
  expect(underLoad).toBeLessThan(1.5 * atRest);
  for (const each of [...standingBy, ...leading]) await each.stop();
  await events.close();
  await store.close();
});
