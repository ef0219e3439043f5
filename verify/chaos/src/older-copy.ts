import { databaseUrlOf } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { Client } from 'pg';
import type { StrayedRow } from './audit-aside';
import { allRows } from './audit-rows';
import type { Fault } from './faults';
import { onceIn } from './hands';
import type { PlatformAccess } from './platform-access';
import type { Strike } from './strike';
import type { SupervisedPlatform } from './supervised-platform';

/** The log comes back as it was some seconds ago; later the newest is put in its place again. */

const LOG = 'visit_ledger_events.events';
/** What the older copy does not have, and what was written into it. */
const NEWER = 'of_others.newer';
const STRAYED = 'of_others.strayed';
const LEDGER = 'visit-ledger';

const AGE_MS = 3000;
const ALONE_TIMEOUT_MS = 120_000;
const AGAIN_MS = 200;
/** So long a process that was started on the copy has to refuse it. */
const REFUSED_MS = 30_000;

const MAKE = `create schema if not exists of_others;
create table if not exists ${NEWER} (like ${LOG} including indexes);
create table if not exists ${STRAYED} (like ${LOG});`;
const HEAD = `select coalesce(max(position), 0) as head from ${LOG}`;
const COUNT = `select count(*)::int as count from ${NEWER}`;

const unguarded = (sql: string): string => `begin;
alter table ${LOG} disable trigger events_immutable; ${sql};
alter table ${LOG} enable always trigger events_immutable;
commit;`;

/** Nothing where no reader has come further: then it would be no older copy to them. */
const olderThan = (head: string): string =>
  unguarded(`
insert into ${NEWER} select * from ${LOG}
  where position > ${head} and not exists (select from ${NEWER})
    and ${head} < (select max(position::bigint) from visit_ledger.checkpoint);
delete from ${LOG} e using ${NEWER} n
  where e.position = n.position and e.stream = n.stream and e.id = n.id`);

const newest = (head: string): string =>
  unguarded(`
insert into ${STRAYED} select * from ${LOG}
  where position > ${head} and exists (select from ${NEWER});
delete from ${LOG} where position > ${head} and exists (select from ${NEWER});
insert into ${LOG} select * from ${NEWER};
delete from ${NEWER}`);

const OTHERS = `from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

/** With all others cut off from the database, as for a restore. Twice must be as once. */
const alone = async (serverUrl: string, sql: string): Promise<void> => {
  const url = databaseUrlOf(serverUrl, LEDGER);
  const name = new URL(url).pathname.slice(1);
  const allow = (isAllowed: boolean): Promise<unknown> =>
    onceIn(serverUrl, `alter database ${name} allow_connections ${isAllowed}`);
  for (const giveUpAt = performance.now() + ALONE_TIMEOUT_MS; ; await pause(AGAIN_MS)) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await allow(false);
      for (let others = 1; others > 0;) {
        await client.query(`select pg_terminate_backend(pid) ${OTHERS}`);
        others = (await client.query(`select count(*)::int as count ${OTHERS}`)).rows[0].count;
      }
      return void (await client.query(sql));
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    } finally {
      await allow(true);
      await client.end().catch(() => undefined);
    }
  }
};

/**
 * The ledger's processes are stopped meanwhile and started on the copy, or cut off alone.
 */
export const olderCopy = (ground: SupervisedPlatform, { lot }: Fault): Strike => {
  const { postgresUrl, supervisor, instances, hands } = ground;
  const url = databaseUrlOf(postgresUrl, LEDGER);
  const names = instances.filter(({ service }) => service === LEDGER).map(({ name }) => name);
  const stopped: string[] = [];
  let head = '0';
  const startOnCopy = async (): Promise<void> => {
    const before = supervisor.deaths.length;
    for (const name of stopped) {
      supervisor.setOther(name, {});
      supervisor.startAgain(name);
    }
    const refused = (): number => {
      const ended = supervisor.deaths.slice(before).map((death) => death.name);
      return stopped.filter((name) => ended.includes(name)).length;
    };
    for (
      const giveUpAt = performance.now() + REFUSED_MS;
      refused() < stopped.length && performance.now() < giveUpAt;
      await pause(AGAIN_MS)
    );
    hands.startsRefused += refused();
  };
  return {
    what: `the log of visits comes back as it was ${AGE_MS / 1000} s ago`,
    struck: names,
    target: 'the log of visits',
    begin: async () => {
      await onceIn(url, MAKE);
      head = String((await onceIn<{ head: string }>(url, HEAD))[0]!.head);
      await pause(AGE_MS);
      if (lot < 0.5)
        for (const name of names)
          if (await supervisor.endByOrder(name, 'SIGTERM')) stopped.push(name);
      await alone(postgresUrl, olderThan(head));
      const isOlder = (await onceIn<{ count: number }>(url, COUNT))[0]!.count > 0;
      if (isOlder) await startOnCopy();
      else for (const name of stopped) supervisor.startAgain(name);
      if (isOlder) hands.olderCopies += 1;
      return isOlder;
    },
    end: async () => {
      for (const name of stopped) supervisor.setOther(name, undefined);
      await alone(postgresUrl, newest(head));
    },
  };
};

/** What was written into older copies. */
export const readStrayed = (field: PlatformAccess): Promise<StrayedRow[]> =>
  allRows<StrayedRow>(field.databaseUrlOf(LEDGER), `select stream, type from ${STRAYED}`);
