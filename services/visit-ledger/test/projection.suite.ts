import type { EventStore } from '@caretab/event-store';
import type { Store } from '@caretab/store';
import { eventually } from '@caretab/hospital';
import { Client } from 'pg';
import { candidate } from './candidate';
import type { OpenedLedger, OpenLedger } from './ledgers';
import { caused, commandsOf, visitIdOfNumber } from './facts';
import { Visits } from '../src/visit/visits';
import { Projection } from '../src/views/projection';
import { ViewsController } from '../src/views/views.controller';

/** The store's methods as an object of its own, of which a test replaces one. */
const bound = (events: EventStore): EventStore => ({
  append: (...all) => events.append(...all),
  readStream: (...all) => events.readStream(...all),
  readAll: (...all) => events.readAll(...all),
  subscribe: (...all) => events.subscribe(...all),
  head: () => events.head(),
  forget: () => events.forget(),
  close: () => events.close(),
});

/** Views in PostgreSQL, folded from whichever event store. */
const day = { scopes: [{}], params: { institutionId: 'HZ001', businessDate: '2026-03-02' } };

export const projectionSuite = (open: OpenLedger): void => {
  let ledger: OpenedLedger;
  let events: OpenedLedger['events'];
  let store: Store;
  let otherStore: Store;
  let projection: Projection;
  let visits: Visits;

  beforeAll(async () => {
    ledger = await open();
    ({ events } = ledger);
    store = await ledger.openRows();
    otherStore = await ledger.openRows();
    visits = new Visits(events);
    projection = new Projection(events, store, candidate(ledger.id));
    await projection.start();
  });
  afterAll(async () => {
    await projection.stop();
    await ledger.close();
  });

  const until = (check: () => Promise<boolean>): Promise<void> =>
    eventually(async () => expect(await check()).toBe(true), 20_000);
  const caughtUp = (one = projection): Promise<void> =>
    until(async () => (await one.pending()) === 0);
  const isEqual = async (): Promise<boolean> =>
    (await projection.check()).every(({ differences }) => differences.length === 0);

  let played = 0;
  /**
   * A visit with everything in it: charges deferred, refused, conflicting and taken back, settled,
   * corrected after settlement and settled again.
   */
  const wholeVisit = async (number: string): Promise<void> => {
    const { start, authorize, cover, post, takeBack, end, verdict, pay } = commandsOf(number);
    const early = post('T0', 100);
    const takenBack = takeBack('T2', 300);
    const late = { ...takenBack, data: { ...takenBack.data, returnId: 'C-late' } };
    const commands = [
      early,
      start,
      authorize(),
      cover,
      post('T1', 200),
      post('T1', 201),
      post('T2', 300),
      post('T3', 400),
      takeBack('T3', 400),
      end,
      post('T4', 500),
      verdict(600),
      late,
      verdict(300, 2),
      pay(300),
    ];
    for (const command of commands) await visits.handle(visitIdOfNumber(number), [caused(command)]);
    played += 1;
  };

  test('the views equal the fold of their facts, and answer their questions', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, index) => wholeVisit(`A${index}`)));
    await caughtUp();
    expect(
      (await projection.check()).map(({ view, rows, differences }) => [view, rows, differences]),
    ).toEqual([
      ['visit', 12, []],
      ['person_visit', 12, []],
      ['institution_day', 1, []],
      ['account_balance', 4, []],
    ]);
    const controller = new ViewsController(store, projection);
    expect(
      await controller.visit({ scopes: [{}], params: { visitId: visitIdOfNumber('A0') } }),
    ).toMatchObject({
      status: 'settled',
      chargesDeferred: 2,
      chargesWaiting: 0,
      chargesReturned: 2,
      chargesNotDeferred: 1,
      conflicts: 1,
      grossFen: 300,
      patientEstimateFen: 300,
      patientDueFen: 300,
      paidFen: 300,
    });
    expect(await controller.trialBalance({ query: {} })).toMatchObject({ differenceFen: 0 });
    expect(await controller.summary({ query: {} })).toMatchObject({
      visitsByStatus: { settled: 12 },
      chargesWaiting: 0,
      paymentsMissed: 0,
    });
    await expect(
      controller.visit({ scopes: [{}], params: { visitId: 'HZ001-NONE' } }),
    ).rejects.toMatchObject({
      code: 'VISIT_UNKNOWN',
    });
  });

  test('a visit that is first settled after a correction counts as settled, and once', async () => {
    expect(await new ViewsController(store, projection).day(day)).toMatchObject({
      opened: 12,
      closed: 12,
      adjudicated: 12,
      settled: 12,
      payments: 12,
      conflicts: 12,
    });
  });

  test('a view rebuilt under load equals its fold, and no reader ever sees it empty or in part', async () => {
    let isRebuilding = true;
    const seen: { readonly visits: number; readonly opened: number; readonly persons: number }[] =
      [];
    const reading = (async () => {
      const client = new Client({ connectionString: ledger.databaseUrl });
      await client.connect();
      // One statement sees one state: three views that count the same thing have to agree in every
      // one.
      const count =
        `select (select count(*) from visit_ledger.visit where status <> 'unknown') as ` +
        `visits, (select coalesce(sum(opened), 0) from visit_ledger.institution_day) as ` +
        `opened, (select count(*) from visit_ledger.person_visit) as persons`;
      while (isRebuilding) {
        const [row] = (await client.query<Record<'visits' | 'opened' | 'persons', string>>(count))
          .rows;
        seen.push({
          visits: Number(row!.visits),
          opened: Number(row!.opened),
          persons: Number(row!.persons),
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.end();
    })();
    const writing = (async () => {
      for (let number = 0; isRebuilding; number += 1) await wholeVisit(`B${number}`);
    })();
    const rebuilt = await Promise.all([projection.rebuild(), projection.rebuild()]);
    expect(rebuilt[0]).toEqual(rebuilt[1]);
    const before = await events.head();
    for (let again = 0; again < 4; again += 1)
      expect((await projection.rebuild()).events).toBeGreaterThan(100);
    // The load went on all the while.
    expect(await events.head()).toBeGreaterThan(before);
    isRebuilding = false;
    await Promise.all([reading, writing]);
    await caughtUp();
    expect(seen.length).toBeGreaterThan(10);
    for (const [index, { visits, opened, persons }] of seen.entries()) {
      expect({ opened, persons }).toEqual({ opened: visits, persons: visits });
      expect(visits).toBeGreaterThanOrEqual(index === 0 ? 12 : seen[index - 1]!.visits);
    }
    expect(await isEqual()).toBe(true);
    expect(await new ViewsController(store, projection).summary({ query: {} })).toMatchObject({
      visitsByStatus: { settled: played },
    });
  });

  test('a rebuild ends although facts come faster than it folds them', async () => {
    let reads = 0;
    const busy = {
      ...bound(events),
      readAll: async (options: Parameters<typeof events.readAll>[0]) => {
        if ((reads += 1) < 50) await wholeVisit(`E${reads}`);
        return events.readAll(options);
      },
    };
    const rebuilding = new Projection(busy, otherStore, candidate(ledger.id));
    await projection.stop();
    await rebuilding.rebuild();
    await rebuilding.stop();
    expect(reads).toBeLessThan(50);
    await projection.start();
    await caughtUp();
    expect(await isEqual()).toBe(true);
  });

  test('dropping and rebuilding changes no row', async () => {
    const rows = async (): Promise<string> => {
      const client = new Client({ connectionString: ledger.databaseUrl });
      await client.connect();
      const tables = ['visit', 'person_visit', 'institution_day', 'account_balance'];
      const all = [];
      for (const name of tables)
        all.push((await client.query(`select * from visit_ledger.${name} order by 1`)).rows);
      await client.end();
      return JSON.stringify(all);
    };
    const before = await rows();
    await projection.rebuild();
    expect(await rows()).toBe(before);
  });

  test('two processes that project the same log fold every fact once, and one may rebuild meanwhile', async () => {
    const other = new Projection(events, otherStore, candidate(ledger.id));
    await other.start();
    const writing = Promise.all(Array.from({ length: 10 }, (_, index) => wholeVisit(`C${index}`)));
    await projection.rebuild();
    await writing;
    await Promise.all([caughtUp(), caughtUp(other)]);
    await other.stop();
    expect(await isEqual()).toBe(true);
    expect(await new ViewsController(store, projection).day(day)).toMatchObject({
      opened: played,
      settled: played,
    });
  });

  test('the check names a row that was changed, removed or added by hand, and a rebuild mends it', async () => {
    const client = new Client({ connectionString: ledger.databaseUrl });
    await client.connect();
    await client.query(
      'update visit_ledger.visit set gross_fen = gross_fen + 1 where visit_id = ' +
        "'HZ001-A3'; delete from visit_ledger.person_visit where visit_id = 'HZ001-A4'; " +
        "insert into visit_ledger.account_balance values ('channel:nobody', 1, 0)",
    );
    await client.end();
    // A check of views that are too large for memory goes part by part, and finds the same.
    const found = await projection.check();
    const rows = found.reduce((sum, view) => sum + view.rows, 0);
    const options = { checkRowsMax: Math.ceil(rows / 4) };
    const inParts = new Projection(events, otherStore, candidate(ledger.id), options);
    expect(await inParts.check()).toEqual(found);
    expect(found.map(({ view, differences }) => [view, differences])).toEqual([
      ['visit', ['HZ001-A3']],
      ['person_visit', ['HZ001-A4']],
      ['institution_day', []],
      ['account_balance', ['channel:nobody']],
    ]);
    await projection.rebuild();
    expect(await isEqual()).toBe(true);
  });

  test('a projection that starts again goes on where it stopped', async () => {
    await projection.stop();
    await wholeVisit('D1');
    expect(await projection.pending()).toBeGreaterThan(0);
    projection = new Projection(events, store, candidate(ledger.id));
    await projection.start();
    await caughtUp();
    expect(await isEqual()).toBe(true);
  });
};
