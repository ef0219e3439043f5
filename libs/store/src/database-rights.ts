import { escapeIdentifier, escapeLiteral } from 'pg';
import { narrowRoleOf } from './within';

/**
 * Something that has to hold in a database, and the statement that makes it so. Any role may ask
 * for it: a start demands it before anything is written, and `caretab grants` prints and compares it.
 */
export interface Right {
  /** What is so where it does not hold: a right that is missing, or one too many. */
  readonly otherwise: string;
  /** Of SQL, true where it holds. */
  readonly holds: string;
  readonly statement: string;
}

export interface ServiceRoles {
  /** Signs in, reads and writes rows. */
  readonly service: string;
  /** Owns and migrates the tables. */
  readonly owner: string;
  readonly database: string;
}

const roleWhere = (role: string, condition: string, joined = ''): string =>
  `exists (select from pg_roles r ${joined && `join ${joined}`}
    where r.rolname = ${escapeLiteral(role)} and ${condition})`;

export const memberOf = (role: string, group: string): Right => ({
  otherwise: `the role ${role} is no member of ${group}`,
  holds: roleWhere(
    role,
    `exists (select from pg_roles g where g.rolname = ${escapeLiteral(group)}
      and pg_has_role(r.oid, g.oid, 'member'))`,
  ),
  statement: `grant ${escapeIdentifier(group)} to ${escapeIdentifier(role)};`,
});

export const roleExists = (role: string): Right => ({
  otherwise: `there is no role ${role}`,
  holds: roleWhere(role, 'true'),
  statement: `create role ${escapeIdentifier(role)} nologin;`,
});

const mayIn = (database: string, role: string, ...privileges: readonly string[]): string =>
  roleWhere(
    role,
    privileges
      .map((privilege) => `has_database_privilege(r.oid, d.oid, '${privilege}')`)
      .join(' and '),
    `pg_database d on d.datname = ${escapeLiteral(database)}`,
  );

/** Schemas, and what a migration needs for as long as it runs. */
export const mayCreateIn = (database: string, role: string): Right => ({
  otherwise: `the role ${role} may not create schemas and temporary tables in the database ${database}`,
  holds: mayIn(database, role, 'connect', 'create', 'temporary'),
  statement:
    `grant connect, create, temporary on database ${escapeIdentifier(database)} ` +
    `to ${escapeIdentifier(role)};`,
});

const mayConnectTo = (database: string, role: string): Right => ({
  otherwise: `the role ${role} may not connect to the database ${database}`,
  holds: mayIn(database, role, 'connect'),
  statement: `grant connect on database ${escapeIdentifier(database)} to ${escapeIdentifier(role)};`,
});

/** Of a role that is no more than one of a program. */
export const hasNoPower = (role: string): Right => ({
  otherwise:
    `the role ${role} may do more than a program should (superuser, createrole, createdb, ` +
    'bypassrls or replication)',
  holds: roleWhere(
    role,
    'not (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)',
  ),
  statement:
    `alter role ${escapeIdentifier(role)} nosuperuser nocreaterole nocreatedb ` +
    'nobypassrls noreplication;',
});

const isNoMemberOf = (role: string, group: string): Right => ({
  otherwise: `the role ${role} is a member of ${group}, and so owns its own tables`,
  holds: `not ${memberOf(role, group).holds}`,
  statement: `revoke ${escapeIdentifier(group)} from ${escapeIdentifier(role)};`,
});

const mayNotCreateIn = (database: string, role: string): Right => ({
  otherwise: `the role ${role} may create schemas in the database ${database}`,
  holds: `not ${mayIn(database, role, 'create')}`,
  statement: `revoke create on database ${escapeIdentifier(database)} from ${escapeIdentifier(role)};`,
});

/** What a service and its owner need beside the right to sign in. */
export const neededRights = ({ service, owner, database }: ServiceRoles): readonly Right[] => [
  mayCreateIn(database, owner),
  mayConnectTo(database, service),
  roleExists(narrowRoleOf(service)),
  memberOf(service, narrowRoleOf(service)),
];

/** What a service must not have. */
export const excessRights = ({ service, owner, database }: ServiceRoles): readonly Right[] => [
  hasNoPower(service),
  isNoMemberOf(service, owner),
  mayNotCreateIn(database, service),
];

/** The rights of these that do not hold. */
export const lackingOf = async (
  query: (text: string) => Promise<readonly { readonly holds: readonly boolean[] }[]>,
  rights: readonly Right[],
): Promise<readonly Right[]> => {
  if (rights.length === 0) return [];
  const [row] = await query(
    `select array[${rights.map(({ holds }) => holds).join(', ')}] as holds`,
  );
  return rights.filter((_, index) => !row!.holds[index]);
};
