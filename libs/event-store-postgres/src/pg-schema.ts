import { assert } from '@caretab/kernel';
import { Client, escapeLiteral } from 'pg';
import { APP_ROLE, demandLedgerRights } from './ledger-rights';

export interface MigrateOptions {
  /** A user who may create schemas and roles. */
  readonly url: string;
  readonly schema: string;
  /** The application's user, if it is another: it becomes a member of APP_ROLE. */
  readonly appUser?: string;
}

/**
 * Wire codes of an expected revision and of an outcome. The function knows one more expectation
 * than the port: any revision, which has no caller.
 */
export const EXPECT_NONE = -1;
const EXPECT_ANY = -2;
/** `faulty`: the stream's beginning is missing; the position is of what follows. */
export type AppendOutcome = 'written' | 'repeated' | 'wrong' | 'taken' | 'faulty';

const MIGRATION_TIMEOUT_MS = 60_000;
const ATTEMPTS_MAX = 5;
/**
 * Another migration of the same cluster was there first: duplicate object or schema, unique
 * violation, "tuple concurrently updated".
 */
const OTHERS_WERE_FIRST = new Set(['42710', '42P06', '23505', 'XX000']);

/** Schema names go into SQL as they are. */
export const assertSchemaName = (schema: string): void =>
  assert(
    /^[a-z_][a-z0-9_]{0,40}$/.test(schema),
    'a schema name is lower case letters, digits and underscores',
  );

/** Creates the schema, its immutability and its append function; again changes nothing. */
export const migrateEventStore = async ({
  url,
  schema,
  appUser,
}: MigrateOptions): Promise<void> => {
  assertSchemaName(schema);
  const client = new Client({
    connectionString: url,
    application_name: 'caretab event store migration',
  });
  client.on('error', () => undefined); // The query under way rejects with the same error.
  await client.connect();
  try {
    await client.query(`set statement_timeout = ${MIGRATION_TIMEOUT_MS}`);
    await demandLedgerRights(client, appUser);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.query(
          `begin; select pg_advisory_xact_lock(hashtextextended('caretab.migrate.${schema}', ` +
            `0)); ${ddl(schema, appUser)} commit;`,
        );
        return;
      } catch (error) {
        await client.query('rollback');
        if (
          attempt === ATTEMPTS_MAX ||
          !OTHERS_WERE_FIRST.has((error as { code?: string }).code ?? '')
        )
          throw error;
      }
    }
  } finally {
    await client.end();
  }
};

const ddl = (schema: string, appUser: string | undefined): string => `
${role(appUser)}
${table(schema)}
${immutability(schema)}
${appendFunction(schema)}
${unsignedAppend(schema)}
revoke all on all tables in schema ${schema} from public, ${APP_ROLE};
grant usage on schema ${schema} to ${APP_ROLE};
grant select on ${schema}.events to ${APP_ROLE};
revoke all on all functions in schema ${schema} from public;
grant execute on function ${schema}.append(${UNSIGNED_ARGUMENTS}) to ${APP_ROLE};
grant execute on function ${schema}.append(${UNSIGNED_ARGUMENTS}, text[], bytea[]) to ${APP_ROLE};
`;

/** What the release before signing calls; while it runs beside this one it goes on writing. */
const UNSIGNED_ARGUMENTS = 'text[], int[], int[], text[], text[], text[], text[], bytea[]';

const unsignedAppend = (schema: string): string => `
create or replace function ${schema}.append(
  streams text[], expected int[], sizes int[], ids text[], types text[], datas text[], metadatas text[], digests bytea[]
) returns table (outcome text, last_revision int, last_position bigint)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select * from ${schema}.append(streams, expected, sizes, ids, types, datas, metadatas, digests,
    array_fill(null::text, array[cardinality(ids)]), array_fill(null::bytea, array[cardinality(ids)]))
$$;`;

const role = (appUser: string | undefined): string => `
do $$ declare app name := ${appUser === undefined ? 'session_user' : escapeLiteral(appUser)};
begin
  if not exists (select from pg_roles where rolname = '${APP_ROLE}') then create role ${APP_ROLE} nologin; end if;
  if not pg_has_role(app, '${APP_ROLE}', 'member') then execute format('grant ${APP_ROLE} to %I', app); end if;
end $$;`;

/**
 * Where a row may stand, so that there is room behind the last one for the next append. Rows of
 * before are not looked at: one that stands elsewhere is a fault of its stream.
 */
const BOUNDS = 'events_bounds';
const POSITION_MAX = 4_611_686_018_427_387_904n;
const REVISION_MAX = 2_147_483_000;

// data and metadata are text: jsonb would not keep the bytes that were hashed. key_id and mac are
// null in events from before signing.
const table = (schema: string): string => `
create schema if not exists ${schema};
create table if not exists ${schema}.events (
  position bigint not null primary key,
  stream text collate "C" not null,
  revision int not null,
  id text collate "C" not null,
  type text not null,
  data text not null,
  metadata text not null,
  recorded_at timestamptz(3) not null,
  hash bytea not null,
  constraint events_place unique (stream, revision),
  constraint events_id unique (stream, id)
);
alter table ${schema}.events add column if not exists key_id text;
alter table ${schema}.events add column if not exists mac bytea;
do $$ begin
  if not exists (
    select from pg_constraint where conname = '${BOUNDS}' and conrelid = '${schema}.events'::regclass
  ) then
    alter table ${schema}.events add constraint ${BOUNDS} check (
      position between 1 and ${POSITION_MAX} and revision between 0 and ${REVISION_MAX}
    ) not valid;
  end if;
end $$;`;

/** Even the owner is refused, and even while replicating. */
const immutability = (schema: string): string => `
create or replace function ${schema}.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are immutable: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create or replace trigger events_immutable before update or delete or truncate on ${schema}.events
  for each statement execute function ${schema}.refuse_change();
alter table ${schema}.events enable always trigger events_immutable;`;

/**
 * One statement appends to many streams (each at most once) and answers each. Heads are checked and
 * chains computed before the lock: should another writer come in between, the unique constraints
 * fail the statement and nothing is written. Positions are drawn under a transaction lock that
 * every writer holds until its commit is visible, without gaps: who sees a position sees all before
 * it. Only this function writes, because only its owner may insert.
 */
const appendFunction = (schema: string): string => `
create or replace function ${schema}.append(
  streams text[], expected int[], sizes int[], ids text[], types text[], datas text[], metadatas text[],
  digests bytea[], key_ids text[], macs bytea[]
) returns table (outcome text, last_revision int, last_position bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  request record;
  done int := 0;
  written int := 0;
  place int;
  head_revision int;
  found_position bigint;
  link bytea;
  base bigint := 0;
  recorded timestamptz(3) := clock_timestamp();
  recorded_ms bytea := int8send((extract(epoch from recorded) * 1000)::bigint);
  owners text[] := array_fill(null::text, array[cardinality(ids)]);
  revisions int[] := array_fill(null::int, array[cardinality(ids)]);
  hashes bytea[] := array_fill(null::bytea, array[cardinality(ids)]);
  outcomes text[] := array_fill(null::text, array[cardinality(streams)]);
  last_revisions int[] := array_fill(null::int, array[cardinality(streams)]);
  last_positions bigint[] := array_fill(null::bigint, array[cardinality(streams)]);
begin
  for request in
    select a.n::int as n, a.stream, a.expected, a.size, coalesce(h.revision, -1) as head, h.hash
    from unnest(streams, expected, sizes) with ordinality as a(stream, expected, size, n)
    left join lateral (
      select e.revision, e.hash from ${schema}.events e where e.stream = a.stream order by e.revision desc limit 1
    ) h on true
    order by a.n
  loop
    place := request.expected + 1;
    if request.expected = ${EXPECT_ANY} then
      select e.revision into place from ${schema}.events e where e.stream = request.stream and e.id = ids[done + 1];
      place := coalesce(place, request.head + 1);
    end if;
    if request.head >= 0 and not exists (
      select from ${schema}.events e where e.stream = request.stream and e.revision = 0
    ) then
      outcomes[request.n] := 'faulty';
      last_revisions[request.n] := request.head;
      select e.position into found_position
      from ${schema}.events e where e.stream = request.stream order by e.revision limit 1;
      last_positions[request.n] := found_position;
    elsif place = request.head + 1 then
      head_revision := request.head;
      link := coalesce(request.hash, '\\x${'00'.repeat(32)}'::bytea);
      for at in done + 1 .. done + request.size loop
        head_revision := head_revision + 1;
        link := sha256(link || digests[at] || int4send(head_revision) || recorded_ms);
        owners[at] := request.stream;
        revisions[at] := head_revision;
        hashes[at] := link;
      end loop;
      written := written + request.size;
      outcomes[request.n] := 'written';
      last_revisions[request.n] := head_revision;
      last_positions[request.n] := written;
    else
      select e.position into found_position
      from ${schema}.events e where e.stream = request.stream and e.revision = place + request.size - 1
        and not exists (
          select from unnest(
            ids[done + 1 : done + request.size], types[done + 1 : done + request.size],
            datas[done + 1 : done + request.size], metadatas[done + 1 : done + request.size]
          ) with ordinality as g(id, type, data, metadata, k)
          left join ${schema}.events s on s.stream = request.stream and s.revision = place + g.k - 1
          where (s.id, s.type, s.data, s.metadata) is distinct from (g.id, g.type, g.data, g.metadata)
        );
      if found then
        outcomes[request.n] := 'repeated';
        last_revisions[request.n] := place + request.size - 1;
        last_positions[request.n] := found_position;
      else
        outcomes[request.n] := case when request.expected = ${EXPECT_ANY} then 'taken' else 'wrong' end;
        last_revisions[request.n] := request.head;
      end if;
    end if;
    done := done + request.size;
  end loop;
  if written > 0 then
    perform ${positionLock(schema)};
    select greatest(max(e.position), 0) into base from ${schema}.events e;
    insert into ${schema}.events
      (position, stream, revision, id, type, data, metadata, recorded_at, hash, key_id, mac)
    select base + row_number() over (order by u.n), u.stream, u.revision, u.id, u.type, u.data,
    u.metadata, recorded, u.hash, u.key_id, u.mac
    from unnest(owners, revisions, ids, types, datas, metadatas, hashes, key_ids, macs) with ordinality
      as u(stream, revision, id, type, data, metadata, hash, key_id, mac, n)
    where u.revision is not null;
    perform pg_notify('${channelOf(schema)}', '');
  end if;
  return query
    select a.o, a.r, case when a.o = 'written' then base + a.p else a.p end
    from unnest(outcomes, last_revisions, last_positions) with ordinality as a(o, r, p, n) order by a.n;
end $$;`;

/**
 * What every writer holds until its commit is visible, so that positions have no gaps and no reader
 * sees one before those below it.
 */
const positionLock = (schema: string): string =>
  `pg_advisory_xact_lock(hashtextextended('caretab.events.${schema}', 0))`;

export const takePositionLock = (schema: string): string => `select ${positionLock(schema)}`;

/** The channel on which a writer notifies readers of other connections. */
export const channelOf = (schema: string): string => `caretab_events_${schema}`;
