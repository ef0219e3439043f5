import { escapeIdentifier } from 'pg';

/** Of a trigger that stands before update, delete and truncate: the rows of its table are only inserted. */
const APPEND_ONLY = 2 | 8 | 16 | 32;

/** Who signs in with a connection string. */
export const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

/** The database that a connection string names. */
export const databaseOf = (url: string): string =>
  decodeURIComponent(new URL(url).pathname.slice(1)) || userOf(url);

/**
 * What a service may do in a schema that another role owns: read and write rows, and no more. Rows of
 * a table that is append-only are inserted and read; the list of migrations is read.
 */
export const rightsOf = (schema: string, role: string): string => {
  const [ofSchema, toRole] = [`schema ${escapeIdentifier(schema)}`, escapeIdentifier(role)];
  return `
    revoke all on all tables in ${ofSchema} from ${toRole};
    grant usage on ${ofSchema} to ${toRole};
    grant select, insert, update, delete on all tables in ${ofSchema} to ${toRole};
    grant usage on all sequences in ${ofSchema} to ${toRole};
    revoke insert, update, delete on ${escapeIdentifier(schema)}.migrations from ${toRole};
    do $$ declare name regclass;
    begin
      for name in
        select t.tgrelid from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = '${schema}' and t.tgtype & ${APPEND_ONLY} = ${APPEND_ONLY}
      loop
        execute format('revoke update, delete on %s from %I', name, '${role}');
      end loop;
    end $$;`;
};
