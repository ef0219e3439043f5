import type { FingerprintRow } from './fingerprint.table';
import { ENVIRONMENT, type KnownKeys } from './known-keys';

const RUNBOOK = 'docs/runbooks/sealing-keys.md';

/** The one that wrote last; undefined where none ever wrote. */
export const lastOf = (stored: readonly FingerprintRow[]): FingerprintRow | undefined =>
  stored.reduce<FingerprintRow | undefined>(
    (last, row) => (row.turn > (last?.turn ?? 0) ? row : last),
    undefined,
  );

/** What is wrong with keys beside what the database keeps of their name; undefined: nothing. */
const faultOf = (
  { name, fingerprints, currentId }: KnownKeys,
  stored: readonly FingerprintRow[],
): string | undefined => {
  const other = stored.find(
    ({ keyId, fingerprint }) => (fingerprints.get(keyId) ?? fingerprint) !== fingerprint,
  );
  if (other && name === ENVIRONMENT)
    return `${name}: this database belongs to the environment "${other.fingerprint}"`;
  if (other)
    return (
      `${name}: its key${other.keyId && ` "${other.keyId}"`} is not the one by which this ` +
      `database was written; give that one, or the database of this one (${RUNBOOK})`
    );
  const last = lastOf(stored);
  if (currentId === undefined || !last || fingerprints.has(last.keyId)) return undefined;
  return `${name}: has no key "${last.keyId}", by which this database was written last (${RUNBOOK})`;
};

/** Everything that does not fit, a sentence each. Names and ids stand in it, and no key. */
export const faultsBeside = (
  known: readonly KnownKeys[],
  stored: readonly FingerprintRow[],
): readonly string[] => {
  const faults = known.flatMap(
    (keys) =>
      faultOf(
        keys,
        stored.filter(({ name }) => name === keys.name),
      ) ?? [],
  );
  const environment = stored.find(({ name }) => name === ENVIRONMENT);
  return environment && !known.some(({ name }) => name === ENVIRONMENT)
    ? [
        ...faults,
        `${ENVIRONMENT}: is missing; this database belongs to the environment ` +
          `"${environment.fingerprint}"`,
      ]
    : faults;
};
