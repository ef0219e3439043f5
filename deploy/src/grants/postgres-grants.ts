import { ledgerRights } from '@caretab/event-store-postgres';
import { excessRights, hasNoPower, mayCreateIn, neededRights, type Right } from '@caretab/store';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { type Service } from '../cluster/topology';

/** The role and the database of the bus, where it is in PostgreSQL. */
const BUS = 'bus';

export interface PostgresGrants {
  readonly services: readonly Service[];
  /** Whether topics are in PostgreSQL too. */
  readonly bus: boolean;
  /** Before the name of each role and database, where platforms share a server. */
  readonly prefix: string;
}

/** The roles of a service, or of the bus, and its database. */
export const rolesOf = (name: string, prefix: string) => {
  const service = `${prefix}${name}`;
  return { service, owner: `${service}-owner`, database: service };
};

/** The variables of `deploy/secrets.mjs` that hold the passwords of a service's roles. */
export const passwordVariablesOf = (name: string) => {
  const shouted = name.toUpperCase().replaceAll('-', '_');
  return {
    service: `${shouted}_DATABASE_PASSWORD`,
    owner: `${shouted}_DATABASE_OWNER_PASSWORD`,
  };
};

const signsIn = (role: string, passwordVariable: string): Right => ({
  otherwise: `there is no role ${role} that may sign in`,
  holds: `exists (select from pg_roles where rolname = ${escapeLiteral(role)} and rolcanlogin)`,
  statement: `create role ${escapeIdentifier(role)} login password :'${passwordVariable}';`,
});

const databaseExists = (database: string): Right => ({
  otherwise: `there is no database ${database} in UTF8`,
  holds: `exists (select from pg_database where datname = ${escapeLiteral(database)}
    and pg_encoding_to_char(encoding) = 'UTF8')`,
  statement: `create database ${escapeIdentifier(database)} encoding 'UTF8' template template0;`,
});

const isClosed = (database: string): Right => ({
  otherwise: `every role of the server may connect to the database ${database}`,
  holds: `exists (select from pg_database d where d.datname = ${escapeLiteral(database)} and not exists (
    select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where a.grantee = 0))`,
  statement: `revoke all on database ${escapeIdentifier(database)} from public;`,
});

const database = (name: string): readonly Right[] => [databaseExists(name), isClosed(name)];

const ofService = (name: Service, prefix: string): readonly Right[] => {
  const [roles, passwords] = [rolesOf(name, prefix), passwordVariablesOf(name)];
  return [
    signsIn(roles.owner, passwords.owner),
    signsIn(roles.service, passwords.service),
    ...database(roles.database),
    ...neededRights(roles),
    ...(name === 'visit-ledger' ? ledgerRights(roles.service) : []),
  ];
};

/** One role for all services: signatures say which of them wrote a message. */
const ofBus = (prefix: string): readonly Right[] => {
  const { service: role, database: name } = rolesOf(BUS, prefix);
  return [
    signsIn(role, passwordVariablesOf(BUS).service),
    ...database(name),
    mayCreateIn(name, role),
  ];
};

/** What has to be there, in the order in which it can be made. */
const needed = ({ services, bus, prefix }: PostgresGrants): readonly Right[] => [
  ...services.flatMap((service) => ofService(service, prefix)),
  ...(bus ? ofBus(prefix) : []),
];

const excess = ({ services, bus, prefix }: PostgresGrants): readonly Right[] => [
  ...services
    .map((service) => rolesOf(service, prefix))
    .flatMap((roles) => [...excessRights(roles), hasNoPower(roles.owner)]),
  ...(bus ? [hasNoPower(rolesOf(BUS, prefix).service)] : []),
];

export const allRights = (grants: PostgresGrants): readonly Right[] => [
  ...needed(grants),
  ...excess(grants),
];

const HEAD = `-- For psql, as a superuser of a server that has none of these roles and databases yet:
--   npm run --silent caretab -- grants postgres | psql --no-psqlrc
-- Passwords come from the environment, as \`node deploy/secrets.mjs compose\` prints them.
-- A role that ends with -owner owns and migrates the tables of a service. The service's own role reads
-- and writes their rows. As the role that ends with _within it reads for others, who see theirs alone.
\\set ON_ERROR_STOP on`;

/** The script that makes all of it on a server. */
export const postgresScript = (grants: PostgresGrants): readonly string[] => {
  const statements = needed(grants).map(({ statement }) => statement);
  return [HEAD, ...passwordsIn(statements), ...statements];
};

/** psql's lines that read the passwords of these statements. */
export const passwordsIn = (statements: readonly string[]): readonly string[] =>
  statements
    .flatMap((statement) => [...statement.matchAll(/:'(\w+)'/g)].map(([, name]) => name!))
    .map((name) => `\\getenv ${name} ${name}`);
