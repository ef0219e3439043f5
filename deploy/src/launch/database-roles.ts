import { createHmac } from 'node:crypto';
import { APP_ROLE } from '@caretab/event-store-postgres';
import { narrowRoleOf } from '@caretab/store';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Owns the schemas and tables of all services, and runs their migrations. */
const OWNER = 'caretab_owner';
const BUS = 'caretab_bus';
const LEDGER = 'caretab_visit_ledger';
const BUS_SCHEMA = 'bus';

export interface DatabaseRoles {
  /** As the service, which reads and writes rows and owns nothing. */
  serviceUrl(service: string): string;
  /** As the owner of its tables, for migrations. */
  readonly ownerUrl: string;
  /** As the owner of the bus's tables. */
  readonly busUrl: string;
}

const schemaOf = (service: string): string => service.replaceAll('-', '_');
const roleOf = (service: string): string => `caretab_${schemaOf(service)}`;

/** Follows from that of the superuser: nothing more is kept. */
const passwordOf = (superUrl: string, role: string): string =>
  createHmac('sha256', new URL(superUrl).password).update(role).digest('hex');

const signedIn = (superUrl: string, role: string): string => {
  const url = new URL(superUrl);
  url.username = role;
  url.password = passwordOf(superUrl, role);
  return url.href;
};

const makeRole = (superUrl: string, role: string): string => `
  do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
  end $$;
  alter role ${role} login nosuperuser nocreatedb nocreaterole nobypassrls
    password ${escapeLiteral(passwordOf(superUrl, role))};`;

/** The role of a service's reads for others, which sees the rows of those alone. */
const makeNarrowRole = (service: string): string => {
  const narrow = narrowRoleOf(roleOf(service));
  return `
  do $$ begin
    if not exists (select from pg_roles where rolname = '${narrow}') then create role ${narrow} nologin; end if;
  end $$;
  grant ${narrow} to ${roleOf(service)};`;
};

/** What a superuser made in a schema before there were roles. A table takes its own sequences along. */
const handOver = (schema: string, owner: string): string => `
  do $$ declare one record; place oid := to_regnamespace('${schema}');
  begin
    if place is null then return; end if;
    execute 'alter schema ${schema} owner to ${owner}';
    for one in
      select c.oid::regclass as name from pg_class c
      where c.relnamespace = place and c.relkind in ('r', 'p', 'v', 'm', 'S')
        and c.relowner <> '${owner}'::regrole
        and not exists (select from pg_depend d where d.objid = c.oid and c.relkind = 'S' and d.deptype in ('a', 'i'))
    loop
      execute format('alter table %s owner to ${owner}', one.name);
    end loop;
    for one in
      select p.oid::regprocedure as name from pg_proc p
      where p.pronamespace = place and p.proowner <> '${owner}'::regrole
    loop
      execute format('alter function %s owner to ${owner}', one.name);
    end loop;
    for one in
      select t.oid::regtype as name from pg_type t
      where t.typnamespace = place and t.typtype in ('e', 'd') and t.typowner <> '${owner}'::regrole
    loop
      execute format('alter type %s owner to ${owner}', one.name);
    end loop;
  end $$;`;

/**
 * Makes the roles of services in a database, and hands over what is there. Again changes nothing.
 * The superuser is used here alone.
 */
export const makeRoles = async (
  superUrl: string,
  services: readonly string[],
): Promise<DatabaseRoles> => {
  const client = new Client({ connectionString: superUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    const database = escapeIdentifier(rows[0]!.name);
    await client.query(`
      begin;
      select pg_advisory_xact_lock(hashtextextended('caretab.roles', 0));
      ${[OWNER, BUS, ...services.map(roleOf)].map((role) => makeRole(superUrl, role)).join('')}
      ${services.map(makeNarrowRole).join('')}
      do $$ begin
        if not exists (select from pg_roles where rolname = '${APP_ROLE}') then create role ${APP_ROLE} nologin; end if;
      end $$;
      ${services.includes('visit-ledger') ? `grant ${APP_ROLE} to ${LEDGER};` : ''}
      grant connect, create on database ${database} to ${OWNER}, ${BUS};
      ${services.map((service) => handOver(schemaOf(service), OWNER)).join('')}
      ${handOver(`${schemaOf('visit-ledger')}_events`, OWNER)}
      ${handOver(BUS_SCHEMA, BUS)}
      commit;`);
  } finally {
    await client.end();
  }
  return {
    serviceUrl: (service) => signedIn(superUrl, roleOf(service)),
    ownerUrl: signedIn(superUrl, OWNER),
    busUrl: signedIn(superUrl, BUS),
  };
};
