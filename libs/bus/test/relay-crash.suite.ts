import { setTimeout as wait } from 'node:timers/promises';
import { message, topic } from '@caretab/contracts';
import {
  TypeOrmStore,
  integerColumn,
  textColumn,
  table,
  type Migration,
  type MigrationRunner,
} from '@caretab/store';
import { FromSource, testDatabase, type TestDatabase } from '@caretab/doubles';
import { systemTimers } from '@caretab/kernel';
import { Type } from '@sinclair/typebox';
import type { Bus } from '../src/bus';
import { silentLog } from '../src/log';
import { messagingMigrations } from '../src/messaging-migrations';
import { OutboxRelay } from '../src/outbox-relay';
import { parkedTable } from '../src/parked.table';
import type { Binding } from '../src/binding';
import { PartitionWork } from '../src/partition-work';
import type { RelayThatDies } from './relay-that-dies';
import { TWIN_PARTS, busOfAll } from '../src/twin-authors';

interface Tab {
  readonly tabId: string;
  readonly raisedFen: number;
}

const tabTable = table<Tab>({
  name: 'tab',
  columns: {
    tabId: textColumn('tab_id', { primary: true }),
    raisedFen: integerColumn('raised_fen'),
  },
});

class Tabs1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('create table tab (tab_id text primary key, raised_fen integer not null)');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table tab');
  }
}

const TABS = 10;
const COUNT = 200;
const SCHEMA = 'credit';
const clock = { now: () => new Date() };

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const giveUpAt = performance.now() + 60_000; !(await condition()); await wait(20))
    if (performance.now() > giveUpAt) throw new Error('what the test waits for did not come');
};

export interface RelayCrash {
  readonly bus: Bus;
  /** Where the process that dies finds the bus. */
  readonly brokers?: readonly string[];
  /** The file whose `run` is the relay that dies, over this bus. */
  readonly dying: string;
}

/** A real relay in a process of its own, a real outbox and a real inbox, over any bus. */
export const relayCrashSuite = (
  name: string,
  openBus: (databaseUrl: string) => RelayCrash,
): void => {
  describe(`an outbox relay ${name}`, () => {
    const tabTopic = topic({
      name: `test.raised-tabs-${process.pid}-${Date.now()}`,
      authors: ['test'],
      description: 'Tabs of a test.',
      keyField: 'tabId',
      partitions: 3,
      retentionMs: 600_000,
      events: {
        TabRaised: Type.Object(
          { tabId: Type.String(), byFen: Type.Integer() },
          { additionalProperties: false },
        ),
      },
    });
    let database: TestDatabase;
    let store: TypeOrmStore;
    let crash: RelayCrash;
    const ends: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      database = await testDatabase();
      store = await TypeOrmStore.open({
        url: database.url,
        schema: SCHEMA,
        tables: [parkedTable, tabTable],
        migrations: [...messagingMigrations, Tabs1700000000001],
      });
      crash = openBus(database.url);
      await crash.bus.declare([tabTopic]);
    });
    afterAll(async () => {
      for (const end of ends) await end();
      await crash.bus.close();
      await store.close();
      await database.drop();
    });

    /** A process that publishes the outbox, and is killed before it marks what it published. */
    const publishAndDie = async (): Promise<void> => {
      const dies: RelayThatDies = {
        url: database.url,
        schema: SCHEMA,
        ...(crash.brokers && { brokers: crash.brokers }),
      };
      const dying = new FromSource(crash.dying, {
        args: [JSON.stringify(dies)],
      });
      expect(await dying.tells()).toBe('published, and not marked');
      await dying.killHard();
    };

    test('a relay that crashes between publish and mark publishes no second effect', async () => {
      const raised = Array.from({ length: COUNT }, (_, index) =>
        message(
          tabTopic,
          'TabRaised',
          { tabId: `tab-${index % TABS}`, byFen: 1 },
          { id: `raised-${index}`, time: clock.now(), source: 'test' },
        ),
      );
      await store.transact(async (transaction) => transaction.publish(...raised));
      await publishAndDie();
      expect((await store.unpublished(COUNT + 1)).map(({ headers }) => headers['ce_id'])).toEqual(
        raised.map(({ headers }) => headers['ce_id']),
      );

      const group = 'credit.tab';
      const binding: Binding = {
        group,
        topic: tabTopic,
        batch: false,
        store,
        // Not repeatable by itself: what keeps a second delivery from a second effect is the inbox
        // alone.
        call: async (event, context) => {
          const {
            data: { tabId, byFen },
          } = event as { data: { tabId: string; byFen: number } };
          const rows = (
            context as { transaction: Parameters<Parameters<typeof store.transact>[0]>[0] }
          ).transaction.rows(tabTable);
          const tab = await rows.get({ tabId }, { lock: 'wait' });
          await rows.save({ tabId, raisedFen: (tab?.raisedFen ?? 0) + byFen });
        },
      };
      const work = new PartitionWork({
        ...TWIN_PARTS,
        clock,
        timers: systemTimers,
        log: silentLog,
        random: () => 0,
        retry: { attemptsMax: 2, firstDelayMs: 1, delayMaxMs: 1 },
      });
      const delivered: string[] = [];
      const relay = new OutboxRelay({ store, bus: busOfAll(crash.bus) });
      relay.start();
      ends.push(() => relay.stop());
      await until(async () => (await relay.pending()) === 0);
      const consumer = await crash.bus.consume(
        { group, topics: [tabTopic.name] },
        async (batch) => {
          await work.handle(binding, batch);
          delivered.push(...batch.messages.map(({ headers }) => headers['ce_id']!));
        },
      );
      await until(
        async () =>
          delivered.length >= 2 * COUNT && (await crash.bus.lag(group, [tabTopic.name])) === 0,
      );
      ends.push(() => consumer.stop());

      // Published twice, that is what "at least once" means; and no more than twice.
      for (const { headers } of raised)
        expect(delivered.filter((id) => id === headers['ce_id'])).toHaveLength(2);
      const tabs = await store.transact((transaction) => transaction.rows(tabTable).find({}));
      expect(tabs.map(({ raisedFen }) => raisedFen)).toEqual(
        Array.from({ length: TABS }, () => COUNT / TABS),
      );
      expect(await store.unpublished(1)).toEqual([]);
    });
  });
};
