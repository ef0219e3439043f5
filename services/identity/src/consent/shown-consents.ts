import type { Consent } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { consentKeyTable, consentSignatureTable } from './consent-key.table';
import { textOf } from './consent-texts';
import type { ConsentRow } from './consent.table';

/** The evidence as it is handed out: with it and nothing else a signature is checked anywhere. */
export const shownConsents = async (
  transaction: Transaction,
  rows: readonly ConsentRow[],
): Promise<Consent[]> => {
  const consentIds = rows.map(({ consentId }) => consentId);
  const signatures = await transaction
    .rows(consentSignatureTable)
    .find({ consentId: { in: consentIds } });
  const keyIds = [...new Set(signatures.map(({ keyId }) => keyId))];
  const keys = await transaction.rows(consentKeyTable).find({ keyId: { in: keyIds } });
  return rows.map((row) => {
    const signature = signatures.find(({ consentId }) => consentId === row.consentId);
    if (!signature) return shown(row);
    const { keyId, statement, value } = signature;
    const key = keys.find((one) => one.keyId === keyId);
    const text = textOf(row);
    return {
      ...shown(row),
      signature: {
        ...{ keyId, statement, value },
        ...(key && { algorithm: key.algorithm, publicKey: key.publicKey }),
        ...(text !== undefined && { text }),
      },
    };
  });
};

const shown = (row: ConsentRow): Consent => {
  const { consentId, purpose, given, version, language, hash, channel, evidence, at } = row;
  return {
    ...{ consentId, purpose, given, version, language, hash, channel, evidence, at },
    ...(row.byPersonId !== row.personId && { byPersonId: row.byPersonId }),
    ...(row.awaits && { awaits: true }),
    ...(row.institutionId !== null && { institutionId: row.institutionId }),
  };
};
