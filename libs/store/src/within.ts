import { createHash } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { OwnedBy, Owner, Table } from './tables';

/** Whose rows are seen: those that fit all that is named; `{}` is everyone's. */
export type Whose = { readonly [Name in Owner]?: string | undefined };

const namedIn = (whose: Whose): [Owner, string][] =>
  (Object.entries(whose) as [Owner, string | undefined][]).flatMap(([owner, value]) =>
    value === undefined ? [] : [[owner, value]],
  );

/** Whether only some rows are seen. */
export const isNarrow = (within: readonly Whose[] | undefined): within is readonly Whose[] =>
  within !== undefined && within.every((whose) => namedIn(whose).length > 0);

const names = (row: Readonly<Record<string, unknown>>, by: OwnedBy, value: string): boolean => {
  if (typeof by === 'string') return row[by] === value;
  if ('where' in by) return row[by.where] === by.is && row[by.field] === value;
  const { [by.list]: entries } = row[by.field] as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(entries) &&
    entries.some((entry: Readonly<Record<string, unknown>>) => entry[by.entry] === value)
  );
};

/** Whether a row is of one of these. A table that does not say by what a row is someone's has none. */
export const isOneOf = <Row extends object>(
  within: readonly Whose[],
  { owners }: Table<Row>,
  row: Row,
): boolean =>
  within.some((whose) =>
    namedIn(whose).every(([owner, value]) => {
      const by = owners[owner];
      return by !== undefined && names(row as Readonly<Record<string, unknown>>, by, value);
    }),
  );

/** The role of a service's reads for others: it sees the rows that `SETTING` names. */
export const narrowRoleOf = (service: string): string => `${service}_within`;

const SETTING = 'caretab.within';

/** For the rest of a transaction. */
export const NARROWED = `select set_config('role', $1, true), set_config('${SETTING}', $2, true)`;

/** Whether who is signed in may read so. */
export const MAY_NARROW = `select pg_has_role(r.oid, 'member') as may from pg_roles r where r.rolname = $1`;

/** In SQL, what `names` is. */
const namesIn = ({ columns }: Table, by: OwnedBy, value: string): string => {
  const of = (field: string): string => escapeIdentifier(columns.get(field)!.name);
  if (typeof by === 'string') return `${value} = ${of(by)}`;
  if ('where' in by)
    return `(${of(by.where)} = ${escapeLiteral(by.is)} and ${value} = ${of(by.field)})`;
  const entry = `jsonb_build_object(${escapeLiteral(by.entry)}, ${value})`;
  const list = `jsonb_build_object(${escapeLiteral(by.list)}, jsonb_build_array(${entry}))`;
  return `${of(by.field)} @> ${list}`;
};

const OWNERS = ['institution', 'person', 'payer', 'plan'] as const satisfies readonly Owner[];

/** Whether rows of a table can be someone's. */
export const hasOwners = ({ owners, hangsOn }: Table): boolean =>
  hangsOn !== undefined || Object.keys(owners).length > 0;

/** In SQL, what isOneOf is; what a row hangs on is looked for by the narrow role, as any row is. */
const conditionOf = (schema: string, table: Table): string => {
  if (table.hangsOn) {
    const { table: whole, by } = table.hangsOn;
    const equal = by.map((field) => {
      const [of, own] = [whole, table].map(({ columns }) => columns.get(field)!.name);
      return `whole.${escapeIdentifier(of!)} = ${escapeIdentifier(table.name)}.${escapeIdentifier(own!)}`;
    });
    const from = `${escapeIdentifier(schema)}.${escapeIdentifier(whole.name)}`;
    return `exists (select from ${from} as whole where ${equal.join(' and ')})`;
  }
  const each = OWNERS.map((owner) => {
    const by = table.owners[owner];
    const isAbsent = `not jsonb_exists(it, '${owner}')`;
    if (by === undefined) return isAbsent;
    return `(${isAbsent} or ${namesIn(table, by, `it ->> '${owner}'`)})`;
  });
  const list = `coalesce(nullif(current_setting('${SETTING}', true), ''), '[]')::jsonb`;
  return `exists (select from jsonb_array_elements(${list}) as one(it) where ${each.join(' and ')})`;
};

/**
 * Row-level security of the tables that say whose a row is, where the narrow role of a service was
 * made: the service sees all rows, the narrow role those that a transaction names. What is there as
 * it should be is left alone, since a change of policies waits for every reader.
 */
export const narrowingOf = (schema: string, service: string, tables: readonly Table[]): string => {
  const narrow = narrowRoleOf(service);
  const [role, narrowRole] = [escapeIdentifier(service), escapeIdentifier(narrow)];
  const each = tables.filter(hasOwners).map((one) => {
    const table = `${escapeIdentifier(schema)}.${escapeIdentifier(one.name)}`;
    const condition = conditionOf(schema, one);
    const digest = createHash('sha256').update(`${service} ${condition}`).digest('hex');
    const policy = `within_${digest.slice(0, 12)}`;
    return `
      grant select on ${table} to ${narrowRole};
      if not exists (
        select from pg_policy where polrelid = ${escapeLiteral(table)}::regclass and polname = '${policy}'
      ) then
        for old in select polname from pg_policy where polrelid = ${escapeLiteral(table)}::regclass loop
          execute format('drop policy %I on %s', old.polname, ${escapeLiteral(table)});
        end loop;
        create policy all_rows on ${table} to ${role} using (true) with check (true);
        create policy ${policy} on ${table} for select to ${narrowRole} using (${condition});
        alter table ${table} enable row level security;
      end if;`;
  });
  if (each.length === 0) return '';
  return `
    do $within$ declare old record;
    begin
      if not exists (select from pg_roles where rolname = ${escapeLiteral(narrow)}) then return; end if;
      grant usage on schema ${escapeIdentifier(schema)} to ${narrowRole};${each.join('')}
    end $within$;`;
};
