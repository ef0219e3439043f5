import { EventKeyWrong, TWIN_KEYS } from '@caretab/event-store';
import { systemClock } from '@caretab/kernel';
import { ledgerInPostgres, type OpenedLedger } from '../../test/ledgers';
import { writeVisit } from '../../test/visit-audit.suite';
import { openLedger } from '../ledger-store';
import { Workers } from '../workers';
import { passingBy, SetAside } from './set-aside';
import { setAsideTable } from './set-aside.table';

let ledger: OpenedLedger;
beforeEach(async () => void (ledger = await ledgerInPostgres()));
afterEach(() => ledger.close());

/** As the service starts, with a key under the id of the one that signed. */
const startWith = async (key: Buffer) => {
  const keys = { ...TWIN_KEYS, keys: new Map([[TWIN_KEYS.current, key]]) };
  const events = await openLedger(ledger.place, { keys });
  const store = await ledger.openRows();
  const lines: string[] = [];
  const logger = { error: (_facts: object, text: string) => void lines.push(text) };
  const setAside = new SetAside({ store, storeId: ledger.id, clock: systemClock, logger });
  const started: string[] = [];
  const follower = (name: string) =>
    ({ start: async () => void started.push(name), stop: async () => undefined }) as never;
  const workers = new Workers(events, setAside, follower('publication'), follower('views'));
  const outcome = await workers.onApplicationBootstrap().catch((error: unknown) => error);
  const read = await passingBy(events, setAside.note)
    .readAll({ after: 0n, countMax: 100 })
    .catch((error: unknown) => error);
  const rows = await store.transact((transaction) => transaction.rows(setAsideTable).find({}));
  await events.close();
  return { outcome, read, started, lines, rows };
};

test('another key under the same id keeps the service from starting, and sets no visit aside', async () => {
  for (const number of ['S1', 'S2', 'S3']) await writeVisit(ledger.events, number);
  const wrong = await startWith(Buffer.alloc(32, 'another'));
  expect(wrong.outcome).toBeInstanceOf(EventKeyWrong);
  expect(String(wrong.outcome)).toContain('docs/runbooks/event-keys.md');
  expect(wrong.read).toBeInstanceOf(EventKeyWrong);
  expect([wrong.started, wrong.lines, wrong.rows]).toEqual([[], [], []]);
  const right = await startWith(TWIN_KEYS.keys.get(TWIN_KEYS.current)!);
  expect(right.outcome).toBeUndefined();
  expect(right.read).toHaveLength(21);
  expect(right.started).toEqual(['publication', 'views']);
});
