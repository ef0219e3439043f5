import type { LedgerStory } from './audit-ledger';
import type { CollectionRow } from './audit-payment';
import type { Settlement } from './audit-topics';
import { Check, type Finding } from './finding';

/** The last revision of each claim, as adjudication keeps it. */
export interface ClaimRow {
  readonly visitId: string;
  readonly revision: number;
  readonly grossFen: number;
  readonly payers: readonly { readonly payerId: string; readonly amountFen: number }[];
  readonly patientDueFen: number;
}

const byPayer = (parts: Iterable<readonly [payerId: string, amountFen: number]>): string => {
  const sums = new Map<string, number>();
  for (const [payerId, amountFen] of parts) sums.set(payerId, (sums.get(payerId) ?? 0) + amountFen);
  return JSON.stringify(
    [...sums].filter(([, amountFen]) => amountFen !== 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** Four services and the insurers' own topics say the same of who bears a visit. */
export const sharesFinding = (
  story: LedgerStory,
  claims: readonly ClaimRow[],
  collections: readonly CollectionRow[],
  settlements: Iterable<Settlement>,
): Finding => {
  const check = new Check(
    'gross = the insurers’ parts + the patient’s due in every visit, alike on the ' +
      'ledger, in adjudication, in payment and in what the insurers were told',
  );
  const claimOf = new Map(claims.map((claim) => [claim.visitId, claim]));
  const collectionOf = new Map(collections.map((row) => [row.visitId, row]));
  const posted = new Map<string, [string, number][]>();
  for (const { visitId, payerId, postedFen } of settlements)
    posted.set(visitId, [...(posted.get(visitId) ?? []), [payerId, postedFen]]);
  for (const [visitId, { verdict }] of story.book.tabs) {
    const claim = claimOf.get(visitId);
    if (!verdict && !claim && !posted.has(visitId)) continue;
    const parts = (payers: ClaimRow['payers'] = []): string =>
      byPayer(payers.map(({ payerId, amountFen }) => [payerId, amountFen] as const));
    const insurersFen = (verdict?.payers ?? []).reduce((sum, { amountFen }) => sum + amountFen, 0);
    const said = [verdict, claim].map((each) =>
      JSON.stringify([each?.revision, each?.grossFen, each?.patientDueFen, parts(each?.payers)]),
    );
    const collection = collectionOf.get(visitId);
    const isSame =
      said[0] === said[1] &&
      collection?.grossFen === verdict?.grossFen &&
      collection?.dueFen === verdict?.patientDueFen &&
      collection?.revision === verdict?.revision;
    check.must(
      verdict !== undefined &&
        verdict.grossFen === insurersFen + verdict.patientDueFen &&
        isSame &&
        byPayer(posted.get(visitId) ?? []) === parts(verdict.payers),
      () => ({
        visitId,
        ledger: verdict ?? null,
        adjudication: claim ?? null,
        payment: collection ?? null,
        insurers: posted.get(visitId) ?? [],
      }),
    );
  }
  return check.finding();
};
