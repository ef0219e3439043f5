import { adjudicate, atAnyTime, planOfVersion } from '@caretab/benefits';
import { businessDateOf, type ClaimLine, type Coverage, type PlanTerms } from '@caretab/contracts';
import type { ClaimLineRow, ClaimRow } from '../claim/claim.table';
import type { CoverageRow } from '../claim/coverage.table';
import { documentTerms } from '../claim/terms';
import type { PlanDocumentRow } from './document.table';
import { type Carried, usedByTable } from './shadow-carry';
import type { Compared, ShadowClaim } from './shadow-tally';

type Document = Pick<PlanDocumentRow, 'version' | 'kind' | 'name' | 'payerId'>;

/** Whether a document would have decided a claim: its plan took part, or it orders the payers. */
export const concerns = ({ kind, name }: Document, { coverage: { plans } }: ClaimRow): boolean =>
  kind === 'plan' ? plans.some(({ planId }) => planId === name) : plans.length > 0;

const usedOf = ({ deductibleUsedFen, inScopeUsedFen, fundUsedFen }: PlanTerms) => ({
  ...{ deductibleFen: deductibleUsedFen, inScopeFen: inScopeUsedFen, fundFen: fundUsedFen },
});

const termsBy = (
  version: string,
  terms: PlanTerms,
  { psnType, benefit, year }: { psnType: string; benefit: string; year: number },
): PlanTerms => {
  const { planId, personalAccountFen, document } = terms;
  const by = documentTerms({ planId, psnType }, version, personalAccountFen);
  return {
    ...by,
    document: document
      ? { ...document, version }
      : {
          ...by.document!,
          memberFrom: '2000-01-01',
          used: usedByTable(planId, { benefit, year }, usedOf(terms)),
        },
  };
};

/** The coverage of a claim as it would have been with the document. */
const coverageWith = (
  { kind, name, version }: Document,
  { coverage, effects }: ClaimRow,
  { entitlements }: CoverageRow,
): Coverage => {
  const { benefit = 'outpatient', year = 0 } = effects[0] ?? {};
  // A claim that was settled by tables alone kept what they look at: in the hospital's beds or not.
  const visitClass = coverage.visitClass ?? (benefit === 'inpatient' ? benefit : 'outpatient');
  if (kind === 'coordination') return { ...coverage, visitClass, coordination: version };
  const psnTypes = new Map(entitlements.map(({ planId, psnType }) => [planId, psnType]));
  return {
    ...coverage,
    visitClass,
    plans: coverage.plans.map((terms) =>
      terms.planId === name
        ? termsBy(atAnyTime(version), terms, { psnType: psnTypes.get(name) ?? '', benefit, year })
        : terms,
    ),
  };
};

const byPayer = (
  parts: readonly { readonly payerId: string; readonly amountFen: number }[],
): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { payerId, amountFen } of parts)
    sums.set(payerId, (sums.get(payerId) ?? 0) + amountFen);
  return sums;
};

/**
 * One claim with and without the document: the same function as the verdict's, with what the year
 * would have used before it; what it would use otherwise is carried on. Undefined where its lines
 * were not kept whole.
 */
export const shadowClaim = (
  document: Document,
  { claim, coverage, lines }: { claim: ClaimRow; coverage: CoverageRow; lines: ClaimLineRow[] },
  carried: Carried,
): ShadowClaim | undefined => {
  const whole = lines.flatMap(({ chargeId, itemCode, amountFen, quantity, occurredAt }) =>
    quantity === null || occurredAt === null
      ? []
      : [{ chargeId, itemCode, amountFen, quantity, occurredAt } satisfies ClaimLine],
  );
  if (whole.length < lines.length) return undefined;
  const days = {
    discharged: coverage.closedDate ?? coverage.careDate,
    settled: businessDateOf(claim.adjudicatedAt),
  };
  const by = carried.into(coverageWith(document, claim, coverage), claim);
  const would = adjudicate(by, whole, days);
  carried.add(by, claim, would);
  const [before, after] = [byPayer(claim.payers), byPayer(would.payers)];
  const payers = [...new Set([...before.keys(), ...after.keys()])].map(
    (payerId): [string, Compared] => [
      payerId,
      { wasFen: before.get(payerId) ?? 0, wouldBeFen: after.get(payerId) ?? 0 },
    ],
  );
  const entitled = coverage.entitlements.find(({ planId }) => planId === document.name);
  return {
    payerId:
      document.kind === 'plan' ? planOfVersion(document.version).file.payer : document.payerId,
    personType: (entitled ?? coverage.entitlements[0])?.psnType ?? '',
    grossFen: claim.totals.grossFen,
    payers: Object.fromEntries(payers),
    patient: { wasFen: claim.patientDueFen, wouldBeFen: would.patientDueFen },
  };
};
