import { join } from 'node:path';
import type { TypeOrmStore } from '@caretab/store';
import { FromSource, testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import {
  openTabs,
  parkedOf,
  raised,
  type ReplayProgress,
  tabTable,
  tabTopic,
} from '../test/parked-replay';

const COUNT = 10_000;
const TABS = 400;
const NOTE_LENGTH = 10_000;
/** The process itself takes some 60 MB of it; what is parked would take 100. */
const HEAP_MB_MAX = 112;
const KILL_AFTER = 2000;

let database: TestDatabase;
let store: TypeOrmStore;
beforeAll(async () => {
  database = await testDatabase();
  store = await openTabs(database.url);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

/**
 * As parking leaves them. The clock was set back meanwhile: every later message of a key was parked
 * "earlier".
 */
const parkMany = async (): Promise<void> => {
  const { headers, value } = raised('tab-@@', 777, '');
  const filled = (text: string, note: string): string =>
    `replace(replace('${text}', '@@', (n % ${TABS})::text), '777', (n / ${TABS} + 1)::text) ${note}`;
  const client = new Client({ connectionString: database.url, options: '-c search_path=credit' });
  await client.connect();
  await client.query(
    `insert into parked select 'parked-' || n, 'credit.tab', $1, n % 3, n, 'tab-' || n % ${TABS},
      'tab-' || n % ${TABS} || '/' || n / ${TABS} + 1, ${filled(JSON.stringify(headers), '')},
       replace(${filled(JSON.stringify(value), '')}, '"note":""', '"note":"' || repeat('x',
       ${NOTE_LENGTH}) || '"'), 'HANDLER_FAILED', 'Error', null, now() - n * interval '1 second',
       to_char(now() - n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '/' || n, 5,
       'parked' from generate_series(0, ${COUNT - 1}) as n`,
    [tabTopic.name],
  );
  await client.end();
};

const replaying = (): FromSource =>
  new FromSource(join(__dirname, '../test/parked-replay.ts'), {
    args: [database.url],
    nodeOptions: [`--max-old-space-size=${HEAP_MB_MAX}`],
  });

const heard = async (
  from: FromSource,
  enough: (progress: ReplayProgress) => boolean,
): Promise<ReplayProgress> => {
  for (;;) {
    const progress = await from.tells<ReplayProgress>();
    if (enough(progress)) return progress;
  }
};

test(
  'a parked batch of 10,000 replays in bounded memory and in order per key, and ' +
    'goes on after a kill without a second effect',
  async () => {
    await parkMany();
    const killed = replaying();
    await heard(killed, ({ replayed }) => replayed >= KILL_AFTER);
    await killed.killHard();
    const left = await parkedOf(store).count();
    expect(left).toBeLessThanOrEqual(COUNT - KILL_AFTER);
    expect(left).toBeGreaterThan(0);

    const goingOn = replaying();
    const { replayed, failed, skipped } = await heard(goingOn, ({ isDone }) => isDone);
    expect(await goingOn.ended).toBe(0);
    // The handler refuses what is out of order and what it has had.
    expect({ replayed, failed, skipped }).toEqual({ replayed: left, failed: 0, skipped: 0 });
    const tabs = await store.transact((transaction) => transaction.rows(tabTable).find({}));
    expect(tabs).toHaveLength(TABS);
    for (const { handled, last } of tabs)
      expect({ handled, last }).toEqual({ handled: COUNT / TABS, last: COUNT / TABS });
    expect(await parkedOf(store).count({ status: 'replayed' })).toBe(COUNT);
  },
  300_000,
);
