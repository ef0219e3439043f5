import type { SealedTable } from '@caretab/host';
import { isSealedBy, open, type Randomness, seal, type SealingKeys } from '@caretab/security';
import { type SubjectRow, subjectTable } from '../subject/subject.table';
import { type SigningKeyRow, signingKeyTable } from './signing-key.table';

/** By which the secret of a subject's one-time codes is sealed. */
export const totpOf = (subjectId: string): string => `totp ${subjectId}`;
/** By which the secret half of a key that signs tokens is sealed. */
export const tokenKeyOf = (kid: string): string => `token key ${kid}`;

/** What of sign-ins is sealed. */
export const sealedSignIns = (
  keys: SealingKeys,
  randomness?: Randomness,
): readonly SealedTable[] => {
  const renewed = (sealed: Buffer | null, context: string): Buffer | undefined =>
    sealed === null || isSealedBy(keys, sealed)
      ? undefined
      : seal(keys, open(keys, sealed, context), context, randomness);
  return [
    {
      table: subjectTable,
      renew: async (transaction, rows: readonly SubjectRow[]) => {
        const changed = rows.flatMap((row) => {
          const totp = renewed(row.totp, totpOf(row.subjectId));
          return totp ? [{ ...row, totp }] : [];
        });
        if (changed.length > 0) await transaction.rows(subjectTable).save(...changed);
        return changed.length;
      },
    },
    {
      table: signingKeyTable,
      renew: async (transaction, rows: readonly SigningKeyRow[]) => {
        const changed = rows.flatMap((row) => {
          const sealed = renewed(row.sealed, tokenKeyOf(row.kid));
          return sealed ? [{ ...row, sealed }] : [];
        });
        if (changed.length > 0) await transaction.rows(signingKeyTable).save(...changed);
        return changed.length;
      },
    },
  ];
};
