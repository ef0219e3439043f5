import { demand, memberOf, type Right, roleExists } from '@caretab/store';
import type { Client } from 'pg';

/**
 * May read events and append through the schema's function; nothing else. Roles belong to the
 * cluster, so every ledger of a cluster shares it.
 */
export const APP_ROLE = 'caretab_ledger_app';

/** What the service that keeps its events here needs beside its own tables: the role that appends. */
export const ledgerRights = (service: string): readonly Right[] => [
  roleExists(APP_ROLE),
  memberOf(service, APP_ROLE),
];

const MAY_MAKE_ROLES = `
  select session_user as role, rolsuper or rolcreaterole as may from pg_roles where rolname = session_user`;

/** Throws CannotStart where the role is not there, and the owner of the events may not make it. */
export const demandLedgerRights = async (client: Client, service?: string): Promise<void> => {
  const { rows } = await client.query<{ role: string; may: boolean }>(MAY_MAKE_ROLES);
  const { role, may } = rows[0]!;
  if (!may) await demand(client, { setting: 'DATABASE_URL' }, ledgerRights(service ?? role));
};
