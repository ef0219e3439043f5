import type { FUND_FAULTS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { CheckRulesInForce } from '../check/check-rules';
import { type ClaimFlagRow, claimFlagTable } from '../check/claim-flag.table';
import { byPayer } from '../claim/claim-messages';
import { latestClaim } from '../claim/claim-rows';
import { type ReviewStepRow, reviewStepTable } from './review-step.table';

const PAGE_REVIEWS = 100;

/** Which flag of which payer; of another payer it is unknown. */
interface Which {
  readonly payerId: string;
  readonly flagId: string;
}
interface Query {
  readonly state?: ClaimFlagRow['state'] | undefined;
  readonly after?: string | undefined;
}
export type ReviewDecision = { readonly evidence: string; readonly note: string } & (
  | { readonly decision: 'cleared' }
  | {
      readonly decision: 'confirmed';
      readonly reason: (typeof FUND_FAULTS)[number];
      readonly amountFen: number;
    }
);
interface Deciders {
  readonly by: string;
  readonly approvedBy?: string | undefined;
}

const ownOf = (payer: string) => ({ within: [{ payer }] });

const cursorOf = (after: string): { readonly raisedAt: Date; readonly flagId: string } => {
  const [moment, flagId] = after.split(' ');
  const raisedAt = new Date(moment ?? '');
  if (Number.isNaN(raisedAt.getTime()) || flagId === undefined)
    throw new DomainError('REQUEST_INVALID', 'invalid', { field: '/after' });
  return { raisedAt, flagId };
};

const amountsOf = (decision: ReviewDecision) =>
  decision.decision === 'confirmed'
    ? { reason: decision.reason, amountFen: decision.amountFen }
    : { reason: null, amountFen: null };

/** What a payer does with flags on claims that it bears a part of. Every step is kept. */
export class Reviews {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    readonly rulesInForce: CheckRulesInForce,
  ) {}

  /** The oldest first. Throws REQUEST_INVALID (invalid): `after` is none of ours. */
  list(
    payerId: string,
    { state, after }: Query,
  ): Promise<{ readonly reviews: ClaimFlagRow[]; readonly next?: string }> {
    return this.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(claimFlagTable).page(
        { payerId, ...(state && { state }) },
        {
          ...{ orderBy: 'raisedAt', countMax: PAGE_REVIEWS },
          after: after === undefined ? undefined : cursorOf(after),
        },
      );
      const following = next && `${next.raisedAt!.toISOString()} ${next.flagId!}`;
      return { reviews: [...rows], ...(following && { next: following }) };
    }, ownOf(payerId));
  }

  /** Throws REVIEW_UNKNOWN (not-found). */
  show(which: Which): Promise<ClaimFlagRow & { readonly steps: ShownStep[] }> {
    return this.store.transact(async (transaction) => {
      const flag = await known(transaction, which);
      const steps = await stepsOf(transaction, flag);
      return { ...flag, steps: steps.map(({ flagId: _, ...step }) => step) };
    }, ownOf(which.payerId));
  }

  /** Throws REVIEW_UNKNOWN (not-found), REVIEW_DECIDED (conflict). */
  own(which: Which, by: string): Promise<ClaimFlagRow> {
    return this.store.transact(async (transaction) => {
      const flag = await undecided(transaction, which);
      if (flag.owner === by) return flag;
      const taken: ClaimFlagRow = { ...flag, state: 'taken', owner: by };
      await this.step(transaction, taken, { what: 'taken', by });
      return taken;
    });
  }

  /**
   * Clears a flag or confirms it; from the amount of the rules on by two persons. Throws
   * REVIEW_UNKNOWN (not-found), REVIEW_DECIDED, REVIEW_NOT_TAKEN, APPROVAL_NEEDED (conflict),
   * REVIEW_AMOUNT (invalid): more than the payer bears of the claim.
   */
  decide(which: Which, decision: ReviewDecision, deciders: Deciders): Promise<ClaimFlagRow> {
    return this.store.transact(async (transaction) => {
      const flag = await known(transaction, which, 'wait');
      const { evidence, note, decision: state } = decision;
      const amounts = amountsOf(decision);
      if (isDecided(flag)) {
        const last = (await stepsOf(transaction, flag)).at(-1);
        const said = JSON.stringify([state, amounts.reason, amounts.amountFen, evidence, note]);
        const same = [flag.state, flag.reason, flag.amountFen, last?.evidence, last?.note];
        if (said === JSON.stringify(same)) return flag;
        throw new DomainError('REVIEW_DECIDED', 'conflict', { flagId: flag.flagId });
      }
      if (flag.owner !== deciders.by)
        throw new DomainError('REVIEW_NOT_TAKEN', 'conflict', { flagId: flag.flagId });
      if (amounts.amountFen !== null)
        await this.assertAmount(transaction, flag, amounts.amountFen, deciders);
      const decided: ClaimFlagRow = { ...flag, state, ...amounts };
      await this.step(transaction, decided, {
        ...{ what: state, ...deciders, ...amounts, evidence, note },
      });
      return decided;
    });
  }

  private async assertAmount(
    transaction: Transaction,
    { flagId, visitId, payerId }: ClaimFlagRow,
    amountFen: number,
    { approvedBy }: Deciders,
  ): Promise<void> {
    const claim = await latestClaim(transaction, visitId);
    const part = byPayer(claim?.payers ?? []).find((one) => one.payerId === payerId);
    if (amountFen > (part?.amountFen ?? 0))
      throw new DomainError('REVIEW_AMOUNT', 'invalid', { field: '/amountFen' });
    const { twoPersonsFromFen } = this.rulesInForce.rules;
    if (amountFen >= twoPersonsFromFen && approvedBy === undefined)
      throw new DomainError('APPROVAL_NEEDED', 'conflict', { flagId });
  }

  private async step(
    transaction: Transaction,
    flag: ClaimFlagRow,
    said: Pick<ReviewStepRow, 'what' | 'by'> & Partial<Said>,
  ): Promise<void> {
    const nothing: Said = { ...{ approvedBy: null, reason: null, amountFen: null }, ...UNSAID };
    await transaction.rows(reviewStepTable).insert({
      ...{ ...nothing, ...said, approvedBy: said.approvedBy ?? null, flagId: flag.flagId },
      ...{ number: (await stepsOf(transaction, flag)).length + 1, at: this.clock.now() },
    });
    await transaction.rows(claimFlagTable).save(flag);
  }
}

type Said = Pick<ReviewStepRow, 'reason' | 'amountFen' | 'evidence' | 'note'> & {
  readonly approvedBy: string | null | undefined;
};
type ShownStep = Omit<ReviewStepRow, 'flagId'>;
const UNSAID = { evidence: null, note: null };

const isDecided = ({ state }: ClaimFlagRow): boolean =>
  state === 'cleared' || state === 'confirmed';

const known = async (
  transaction: Transaction,
  { payerId, flagId }: Which,
  lock?: 'wait',
): Promise<ClaimFlagRow> => {
  const flag = await transaction.rows(claimFlagTable).get({ flagId, payerId }, lock && { lock });
  if (!flag) throw new DomainError('REVIEW_UNKNOWN', 'not-found', { flagId });
  return flag;
};

const undecided = async (transaction: Transaction, which: Which): Promise<ClaimFlagRow> => {
  const flag = await known(transaction, which, 'wait');
  if (isDecided(flag)) throw new DomainError('REVIEW_DECIDED', 'conflict', { flagId: flag.flagId });
  return flag;
};

const stepsOf = (transaction: Transaction, { flagId }: ClaimFlagRow): Promise<ReviewStepRow[]> =>
  transaction.rows(reviewStepTable).find({ flagId }, { orderBy: 'number', countMax: 1_000 });
