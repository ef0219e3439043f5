import {
  type ContractMessage,
  identityPersons,
  message,
  topics,
  visitLedgerVisits,
} from '@caretab/contracts';
import { type Bus, busOfAll, partitionOf, twinBusSettings } from '@caretab/bus';
import { namedBus } from '@caretab/bus/test';
import { type RunningServices, startServices } from '@caretab/host';
import { freePort, testDatabase, type TestDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { Client } from 'pg';
import { credit } from '../src';
import { personOf, visitOf } from './holds.suite';

const time = new Date('2026-03-02T00:00:00Z');
const registeredAt = time.toISOString();
const person = personOf('a');
const PARTITIONS = visitLedgerVisits.partitions;

/** Credit as it ships, its consumers over a real bus and its rows in PostgreSQL. */
export const poisonSuite = (name: string, openBus: (databaseUrl: string) => Bus): void => {
  describe(`the consumers of credit ${name}`, () => {
    let database: TestDatabase;
    let bus: Bus;
    let running: RunningServices;

    const ask = async (path: string, method = 'GET', body?: unknown): Promise<any> => {
      const response = await fetch(`${running.url}/credit/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return response.json();
    };
    const until = (condition: () => Promise<boolean>): Promise<void> =>
      eventually(async () => expect(await condition()).toBe(true), 25_000);
    const quiet = (): Promise<void> =>
      until(async () =>
        Object.values((await ask('backlog')) as Record<string, number>).every((left) => left === 0),
      );
    const send = async (...messages: readonly ContractMessage[]): Promise<void> => {
      for (const { topic, key, headers, value } of messages)
        await busOfAll(bus).send(topic, [{ key, headers, value: JSON.stringify(value) }]);
    };
    const entriesOf = async (): Promise<{ kind: string; visitId: string | null }[]> =>
      (await ask(`accounts/${person}`)).entries;

    beforeAll(async () => {
      database = await testDatabase();
      bus = namedBus(openBus(database.url), 'poison');
      running = await startServices({
        services: [credit],
        topics,
        bus,
        databaseUrl: () => database.url,
        env: {
          HTTP_PORT: String(await freePort()),
          ...twinBusSettings(),
          LOG_LEVEL: 'silent',
          HTTP_RESPONSE_CHECK: 'true',
        },
      });
      await ask(`persons/${person}/score`, 'PUT', { score: 900, scoredAt: registeredAt });
      await send(
        message(
          identityPersons,
          'PersonRegistered',
          { personId: person, minor: false, registeredAt },
          { id: 'registered', time, source: 'test' },
        ),
      );
      await quiet();
      await ask('enrolments', 'POST', { personId: person });
    });
    afterAll(async () => {
      await running?.stop();
      await bus.close();
      await database.drop();
    });

    /**
     * Visits whose messages lie in the same partition as the first, and visits of the other
     * partitions.
     */
    const all = Array.from({ length: 60 }, (_, index) => visitOf(`v${index}`));
    const poisoned = all[0]!;
    const isBeside = (visitId: string): boolean =>
      visitId !== poisoned &&
      partitionOf(visitId, PARTITIONS) === partitionOf(poisoned, PARTITIONS);
    const beside = all.filter(isBeside).slice(0, 3);
    const elsewhere = all
      .filter((visitId) => visitId !== poisoned && !isBeside(visitId))
      .slice(0, 6);

    const about = (visitId: string) => ({ visitId, institutionId: 'H1', personId: person });
    const opened = (visitId: string, id = `opened-${visitId}`) =>
      message(
        visitLedgerVisits,
        'VisitOpened',
        { ...about(visitId), visitClass: 'outpatient', startedAt: registeredAt },
        { id, time, source: 'test' },
      );
    const adjudicated = (visitId: string) =>
      message(
        visitLedgerVisits,
        'VisitAdjudicated',
        {
          ...about(visitId),
          accountPersonId: person,
          closedAt: registeredAt,
          revision: 1,
          grossFen: 700,
          payers: [],
          patientDueFen: 700,
        },
        { id: `adjudicated-${visitId}`, time, source: 'test' },
      );
    const cancelled = (visitId: string) =>
      message(
        visitLedgerVisits,
        'VisitCancelled',
        { ...about(visitId), cancelledAt: registeredAt },
        { id: `cancelled-${visitId}`, time, source: 'test' },
      );

    const withDatabase = async (work: (client: Client) => Promise<unknown>): Promise<void> => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      await work(client).finally(() => client.end());
    };

    /** What credit does with its verdict is right, and the database will not have it. */
    const poisonVerdictOf = async (visitId: string): Promise<void> => {
      await withDatabase(async (client) => {
        await client.query(
          `create function credit.refuse() returns trigger language plpgsql as $$ begin ` +
            `raise exception 'refused'; end $$`,
        );
        await client.query(
          'create trigger poison before update on credit.hold for each row when ' +
            `(new.visit_id = '${visitId}' and new.outstanding_fen > 0) execute function ` +
            'credit.refuse()',
        );
      });
    };

    test('a duplicate or a poison message does not freeze its partition', async () => {
      expect([beside.length, elsewhere.length]).toEqual([3, 6]);
      await send(...[poisoned, ...beside, ...elsewhere].map((visitId) => opened(visitId)));
      await quiet();

      await poisonVerdictOf(poisoned);
      const poison = adjudicated(poisoned);
      const unreadable = {
        ...adjudicated(poisoned),
        headers: { ...poison.headers, ce_id: 'unreadable' },
        value: 'neither',
      };
      const duplicate = adjudicated(beside[0]!);
      await send(
        poison,
        unreadable,
        duplicate,
        duplicate,
        opened(beside[0]!),
        ...beside.slice(1).map((visitId) => adjudicated(visitId)),
        ...elsewhere.map((visitId) => adjudicated(visitId)),
      );

      // The other partitions go on.
      const dueOf = async (visits: readonly string[]): Promise<string[]> =>
        (await entriesOf())
          .filter(({ kind, visitId }) => kind === 'Due' && visits.includes(visitId!))
          .map(({ visitId }) => visitId!);
      await until(async () => (await dueOf(elsewhere)).length === elsewhere.length);
      // Its own waits for as many tries as are made, and goes on.
      await until(async () => (await dueOf(beside)).length === beside.length);
      // What follows of the key that was poisoned waits behind it.
      await send(cancelled(poisoned));
      await quiet();

      const { messages } = await ask('parked');
      const seen = messages.map(({ messageId, code, holds, key }: Record<string, unknown>) => ({
        messageId,
        code,
        holds,
        key,
      }));
      expect(seen).toHaveLength(3);
      expect(seen).toEqual(
        expect.arrayContaining([
          {
            messageId: poison.headers['ce_id'],
            code: 'HANDLER_FAILED',
            holds: true,
            key: poisoned,
          },
          { messageId: null, code: 'CONTRACT_BROKEN', holds: false, key: poisoned },
          { messageId: `cancelled-${poisoned}`, code: 'KEY_HELD', holds: true, key: poisoned },
        ]),
      );
      // Everything once, in spite of the batches that were begun again and the message that came
      // twice.
      expect((await dueOf([...beside, ...elsewhere])).sort()).toEqual(
        [...beside, ...elsewhere].sort(),
      );
      expect(
        (await entriesOf()).filter(({ visitId }) => visitId === poisoned).map(({ kind }) => kind),
      ).toEqual(['Held']);

      // The database takes it again: both are handled by themselves, in their order.
      await withDatabase((client) => client.query('drop trigger poison on credit.hold'));
      await until(async () => (await dueOf([poisoned])).length === 1);
      const leftCodes = async (): Promise<string[]> =>
        (await ask('parked')).messages.map(({ code }: { code: string }) => code).sort();
      await until(async () => (await leftCodes()).join() === 'CONTRACT_BROKEN,HOLD_ALREADY_DUE');
      expect(await ask(`accounts/${person}`)).toMatchObject({
        heldFen: 0,
        outstandingFen: 10 * 700,
      });
    });
  });
};
