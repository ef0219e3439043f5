import { businessDateOf, type VisitLender } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type Account, boundedBy } from '../account/account';
import type { Accounts } from '../account/accounts';
import type { Arrears } from '../arrears/arrears';
import type { VisitConfirmations } from '../confirmation/visit-confirmations';
import { hasDied } from '../enrolment/died';
import { type EnrolmentRow, enrolmentTable } from '../enrolment/enrolment.table';
import type { BankLines } from '../lender/bank-lines';
import type { Loans } from '../lender/loans';
import type { LinePolicies } from '../policy/line-policies';
import { type Caps, capsOf, type DayUse, hasDayCap, termsOf } from '../policy/terms';
import { isStopped } from '../score/score-terms';
import {
  billedTo,
  type DeclineReason,
  declinedHold,
  firstHold,
  grantedHold,
  type Hold,
  increasedHold,
  type Refusal,
  standing,
} from './hold';
import { alive, expiryOf, type HoldPolicy } from './hold-policy';
import { HoldPublisher, type VisitMessage } from './hold.publisher';
import { holdTable } from './hold.table';
import { lockHold } from './possible';

type Visit = Pick<Hold, 'visitId' | 'personId' | 'visitClass'>;
type Terms = { readonly caps: Caps; readonly firstHoldFen: number };

/** An institution's id has no hyphen: the first one of a visit's id ends it. */
const institutionOf = (visitId: string): string => visitId.slice(0, visitId.indexOf('-'));

const NOTHING: DayUse = { classFen: 0, wardsFen: 0 };

/**
 * What is granted of a line: by the line, by the caps of the policy in force, and to whom it says.
 * Locks are taken in the order enrolment, hold, account, as everywhere.
 */
export class Grants {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policy: HoldPolicy;
      readonly policies: LinePolicies;
      readonly arrears: Arrears;
      readonly loans: Loans;
      readonly bankLines: BankLines;
      readonly confirmations: Pick<VisitConfirmations, 'ask' | 'shown'>;
    },
  ) {}

  /**
   * VisitOpened → CreditAuthorized with the first hold, or CreditDeclined with the reason; later,
   * where who pays is asked first.
   */
  async authorize(event: VisitMessage<'VisitOpened'>, transaction: Transaction): Promise<void> {
    const { visitId, personId, visitClass } = event.data;
    const visit = { visitId, personId, visitClass };
    const enrolment = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
    if (await transaction.rows(holdTable).get({ visitId })) return; // This opening was answered.
    const account =
      enrolment && (await this.parts.accounts.lock(transaction, enrolment.accountPersonId));
    const openedOn = businessDateOf(this.parts.clock.now());
    const lends =
      enrolment && account && (await this.lendsTo(transaction, { enrolment, account }, event.data));
    const bounded = typeof lends === 'object' ? lends.account : account;
    const opening = { visit, enrolment, account: bounded, openedOn };
    const heldFen = await this.firstHoldOf(transaction, opening);
    if (!account || typeof heldFen === 'string' || typeof lends !== 'object') {
      const refused = typeof lends === 'string' ? lends : 'NOT_ENROLLED';
      const reason = typeof heldFen === 'string' ? heldFen : refused;
      const accountPersonId = enrolment?.accountPersonId ?? personId;
      const { mergedPersonId = null } = enrolment ?? {};
      const declined = { ...declinedHold(visit, accountPersonId, reason), mergedPersonId };
      await transaction.rows(holdTable).insert(declined);
      return new HoldPublisher(transaction, this.parts.clock).declined(event, reason);
    }
    const { accountPersonId } = account;
    const expiresAt = expiryOf(this.parts.policy, visitClass, this.parts.clock.now());
    const { mergedPersonId = null } = enrolment ?? {};
    const granted = { accountPersonId, mergedPersonId, heldFen, expiresAt, openedOn };
    const { lender } = lends;
    const hold = grantedHold(visit, granted, lender?.kind === 'bank' ? lender.lenderId : null);
    const minutes = this.confirmMinutesOf(visitClass);
    const waits = minutes !== undefined && event.data.presence !== 'code';
    await transaction.rows(holdTable).insert(waits ? { ...hold, status: 'asked' } : hold);
    const change = { kind: 'Held', visitId, heldFen } as const;
    await this.parts.accounts.post(transaction, account, change, event.id);
    const { confirmations } = this.parts;
    if (waits) return confirmations.ask(transaction, event, hold, { lender, minutes });
    if (minutes !== undefined) await confirmations.shown(transaction, event, hold);
    if (hold.lenderId !== null) return this.parts.loans.reserve(transaction, event, hold);
    const lent = { ...granted, lender };
    new HoldPublisher(transaction, this.parts.clock).authorized(event, lent);
  }

  /**
   * HoldIncreaseRequested → HoldIncreased with the whole hold, or HoldIncreaseDeclined with the
   * reason.
   */
  async increase(
    event: VisitMessage<'HoldIncreaseRequested'>,
    transaction: Transaction,
  ): Promise<void> {
    const { visitId } = event.data;
    const hold = await lockHold(transaction, event);
    const account = hold && (await this.parts.accounts.lock(transaction, hold.accountPersonId));
    const publisher = new HoldPublisher(transaction, this.parts.clock);
    if (hold?.status !== 'held' || !account)
      return publisher.increaseDeclined(event, hold, 'NO_HOLD');
    const asks = { ...hold, billedTo: billedTo(hold) };
    const terms = await this.termsFor(transaction, asks, account);
    const caps = typeof terms === 'string' ? terms : terms.caps;
    const isRaised = this.parts.arrears.raisesWhenFrozen(account.frozenReason);
    const bounded = await this.boundedFor(transaction, account, hold);
    const asked = isRaised ? { ...bounded, frozenReason: null } : bounded;
    const heldFen = increasedHold(asked, hold.heldFen, event.data, caps);
    if (typeof heldFen === 'string') return publisher.increaseDeclined(event, hold, heldFen);
    const { clock, policy, loans } = this.parts;
    const isLent = hold.lenderId !== null && heldFen > hold.heldFen;
    if (isLent && !(await loans.raise(transaction, event, hold, heldFen)))
      return publisher.increaseDeclined(event, hold, 'LENDER_SILENT');
    await transaction
      .rows(holdTable)
      .save({ ...alive(policy, hold, hold.visitClass, clock.now()), heldFen });
    const growthFen = heldFen - hold.heldFen;
    const change = { kind: 'HoldIncreased', visitId, heldFen: growthFen } as const;
    if (growthFen > 0) await this.parts.accounts.post(transaction, account, change, event.id);
    if (!isLent) publisher.increased(event, hold, heldFen);
  }

  /**
   * Who lends, as the terms of the hold are: by the policy that this process knows to be in force; and
   * the account as that bounds it. A bank lends to who agreed to it, and was there: not to who typed a
   * number alone.
   */
  private async lendsTo(
    transaction: Transaction,
    { enrolment, account }: { readonly enrolment: EnrolmentRow; readonly account: Account },
    { visitClass, presence }: VisitMessage<'VisitOpened'>['data'],
  ): Promise<
    { readonly lender: VisitLender | undefined; readonly account: Account } | DeclineReason
  > {
    const lender = this.parts.policies.inForce().document.products[visitClass]?.lender;
    if (lender?.kind !== 'bank') return { lender, account };
    const { lenderIds, otherwise } = lender;
    const lending =
      presence === 'typed'
        ? 'none'
        : await this.parts.bankLines.lending(transaction, enrolment, lenderIds);
    if (lending === 'none') return { lender: otherwise, account };
    if (typeof lending === 'string') return lending;
    const { lenderId, leftFen } = lending;
    return { lender: { kind: 'bank', lenderId }, account: boundedBy(account, leftFen) };
  }

  /** What is left of a bank's line bounds a hold that it lends; nothing is, where it granted none. */
  private async boundedFor(
    transaction: Transaction,
    account: Account,
    hold: Hold,
  ): Promise<Account> {
    if (hold.lenderId === null) return account;
    const lending = await this.parts.bankLines.lending(transaction, hold, [hold.lenderId]);
    return boundedBy(account, typeof lending === 'object' ? lending.leftFen : 0);
  }

  /** Undefined: no word of who pays is needed. */
  private confirmMinutesOf(visitClass: Hold['visitClass']): number | undefined {
    return this.parts.policies.inForce().document.products[visitClass]?.confirmMinutes;
  }

  private async firstHoldOf(
    transaction: Transaction,
    {
      visit,
      enrolment,
      account,
      openedOn,
    }: {
      readonly visit: Visit;
      readonly enrolment: EnrolmentRow | undefined;
      readonly account: Account | undefined;
      readonly openedOn: string;
    },
  ): Promise<number | DeclineReason> {
    const refused = standing(enrolment, account);
    if (
      refused === 'FROZEN' &&
      account &&
      (await hasDied(transaction, visit.personId, account.accountPersonId))
    )
      return 'PERSON_DIED';
    if (refused || !account || !enrolment) return refused ?? 'NOT_ENROLLED';
    if (await this.isClosedToMerged(transaction, enrolment)) return 'SERVICE_CLOSED';
    const asks = { ...visit, openedOn, billedTo: billedTo(enrolment) };
    const terms = await this.termsFor(transaction, asks, account);
    return typeof terms === 'string' ? terms : firstHold(account, terms.firstHoldFen, terms.caps);
  }

  /** Who is merged has the service as long as the survivor has it. */
  private async isClosedToMerged(
    transaction: Transaction,
    { personId, accountPersonId, mergedPersonId }: EnrolmentRow,
  ): Promise<boolean> {
    if (mergedPersonId !== personId) return false;
    const rows = transaction.rows(enrolmentTable);
    return (await rows.get({ personId: accountPersonId }))?.status !== 'open';
  }

  /** What the policy in force grants a visit on a locked account, or why it grants nothing. */
  private async termsFor(
    transaction: Transaction,
    visit: Visit & { readonly openedOn: string | null; readonly billedTo: string },
    { accountPersonId, score, scoreExpiresAt }: Account,
  ): Promise<Terms | Refusal> {
    const { visitId, personId, visitClass, openedOn } = visit;
    if (await hasDied(transaction, personId, accountPersonId)) return 'PERSON_DIED';
    const policy = this.parts.policies.inForce();
    const isWard = personId !== visit.billedTo;
    const asking = { visitClass, institutionId: institutionOf(visitId), isWard, score };
    const terms = isStopped(policy.document, scoreExpiresAt, this.parts.clock.now())
      ? 'SCORE_EXPIRED'
      : termsOf(policy, asking);
    if (typeof terms === 'string') return terms;
    const use =
      openedOn !== null && hasDayCap(policy, asking)
        ? await this.dayUse(transaction, visit, accountPersonId, openedOn)
        : NOTHING;
    return { caps: capsOf(policy, asking, use), firstHoldFen: terms.firstHoldFen };
  }

  /** What the line's other visits of the day take, as holds and dues. */
  private async dayUse(
    transaction: Transaction,
    { visitId, visitClass }: Visit,
    accountPersonId: string,
    openedOn: string,
  ): Promise<DayUse> {
    const where = { accountPersonId, openedOn };
    const groups = await transaction.rows(holdTable).group(where, {
      by: ['visitId', 'personId', 'visitClass', 'mergedPersonId'],
      sum: ['heldFen', 'dueFen'],
    });
    const isWards = ({ values }: (typeof groups)[number]): boolean =>
      values.personId !== billedTo({ accountPersonId, ...values });
    const others = groups.filter(({ values }) => values.visitId !== visitId);
    const sum = (of: readonly (typeof groups)[number][]): number =>
      of.reduce((total, { sums }) => total + sums.heldFen + sums.dueFen, 0);
    return {
      classFen: sum(others.filter(({ values }) => values.visitClass === visitClass)),
      wardsFen: sum(others.filter(isWards)),
    };
  }
}
