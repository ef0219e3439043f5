import { message, topic } from '@caretab/contracts';
import {
  TypeOrmStore,
  integerColumn,
  textColumn,
  table,
  type Migration,
  type MigrationRunner,
} from '@caretab/store';
import { Type } from '@sinclair/typebox';
import {
  type Binding,
  messagingMigrations,
  Parked,
  parkedTable,
  type ReplayResult,
  TWIN_PARTS,
} from '@caretab/bus';

/** What a key has had: how many messages, and the number of the last one. */
interface Tab {
  readonly tabId: string;
  readonly handled: number;
  readonly last: number;
}

export const tabTable = table<Tab>({
  name: 'tab',
  columns: {
    tabId: textColumn('tab_id', { primary: true }),
    handled: integerColumn(),
    last: integerColumn(),
  },
});

class Tabs1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'create table tab (tab_id text primary key, handled integer not null, last integer not null)',
    );
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table tab');
  }
}

export const tabTopic = topic({
  name: 'test.long-tabs',
  authors: ['test'],
  description: 'Tabs of a test.',
  keyField: 'tabId',
  partitions: 3,
  retentionMs: 60_000,
  events: {
    TabRaised: Type.Object(
      { tabId: Type.String(), number: Type.Integer(), note: Type.String() },
      { additionalProperties: false },
    ),
  },
});
export const raised = (tabId: string, number: number, note: string) =>
  message(
    tabTopic,
    'TabRaised',
    { tabId, number, note },
    { id: `${tabId}/${number}`, time: new Date(), source: 'test' },
  );

export const openTabs = (url: string): Promise<TypeOrmStore> =>
  TypeOrmStore.open({
    url,
    schema: 'credit',
    tables: [parkedTable, tabTable],
    migrations: [...messagingMigrations, Tabs1700000000001],
  });

/**
 * The operator's side: a handler that takes the messages of a key in their order, each once, and
 * refuses anything else.
 */
export const parkedOf = (store: TypeOrmStore): Parked => {
  const binding: Binding = {
    group: 'credit.tab',
    topic: tabTopic,
    batch: false,
    store,
    call: async (event, context) => {
      const {
        data: { tabId, number },
      } = event as { data: { tabId: string; number: number } };
      const rows = (
        context as { transaction: Parameters<Parameters<typeof store.transact>[0]>[0] }
      ).transaction.rows(tabTable);
      const tab = (await rows.get({ tabId }, { lock: 'wait' })) ?? { tabId, handled: 0, last: 0 };
      if (number <= tab.last) throw new Error(`number ${number} after ${tab.last}`);
      await rows.save({ tabId, handled: tab.handled + 1, last: number });
    },
  };
  return new Parked({
    ...TWIN_PARTS,
    // The messages are made in the database, where they cannot be signed.
    authors: { verify: () => undefined },
    service: 'credit',
    store,
    strategy: { binding: () => binding },
    clock: { now: () => new Date() },
  });
};

export interface ReplayProgress extends ReplayResult {
  readonly isDone: boolean;
}

/** Run as a process of its own: replays everything that is parked and reports its progress. */
export const run = async (url: string): Promise<void> => {
  const store = await openTabs(url);
  let result: ReplayResult = { replayed: 0, failed: 0, skipped: 0 };
  for await (result of parkedOf(store).replaySteps({})) process.send!({ ...result, isDone: false });
  process.send!({ ...result, isDone: true });
  await store.close();
  process.disconnect();
};
