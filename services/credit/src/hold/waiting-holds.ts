import type { VisitLender } from '@caretab/contracts';
import { assert, type Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import { type DeclineReason, declinedHold, type Hold } from './hold';
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

  async grant(
    transaction: Transaction,
    opened: Opened,
    hold: Hold,
    lender: VisitLender | undefined,
  ): Promise<void> {
    const { clock, policy } = this.parts;
    const { expiresAt, ...rest } = alive(policy, hold, hold.visitClass, clock.now());
    assert(expiresAt, 'a hold that is granted expires');
    await transaction.rows(holdTable).save({ ...rest, expiresAt, status: 'held' });
    new HoldPublisher(transaction, clock).authorized(opened, { ...rest, expiresAt, lender });
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
