import { planOfVersion } from '@caretab/benefits';
import type { Transaction } from '@caretab/store';
import type { Care } from '../claim/terms';
import { approvedDocuments, inForceOn, knowDocuments } from './approved-documents';
import type { PlanDocumentRow } from './document.table';

type Versions = Pick<Care, 'documents' | 'coordination'>;

/** The documents in force on the day of care for the plans that a person has, and who pays first. */
export const versionsOn = async (
  transaction: Transaction,
  planIds: readonly string[],
  careDate: string,
): Promise<Versions> => {
  const approved = await approvedDocuments(transaction);
  const plans = planIds.flatMap(
    (name) => inForceOn(approved, { kind: 'plan', name }, careDate) ?? [],
  );
  const order =
    planIds.length > 0 ? inForceOn(approved, { kind: 'coordination' }, careDate) : undefined;
  await knowDocuments(transaction, [...plans, ...(order ? [order] : [])]);
  return {
    documents: new Map(plans.map(({ name, version }) => [name, version])),
    coordination: order?.version,
  };
};

/** The days of a claim, by what a plan may say that its version goes by. */
export interface VersionDays {
  readonly admission: string;
  readonly discharge: string;
  readonly settlement: string;
}

const dayOf = (version: string, days: VersionDays): string => {
  const { year } = planOfVersion(version).file;
  return days[year?.versionBy ?? year?.by ?? 'discharge'];
};

/**
 * The versions that a closed visit is settled by: each plan says whether it goes by the day of
 * admission, of discharge or of settlement. The one in force at the admission says it.
 */
export const versionsOfClosed = async (
  transaction: Transaction,
  { documents, coordination }: Versions,
  days: VersionDays,
): Promise<Versions> => {
  if (documents.size === 0 && coordination === undefined) return { documents, coordination };
  const approved = await approvedDocuments(transaction);
  const named = new Set([...documents.values(), ...(coordination ? [coordination] : [])]);
  await knowDocuments(
    transaction,
    approved.filter(({ version }) => named.has(version)),
  );
  const plans = [...documents].map(([name, version]): PlanDocumentRow | undefined => {
    const atAdmission = approved.find((row) => row.version === version);
    return inForceOn(approved, { kind: 'plan', name }, dayOf(version, days)) ?? atAdmission;
  });
  const found = plans.flatMap((row) => row ?? []);
  await knowDocuments(transaction, found);
  return {
    documents: new Map(found.map(({ name, version }) => [name, version])),
    coordination,
  };
};
