import type { Transaction } from '@caretab/store';
import { byPayer } from '../claim/claim-messages';
import { type ClaimLineRow, claimLineTable, type ClaimRow, claimTable } from '../claim/claim.table';
import { coverageTable } from '../claim/coverage.table';
import {
  type CheckedClaim,
  type CheckedLine,
  daysBefore,
  dayOf,
  quantityOf,
} from './checked-claim';

/** Visits of all persons of a batch that are looked at. */
const VISITS_MAX = 5_000;
const CLAIMS_MAX = 10_000;
const LINES_OF_A_PAGE = 10_000;
const LINES_MAX = 100_000;

/** How far back claims and lines are read, in days. */
export interface LookBack {
  readonly claimDays: number;
  readonly lineDays: number;
}

type Days = ReadonlyMap<string, { readonly from: string; readonly to: string }>;
type ReadClaim = Pick<
  ClaimRow,
  | 'visitId'
  | 'revision'
  | 'claimId'
  | 'personId'
  | 'institutionId'
  | 'adjudicatedAt'
  | 'totals'
  | 'payers'
  | 'effects'
>;
type ReadLine = Pick<
  ClaimLineRow,
  'visitId' | 'revision' | 'itemCode' | 'quantity' | 'occurredAt' | 'amountFen' | 'overLimitFen'
>;

const daysOf = async (
  transaction: Transaction,
  where: { readonly visitId: { readonly in: readonly string[] } } | PersonsSince,
): Promise<Days> => {
  const { rows } = await transaction
    .rows(coverageTable)
    .pageFields(['visitId', 'careDate', 'closedDate'], where, { countMax: VISITS_MAX });
  return new Map(
    rows.flatMap(({ visitId, careDate, closedDate }) =>
      closedDate === null ? [] : [[visitId, { from: careDate, to: closedDate }]],
    ),
  );
};
interface PersonsSince {
  readonly personId: { readonly in: readonly string[] };
  readonly closedDate: { readonly gt: string };
}

/** All lines of visits, page by page; of more than the most the rest is not looked at. */
const linesOf = async (
  transaction: Transaction,
  visitIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ReadLine[]>> => {
  const found = new Map<string, ReadLine[]>();
  let count = 0;
  let after: Partial<ClaimLineRow> | undefined;
  do {
    const { rows, next } = await transaction
      .rows(claimLineTable)
      .pageFields(
        [
          ...(['visitId', 'revision', 'itemCode', 'quantity'] as const),
          ...(['occurredAt', 'amountFen', 'overLimitFen'] as const),
        ],
        { visitId: { in: visitIds } },
        { countMax: LINES_OF_A_PAGE, after },
      );
    for (const row of rows) {
      const of = found.get(row.visitId) ?? [];
      of.push(row);
      found.set(row.visitId, of);
    }
    count += rows.length;
    after = next;
  } while (after !== undefined && count < LINES_MAX);
  return found;
};

const checkedLine = (line: ReadLine): CheckedLine => ({
  itemCode: line.itemCode,
  quantity: quantityOf(line.quantity),
  day: dayOf(line.occurredAt),
  amountFen: line.amountFen,
  overLimitFen: line.overLimitFen,
});

const perItem = (lines: readonly CheckedLine[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { itemCode, quantity } of lines)
    sums.set(itemCode, (sums.get(itemCode) ?? 0) + (quantity ?? 0));
  return sums;
};

/** Items of which any earlier revision had more than the last. */
const returnedOf = (
  lines: readonly ReadLine[],
  latestRevision: number,
  latest: readonly CheckedLine[],
): string[] => {
  const now = perItem(latest);
  const returned = new Set<string>();
  for (const revision of new Set(lines.map((line) => line.revision))) {
    if (revision === latestRevision) continue;
    const then = perItem(lines.filter((line) => line.revision === revision).map(checkedLine));
    for (const [itemCode, quantity] of then)
      if (quantity > (now.get(itemCode) ?? 0)) returned.add(itemCode);
  }
  return [...returned].sort();
};

const checkedClaim = (
  revisions: readonly ReadClaim[],
  { from, to }: { readonly from: string; readonly to: string },
  lines: readonly ReadLine[],
): CheckedClaim => {
  const [first] = revisions;
  const last = revisions.at(-1)!;
  const standing = lines.filter(({ revision }) => revision === last.revision).map(checkedLine);
  const most = Math.max(...revisions.map(({ totals }) => totals.grossFen));
  return {
    ...{ visitId: last.visitId, claimId: last.claimId, revision: last.revision },
    institutionId: last.institutionId,
    isInpatient: last.effects[0]?.benefit === 'inpatient',
    ...{ from, to, settledAt: first!.adjudicatedAt, lines: standing },
    returned: returnedOf(lines, last.revision, standing),
    creditedFen: most - last.totals.grossFen,
    borneFen: new Map(byPayer(last.payers).map(({ payerId, amountFen }) => [payerId, amountFen])),
  };
};

/** The claims of the persons of some visits, as they stand: by a few statements for all of them. */
export const claimsOfPersons = async (
  transaction: Transaction,
  {
    visitIds,
    personIds,
  }: { readonly visitIds: readonly string[]; readonly personIds: readonly string[] },
  { claimDays, lineDays }: LookBack,
): Promise<ReadonlyMap<string, readonly CheckedClaim[]>> => {
  const own = await daysOf(transaction, { visitId: { in: visitIds } });
  const first = [...own.values()].map(({ to }) => to).sort()[0];
  if (first === undefined) return new Map();
  const since = { gt: daysBefore(first, claimDays + 1) };
  const days = new Map([
    ...(await daysOf(transaction, { personId: { in: personIds }, closedDate: since })),
    ...own,
  ]);
  const { rows: claims } = await transaction
    .rows(claimTable)
    .pageFields(
      [
        ...(['visitId', 'revision', 'claimId', 'personId', 'institutionId'] as const),
        ...(['adjudicatedAt', 'totals', 'payers', 'effects'] as const),
      ],
      { visitId: { in: [...days.keys()] } },
      { countMax: CLAIMS_MAX },
    );
  const lineSince = daysBefore(first, lineDays + 1);
  const near = [...days].flatMap(([visitId, { to }]) => (to > lineSince ? [visitId] : []));
  const lines = await linesOf(transaction, near);
  const revisions = new Map<string, ReadClaim[]>();
  for (const claim of claims)
    revisions.set(claim.visitId, [...(revisions.get(claim.visitId) ?? []), claim]);
  const found = new Map<string, CheckedClaim[]>();
  for (const [visitId, of] of revisions) {
    const sorted = of.toSorted((one, other) => one.revision - other.revision);
    const claim = checkedClaim(sorted, days.get(visitId)!, lines.get(visitId) ?? []);
    const { personId } = sorted[0]!;
    found.set(personId, [...(found.get(personId) ?? []), claim]);
  }
  return found;
};
