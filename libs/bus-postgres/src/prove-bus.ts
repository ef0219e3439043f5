import {
  databaseOf,
  mayCreateIn,
  type NamedUrl,
  proveDatabase,
  type Right,
  userOf,
} from '@caretab/store';
import { escapeIdentifier, escapeLiteral } from 'pg';

/** Who signs in makes the tables of the bus, and so has to own those that are there. */
const ownsWhatIsThere = (schema: string, role: string): Right => ({
  otherwise: `the schema ${schema}, or a table in it, belongs to another role than ${role}`,
  holds: `not exists (
    select from pg_namespace n left join pg_class c on c.relnamespace = n.oid and c.relkind = 'r'
    join pg_roles r on r.rolname = ${escapeLiteral(role)}
    where n.nspname = ${escapeLiteral(schema)}
      and not (pg_has_role(r.oid, n.nspowner, 'usage')
        and (c.oid is null or pg_has_role(r.oid, c.relowner, 'usage'))))`,
  statement:
    `alter schema ${schema} owner to ${escapeIdentifier(role)}; and for each of its tables: ` +
    `alter table ${schema}.NAME owner to ${escapeIdentifier(role)};`,
});

/** Throws CannotStart where the bus cannot be kept there. */
export const proveBus = (named: NamedUrl, schema: string): Promise<void> => {
  const [role, database] = [userOf(named.url), databaseOf(named.url)];
  return proveDatabase(named, [mayCreateIn(database, role), ownsWhatIsThere(schema, role)]);
};
