import { lookAt, type Place, type Store } from '@caretab/store';
import { ConfigError } from '../config';
import { type FingerprintRow, fingerprintTable } from './fingerprint.table';
import { faultsBeside, lastOf } from './judge';
import type { KnownKeys } from './known-keys';

const refuseFaults = (
  service: string,
  known: readonly KnownKeys[],
  stored: readonly FingerprintRow[],
): void => {
  const faults = faultsBeside(known, stored);
  if (faults.length > 0) throw new ConfigError(service, faults);
};

interface Found {
  readonly isThere: boolean;
  readonly hasOwn: boolean;
  readonly others: readonly string[];
}

/** Which schemas hold fingerprints, and whether there is one of ours at all. */
const FOUND = `
  select to_regnamespace(quote_ident($1)) is not null as "isThere",
    coalesce(bool_or(n.nspname = $1), false) as "hasOwn",
    coalesce(array_agg(n.nspname::text order by n.nspname) filter (where n.nspname <> $1), '{}') as others
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relname = 'fingerprint' and c.relkind = 'r'`;

export interface Whose {
  readonly service: string;
  /** Services share a database where they share a process. */
  readonly isAlone: boolean;
}

/**
 * Compares what a process was given with what its database keeps, before anything is written.
 * Throws ConfigError, also where the database is another service's.
 */
export const compareFingerprints = (
  { service, isAlone }: Whose,
  place: Place & { readonly ownerUrl?: string | undefined },
  known: readonly KnownKeys[],
): Promise<void> =>
  lookAt(place, async (query) => {
    const [found] = await query<Found>(FOUND, [place.schema]);
    const { isThere, hasOwn, others } = found!;
    if (isAlone && !isThere && others.length > 0)
      throw new ConfigError(service, [
        `DATABASE_URL: this database belongs to ${others.join(', ')}; ` +
          'a service has a database of its own (docs/deploying.md)',
      ]);
    if (!hasOwn) return;
    const stored = await query<FingerprintRow>(
      `select name, key_id as "keyId", fingerprint, turn from "${place.schema}".fingerprint`,
    );
    refuseFaults(service, known, stored);
  });

/**
 * Keeps the fingerprints that are new, and which key writes now. Throws ConfigError where another
 * process kept others meanwhile.
 */
export const keepFingerprints = (
  service: string,
  store: Store,
  known: readonly KnownKeys[],
): Promise<void> =>
  store.transact(async (transaction) => {
    const rows = transaction.rows(fingerprintTable);
    const given = known.flatMap(({ name, fingerprints }) =>
      [...fingerprints].map(([keyId, fingerprint]) => ({ name, keyId, fingerprint, turn: 0 })),
    );
    const before = await rows.find({});
    const isKept = ({ name, keyId }: FingerprintRow): boolean =>
      before.some((row) => row.name === name && row.keyId === keyId);
    await rows.insertAllAbsent(given.filter((row) => !isKept(row)));
    const stored = await rows.find({});
    refuseFaults(service, known, stored);
    for (const { name, currentId } of known) {
      const ofName = stored.filter((row) => row.name === name);
      const last = lastOf(ofName);
      const current = ofName.find(({ keyId }) => keyId === currentId);
      if (current && current !== last) await rows.save({ ...current, turn: (last?.turn ?? 0) + 1 });
    }
  });
