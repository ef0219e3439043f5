import type { VisitLender } from '@caretab/contracts';
import { assert, type Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { mayLend } from '../enrolment/consent';
import { hasDied } from '../enrolment/died';
import { subjectTable } from '../enrolment/enrolment.table';
import { billedTo, type DeclineReason, declinedHold, type Hold } from './hold';
import { alive, type HoldPolicy } from './hold-policy';
import { HoldPublisher } from './hold.publisher';
import { holdTable } from './hold.table';

/** The message that opened the visit, as far as its answer needs it. */
export interface Opened {
  readonly id: string;
  readonly traceparent?: string;
  readonly data: { readonly visitId: string; readonly personId: string };
}

/** What becomes of a first hold that waited for a word: granted, or declined. The hold is locked. */
export class WaitingHolds {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policy: HoldPolicy;
    },
  ) {}

  /** Undefined: granted; else declined for this reason, because of what happened while it waited. */
  async grant(
    transaction: Transaction,
    opened: Opened,
    hold: Hold,
    lender: VisitLender | undefined,
  ): Promise<DeclineReason | undefined> {
    const { clock, policy } = this.parts;
    const refused = await this.refuses(transaction, opened, hold);
    if (refused) return refused;
    const { expiresAt, ...rest } = alive(policy, hold, hold.visitClass, clock.now());
    assert(expiresAt, 'a hold that is granted expires');
    await transaction.rows(holdTable).save({ ...rest, expiresAt, status: 'held' });
    new HoldPublisher(transaction, clock).authorized(opened, { ...rest, expiresAt, lender });
    return undefined;
  }

  /**
   * Declines a hold where nothing may be granted any more: someone died while it waited, or took the
   * consent to the bank back; why.
   */
  async refuses(
    transaction: Transaction,
    opened: Opened,
    hold: Hold,
  ): Promise<DeclineReason | undefined> {
    const { personId, accountPersonId, lenderId } = hold;
    // Who records a death holds the account, so it comes before or after.
    await this.parts.accounts.lock(transaction, accountPersonId);
    const payer = lenderId === null ? undefined : { personId: billedTo(hold) };
    const reason: DeclineReason | undefined = (await hasDied(
      transaction,
      personId,
      accountPersonId,
    ))
      ? 'PERSON_DIED'
      : payer && !mayLend(await transaction.rows(subjectTable).get(payer))
        ? 'LENDER_REFUSED'
        : undefined;
    if (reason) await this.decline(transaction, opened, hold, reason);
    return reason;
  }

  async decline(
    transaction: Transaction,
    opened: Opened,
    hold: Hold,
    reason: DeclineReason,
  ): Promise<void> {
    const { visitId, personId, visitClass, accountPersonId, mergedPersonId, heldFen } = hold;
    await this.free(transaction, opened.id, hold, heldFen);
    const declined = declinedHold({ visitId, personId, visitClass }, accountPersonId, reason);
    await transaction.rows(holdTable).save({ ...declined, mergedPersonId });
    new HoldPublisher(transaction, this.parts.clock).declined(opened, reason);
  }

  /** Gives the line back so much of a hold. */
  async free(
    transaction: Transaction,
    causedBy: string,
    { visitId, accountPersonId }: Pick<Hold, 'visitId' | 'accountPersonId'>,
    heldFen: number,
  ): Promise<void> {
    const account = await this.parts.accounts.lock(transaction, accountPersonId);
    assert(account, 'a hold stands on an account');
    const change = { kind: 'HoldReleased', visitId, heldFen: -heldFen } as const;
    await this.parts.accounts.post(transaction, account, change, causedBy);
  }
}
