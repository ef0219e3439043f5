import { findPlan } from '@caretab/benefits';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { approvedDocuments } from '../document/approved-documents';
import { memberTable } from '../membership/membership.table';
import { type Effect, lockAccumulators } from './accumulators';
import { type OutsideUseRow, outsideUseTable } from './outside-use.table';

/** What is said of one plan in one year, as a whole. */
export type OutsideUse = Pick<
  OutsideUseRow,
  | 'planId'
  | 'year'
  | 'benefit'
  | 'source'
  | 'deductibleFen'
  | 'inScopeFen'
  | 'fundFen'
  | 'reference'
>;

/** A person has few plans, years and sources; each has few corrections. */
const ROWS_MAX = 1_000;

const effectOf = ({ planId, year, benefit, ...used }: OutsideUse): Effect => ({
  ...{ planId, year, benefit, personalAccountFen: 0 },
  ...{ deductibleFen: used.deductibleFen, inScopeFen: used.inScopeFen, fundFen: used.fundFen },
});

const isSame = (known: OutsideUse, said: OutsideUse): boolean =>
  known.deductibleFen === said.deductibleFen &&
  known.inScopeFen === said.inScopeFen &&
  known.fundFen === said.fundFen &&
  known.reference === said.reference;

/** Deductible and fund are parts of the costs in scope. */
const mustBePossible = ({ deductibleFen, inScopeFen, fundFen }: OutsideUse): void => {
  if (deductibleFen + fundFen > inScopeFen)
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/inScopeFen', why: 'deductible and fund together are more than it' }],
    });
};

/**
 * Use of plans outside of the platform: the balances of a year that has begun, and what the centre says
 * of other places (national interface, 5206). It counts for claims that are settled from then on; those
 * before stand on what they stood on.
 */
export class OutsideUses {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes what a source says; the same again changes nothing, other figures take the place of the last
   * ones. Throws PLAN_UNKNOWN, REQUEST_INVALID (invalid): it is no plan, one that is a document and counts
   * by counters of its own, or figures that cannot be.
   */
  async take(personId: string, said: OutsideUse, recordedBy: string): Promise<OutsideUseRow> {
    mustBePossible(said);
    return this.store.transact(async (transaction) => {
      const { planId, year, benefit, source } = said;
      await mustCount(transaction, planId);
      const members = transaction.rows(memberTable);
      const now = this.clock.now();
      await members.insertIfAbsent({ personId, contentHash: '', changedAt: now });
      await members.get({ personId }, { lock: 'wait' });
      const rows = transaction.rows(outsideUseTable);
      const [known] = await rows.find(
        { personId, planId, year, benefit, source },
        { orderBy: 'revision', descending: true, countMax: 1 },
      );
      if (known && isSame(known, said)) return known;
      const accumulators = await lockAccumulators(transaction, personId, [said]);
      if (known) accumulators.takeBack(effectOf(known));
      accumulators.add(effectOf(said));
      await accumulators.save(transaction);
      const revision = (known?.revision ?? 0) + 1;
      const row = { ...said, personId, revision, recordedBy, recordedAt: now };
      await rows.insert(row);
      return row;
    });
  }
}

const mustCount = async (transaction: Transaction, planId: string): Promise<void> => {
  const documents = await approvedDocuments(transaction);
  const isDocument = documents.some(({ kind, name }) => kind === 'plan' && name === planId);
  if (findPlan(planId) && !isDocument) return;
  const why = isDocument
    ? 'the plan is a document and counts by counters of its own'
    : 'there is no such plan';
  throw new DomainError('PLAN_UNKNOWN', 'invalid', { planId, why });
};

/** What counted at an instant, of each plan, benefit and source. */
export const outsideUseAt = async (
  transaction: Transaction,
  { personId, year, at }: { readonly personId: string; readonly year: number; readonly at: Date },
): Promise<readonly Effect[]> => {
  const said = await transaction
    .rows(outsideUseTable)
    .find({ personId, year, recordedAt: { lte: at } }, { orderBy: 'revision', countMax: ROWS_MAX });
  const last = new Map(said.map((row) => [`${row.planId} ${row.benefit} ${row.source}`, row]));
  return [...last.values()].map(effectOf);
};
