import type { VisitLender } from '@caretab/contracts';
import { assert, type Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { hasDied } from '../enrolment/died';
import { type DeclineReason, declinedHold, type Hold } from './hold';
import { alive, type HoldPolicy } from './hold-policy';
import { HoldPublisher } from './hold.publisher';
import { holdTable } from './hold.table';

const PERSON_DIED = 'PERSON_DIED';

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

  /** Undefined: granted; else declined for this reason, because someone died while it waited. */
  async grant(
    transaction: Transaction,
    opened: Opened,
    hold: Hold,
    lender: VisitLender | undefined,
  ): Promise<DeclineReason | undefined> {
    const { clock, policy } = this.parts;
    if (await this.refuses(transaction, opened, hold)) return PERSON_DIED;
    const { expiresAt, ...rest } = alive(policy, hold, hold.visitClass, clock.now());
    assert(expiresAt, 'a hold that is granted expires');
    await transaction.rows(holdTable).save({ ...rest, expiresAt, status: 'held' });
    new HoldPublisher(transaction, clock).authorized(opened, { ...rest, expiresAt, lender });
    return undefined;
  }

  /** Declines the hold of who died while it waited, or whose payer did; whether it is so. */
  async refuses(transaction: Transaction, opened: Opened, hold: Hold): Promise<boolean> {
    // Who records a death holds the account, so it comes before or after.
    await this.parts.accounts.lock(transaction, hold.accountPersonId);
    if (!(await hasDied(transaction, hold.personId, hold.accountPersonId))) return false;
    await this.decline(transaction, opened, hold, PERSON_DIED);
    return true;
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
