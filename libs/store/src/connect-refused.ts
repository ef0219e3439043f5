import { isNativeError } from 'node:util/types';
import { CannotStart } from '@caretab/kernel';
import { escapeIdentifier } from 'pg';
import { databaseOf, userOf } from './rights';
import { POOLER_REMEDY } from './session';

/** A connection string, and the variable that holds it. */
export interface NamedUrl {
  readonly url: string;
  /** As `DATABASE_URL`. */
  readonly setting: string;
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);
const EXPIRED = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const OF_ANOTHER_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';
const NOT_FOUND = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const SOCKET = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/;

/** What to do about each, by SQLSTATE, by the code of TLS or of the socket. */
const remedyOf = (
  { code = '', message }: { readonly code?: string; readonly message: string },
  { role, database }: { readonly role: string; readonly database: string },
): string | undefined => {
  const [toRole, ofDatabase] = [escapeIdentifier(role), escapeIdentifier(database)];
  const sql: Readonly<Record<string, string>> = {
    '28P01': `give the password of the role, or run: create role ${toRole} login password '…';`,
    '28000': /no encryption|SSL off/.test(message)
      ? 'the server asks for TLS: add ?sslmode=verify-full&sslrootcert=FILE to the URL'
      : `let the role in by a line of pg_hba.conf (hostssl ${database} ${role} ADDRESS ` +
        `scram-sha-256), or run: alter role ${toRole} login;`,
    '3D000': `run: create database ${ofDatabase} encoding 'UTF8' template template0;`,
    '42501': `run: grant connect on database ${ofDatabase} to ${toRole};`,
    '53300': 'raise max_connections of the server, or lower DATABASE_POOL_MAX',
    '57P03': 'wait until the server has started, then start again',
  };
  if (sql[code] !== undefined) return sql[code];
  // As a pooler says it.
  if (/^database ".*" does not exist$/.test(message)) return sql['3D000'];
  if (/startup parameter|pooler error|pooling mode/.test(message))
    return `it is a pooler: ${POOLER_REMEDY}`;
  if (UNTRUSTED.has(code))
    return 'its certificate is of no authority that is known: name that by sslrootcert=FILE';
  if (EXPIRED.has(code)) return 'its certificate is not valid today: renew it';
  if (code === OF_ANOTHER_HOST) return 'its certificate names another host: use the name in it';
  if (/does not support SSL/.test(message)) return 'switch TLS on there (ssl = on)';
  if (code === 'ENOENT') return 'the file that the URL names for TLS is not there';
  if (NOT_FOUND.has(code)) return 'no machine has this name: correct the URL';
  if (SOCKET.test(code) || /timeout|terminated/.test(message))
    return 'start it, open the way to it, or correct the URL';
  return undefined;
};

/** Where a URL leads, without who signs in. */
const placeOf = (url: string): { host: string; role: string; database: string } => {
  const { hostname, port } = new URL(url);
  return { host: `${hostname}:${port || '5432'}`, role: userOf(url), database: databaseOf(url) };
};

/** Why a connection could not be made, in a sentence with its remedy; any other error as it is. */
export const connectRefused = (error: unknown, { url, setting }: NamedUrl): unknown => {
  if (!isNativeError(error) || error instanceof CannotStart) return error;
  const { code, errors } = error as { code?: string; errors?: readonly { code?: string }[] };
  // Of a name with several addresses, the error of each.
  const told = { code: code ?? errors?.[0]?.code ?? '', message: error.message };
  const { host, ...place } = placeOf(url);
  const remedy = remedyOf(told, place);
  if (remedy === undefined) return error;
  return new CannotStart(
    `${setting}: database ${place.database} at ${host} does not let the role ${place.role} in ` +
      `(${told.code || told.message}): ${remedy}`,
    { cause: error },
  );
};
