import { TWIN_KEYS, TWIN_KEYS_TEXT } from '@caretab/event-store';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { hospitalVisitEvents, read, visitLedgerVisits } from '@caretab/contracts';
import { MemoryBus } from '@caretab/bus';
import { type Store, TypeOrmStore } from '@caretab/store';
import {
  type EventStoreServer,
  freshNamespace,
  startEventStoreServer,
  testDatabase,
  type TestDatabase,
  type TestEventStore,
  testEventStore,
} from '@caretab/doubles';
import { systemTimers } from '@caretab/kernel';
import { candidate } from '../../test/candidate';
import { visitLedger } from '..';
import { LedgerLock } from '../ledger-lock.adapter';
import { type LedgerEvents, type LedgerPlace, openLedger, storeIdOf } from '../ledger-store';
import { CheckpointOfAnotherStore } from '../views/checkpoints';
import { Projection } from '../views/projection';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { VisitPublication } from '../visit/visit-publication';
import { Visits } from '../visit/visits';
import { run } from './run';

const ROOT = join(__dirname, '../../../..');
const SCHEMA = 'visit_ledger_events';

let server: TestEventStore;
let database: TestDatabase;
let namespace: string;
let bus: MemoryBus;
let rows: Store;
beforeAll(async () => void (server = await testEventStore()));
afterAll(() => server.stop());
beforeEach(async () => {
  database = await testDatabase();
  namespace = freshNamespace();
  bus = new MemoryBus(systemTimers);
  await bus.declare(
    [visitLedgerVisits, hospitalVisitEvents].map(({ name, partitions, retentionMs }) => ({
      name,
      partitions,
      retentionMs,
    })),
  );
  rows = await TypeOrmStore.open({
    url: database.url,
    schema: 'visit_ledger',
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
    poolMax: 4,
  });
});
afterEach(async () => {
  await rows.close();
  await database.drop();
});

const inPostgres = (url = database.url): LedgerPlace => ({ kind: 'postgres', url, schema: SCHEMA });
const inEventStoreDb = (url = server.url): LedgerPlace => ({
  kind: 'eventstoredb',
  url,
  namespace,
});

/**
 * The service with its ledger at a place: plays visits until everything is published and in the
 * views, then stops.
 */
const serve = async (
  place: LedgerPlace,
  numbers: readonly string[],
  chargesPerVisit = 3,
): Promise<void> => {
  const events = await openLedger(place, { keys: TWIN_KEYS });
  const [publication, projection] = [
    new VisitPublication(events, bus, rows, candidate(storeIdOf(place))),
    new Projection(events, rows, candidate(storeIdOf(place))),
  ];
  try {
    await publication.start();
    await projection.start();
    const visits = new Visits(events);
    await Promise.all(
      numbers.map(async (number) => {
        const { start, authorize, cover, post, end, verdict, pay } = commandsOf(number);
        const charges = Array.from({ length: chargesPerVisit }, (_, index) => post(`T${index}`));
        const due = 10 * chargesPerVisit;
        await visits.handle(
          visitIdOfNumber(number),
          [start, authorize(), cover, ...charges, end, verdict(due), pay(due)].map(
            (command, index) => caused(command, `m-${number}-${index}`),
          ),
        );
      }),
    );
    for (
      const giveUpAt = performance.now() + 60_000;
      (await publication.pending()) + (await projection.pending()) > 0;
    ) {
      if (performance.now() > giveUpAt) throw new Error('did not come to rest');
      await systemTimers.sleep(20);
    }
    expect((await projection.check()).flatMap(({ differences }) => differences)).toEqual([]);
  } finally {
    await publication.stop();
    await projection.stop();
    await events.close();
  }
};

const numbersOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const move = async (...args: string[]): Promise<{ status: number; said: string }> => {
  const said: string[] = [];
  const status = await run(
    [...args, '--namespace', namespace],
    { VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT },
    { out: (line) => said.push(line), progress: () => undefined },
  );
  return { status, said: said.join('\n') };
};
const json = async (...args: string[]): Promise<any> =>
  JSON.parse((await move(...args, '--json')).said);

const opened = async <Result>(
  place: LedgerPlace,
  work: (events: LedgerEvents) => Promise<Result>,
): Promise<Result> => {
  const events = await openLedger(place, { keys: TWIN_KEYS });
  return work(events).finally(() => events.close());
};
const allAt = (place: LedgerPlace) =>
  opened(place, async (events) => {
    const all = [];
    for await (const page of events.export())
      for (const { position: _, ...event } of page)
        all.push({ ...event, hash: Buffer.from(event.hash).toString('hex') });
    return all;
  });

/** Every public fact was sent once, in the order of its visit. */
const expectEverythingPublishedOnce = async (place: LedgerPlace): Promise<void> => {
  const sent = bus
    .messages(visitLedgerVisits.name)
    .map((message) => read(visitLedgerVisits, message));
  const facts = (await allAt(place)).filter(({ type }) =>
    ['VisitOpened', 'ChargeDeferred', 'VisitClosed', 'VisitAdjudicated', 'VisitSettled'].includes(
      type,
    ),
  );
  expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
  expect(sent.map(({ id }) => id).sort()).toEqual(facts.map(({ id }) => id).sort());
};

test(
  'a ledger goes from PostgreSQL to EventStoreDB and back, and the service goes ' +
    'on each time where it was',
  async () => {
    await serve(inPostgres(), numbersOf('A', 30));
    const before = await allAt(inPostgres());
    expect(await json('--from', database.url, '--to', server.url, '--dry-run')).toMatchObject({
      ok: true,
      events: before.length,
      moved: before.length,
    });
    const there = await json('--from', database.url, '--to', server.url);
    expect(there).toMatchObject({
      ok: true,
      events: before.length,
      moved: before.length,
      streams: 30,
      checkpoints: [{ reader: 'publication' }, { reader: 'views' }],
    });
    expect(await allAt(inEventStoreDb())).toEqual(before);
    await expect(serve(inPostgres(), [])).rejects.toThrow(CheckpointOfAnotherStore);

    await serve(inEventStoreDb(), numbersOf('B', 20));
    await expectEverythingPublishedOnce(inEventStoreDb());
    expect(await move('--from', database.url, '--to', server.url)).toMatchObject({
      status: 1,
      said: expect.stringContaining('the ledger went on there'),
    });

    const grown = await allAt(inEventStoreDb());
    const back = await json('--from', server.url, '--to', database.url);
    expect(back).toMatchObject({
      ok: true,
      events: grown.length,
      moved: grown.length - before.length,
    });
    expect(await allAt(inPostgres())).toEqual(grown);
    await expect(serve(inEventStoreDb(), [])).rejects.toThrow(CheckpointOfAnotherStore);
    await serve(inPostgres(), numbersOf('C', 10));
    await expectEverythingPublishedOnce(inPostgres());
  },
);

/** An event of a second writer at the end of a visit; its readers passed it by, and the visit goes on. */
const decidedFault = async (stream: string): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(
      `insert into ${SCHEMA}.events
         (position, stream, revision, id, type, data, metadata, recorded_at, hash)
       select (select max(position) + 1 from ${SCHEMA}.events), stream, max(revision) + 1,
         'foreign', 'VisitSettled', '{}', '{}', now(), decode(repeat('00', 32), 'hex')
       from ${SCHEMA}.events where stream = $1 group by stream`,
      [stream],
    );
    await client.query(
      `insert into visit_ledger.set_aside (stream, visit_id, store, kind, revision, position, digest,
         found_at, continued_in)
       select stream, 'x', 'postgres', 'foreign', revision, position::text, '', now(), stream || '~2'
       from ${SCHEMA}.events where id = 'foreign'`,
    );
    await client.query(
      `update visit_ledger.checkpoint set event_id = null, before_it = null,
         position = (select max(position)::text from ${SCHEMA}.events)`,
    );
  } finally {
    await client.end();
  }
};

test('an event that is not ours, of a visit that goes on in another stream, is moved as it is', async () => {
  await serve(inPostgres(), numbersOf('A', 3));
  await decidedFault('visit-HZ001-A1');
  const before = await allAt(inPostgres());
  expect(await json('--from', database.url, '--to', server.url)).toMatchObject({
    ok: true,
    events: before.length,
    moved: before.length,
    knownFaults: 1,
  });
  expect(await allAt(inEventStoreDb())).toEqual(before);
  const faults = await opened(
    inEventStoreDb(),
    async (events) => (await events.verifyAll()).faults,
  );
  expect(faults).toMatchObject([{ stream: 'visit-HZ001-A1', revision: 11 }]);
  expect(await json('--from', server.url, '--to', database.url)).toMatchObject({
    ok: true,
    moved: 0,
  });
});

test('the verdict is readable, and whoever does not find what was asked for is told what to do', async () => {
  await serve(inPostgres(), ['A1']);
  expect(await move('--from', database.url, '--to', server.url)).toEqual({
    status: 0,
    said: expect.stringMatching(
      new RegExp(
        '^✔ equal: 11 events in 1 streams, 11 copied by this run, ' +
          'every chain verified on both sides\\n' +
          ' {2}digest over the order of all [0-9a-f]{64}\\n' +
          ' {2}checkpoint publication: 11 → \\d+\\n',
      ),
    ),
  });
  const empty = await testDatabase();
  expect(await move('--from', empty.url, '--to', server.url)).toMatchObject({
    status: 1,
    said: expect.stringContaining('There are no checkpoints in the schema visit_ledger'),
  });
  expect(
    await move('--from', empty.url, '--to', server.url, '--checkpoints', database.url),
  ).toMatchObject({
    status: 1,
    said: expect.stringContaining('There is no ledger in the schema visit_ledger_events'),
  });
  await empty.drop();
  expect(await move('--from', database.url)).toMatchObject({
    status: 2,
    said: expect.stringContaining('--to is missing'),
  });
});

test('while a service runs nothing is moved', async () => {
  await serve(inPostgres(), ['A1']);
  const lock = await LedgerLock.take({
    url: database.url,
    schema: 'visit_ledger',
    mode: 'together',
    timers: systemTimers,
  });
  expect(await move('--from', database.url, '--to', server.url)).toEqual({
    status: 1,
    said: '✗ A visit-ledger service is running on this database. Stop every replica of it first.',
  });
  await lock.release();
  expect(await move('--from', database.url, '--to', server.url)).toMatchObject({ status: 0 });
});

describe('on a server of one’s own', () => {
  let own: EventStoreServer;
  beforeAll(async () => void (own = await startEventStoreServer({ delayMs: 5 })));
  afterAll(() => own.stop());

  test('an event that was changed on the target is found', async () => {
    await serve(inPostgres(), ['A1', 'A2']);
    expect(await move('--from', database.url, '--to', own.url)).toMatchObject({ status: 0 });
    own.tamper('visit-HZ001-A2', 3, (event) =>
      Object.assign(event, {
        data: Buffer.from(
          Buffer.from(event.data).toString().replace('"amountFen":10', '"amountFen":11'),
        ),
      }),
    );
    expect(await move('--from', database.url, '--to', own.url)).toMatchObject({
      status: 1,
      said: expect.stringContaining(
        'The target is not what was recorded: content of event 3 of stream visit-HZ001-A2',
      ),
    });
  });

  test('killed in the middle, the same command goes on', async () => {
    expect(
      spawnSync(process.execPath, [join(ROOT, 'tools/build.mjs'), '--quiet'], { cwd: ROOT }).status,
    ).toBe(0);
    await serve(inPostgres(), numbersOf('A', 60), 40);
    const total = (await allAt(inPostgres())).length;
    const place = inEventStoreDb(own.url);
    const present = async (): Promise<number> => (await allAt(place)).length;
    const main = join(ROOT, 'services/visit-ledger/dist/move-ledger/main.js');
    const killed = spawn(
      process.execPath,
      [main, '--from', 'env:LEDGER', '--to', own.url, '--namespace', namespace],
      {
        env: {
          PATH: process.env['PATH'],
          LEDGER: database.url,
          VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
        },
        stdio: 'ignore',
      },
    );
    const ended = new Promise<string | null>((resolve) =>
      killed.once('close', (_code, signal) => resolve(signal)),
    );
    await opened(place, async (events) => {
      while ((await events.head()) === 0n && killed.exitCode === null) await systemTimers.sleep(2);
    });
    killed.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const copied = await present();
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(total);
    expect(await json('--from', database.url, '--to', own.url)).toMatchObject({
      ok: true,
      events: total,
      moved: total - copied,
    });
    expect(await allAt(place)).toEqual(await allAt(inPostgres()));
  });
});
