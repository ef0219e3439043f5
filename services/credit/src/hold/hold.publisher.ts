import {
  type ContractEvent,
  creditAuthorizations,
  message,
  type VisitLender,
  type visitLedgerVisits,
} from '@caretab/contracts';
import { type Clock, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { billedTo, type DeclineReason, type Hold } from './hold';

export type VisitMessage<Type extends keyof (typeof visitLedgerVisits)['events'] & string> =
  ContractEvent<typeof visitLedgerVisits, Type>;

type Cause = { readonly id: string; readonly traceparent?: string };
type Opening = Cause & { readonly data: { readonly visitId: string; readonly personId: string } };
type Requested = Opening & { readonly data: { readonly requestId: string } };

/** What others learn of a visit's hold: credit.authorizations. Amounts are whole fen. */
export class HoldPublisher {
  constructor(
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  authorized(
    event: Opening,
    hold: Pick<Hold, 'accountPersonId' | 'mergedPersonId' | 'heldFen'> & {
      readonly expiresAt: Date;
      readonly lender?: VisitLender | undefined;
    },
  ): void {
    const { visitId, personId } = event.data;
    const data = {
      visitId,
      personId,
      accountPersonId: billedTo(hold),
      authorizationId: derivedId('authorization', visitId),
      heldFen: hold.heldFen,
      expiresAt: hold.expiresAt.toISOString(),
      ...(hold.lender && { lender: hold.lender }),
    };
    const options = this.options(event, 'CreditAuthorized', visitId);
    this.transaction.publish(message(creditAuthorizations, 'CreditAuthorized', data, options));
  }

  declined(event: Opening, reason: DeclineReason): void {
    const { visitId, personId } = event.data;
    const data = { visitId, personId, reason };
    const options = this.options(event, 'CreditDeclined', visitId);
    this.transaction.publish(message(creditAuthorizations, 'CreditDeclined', data, options));
  }

  /** `heldFen` is the whole hold, not its growth. */
  increased(event: Requested, hold: Hold, heldFen: number): void {
    const { visitId, personId, requestId } = event.data;
    const data = { visitId, personId, accountPersonId: billedTo(hold), requestId, heldFen };
    const options = this.options(event, 'HoldIncreased', visitId, requestId);
    this.transaction.publish(message(creditAuthorizations, 'HoldIncreased', data, options));
  }

  increaseDeclined(event: Requested, hold: Hold | undefined, reason: DeclineReason): void {
    const { visitId, personId, requestId } = event.data;
    const data = {
      visitId,
      personId,
      accountPersonId: hold ? billedTo(hold) : personId,
      requestId,
      heldFen: hold?.heldFen ?? 0,
      reason,
    };
    const options = this.options(event, 'HoldIncreaseDeclined', visitId, requestId);
    this.transaction.publish(message(creditAuthorizations, 'HoldIncreaseDeclined', data, options));
  }

  /** `occasion` makes the message's id: a hold is released once by each verdict or cancellation. */
  released(
    event: VisitMessage<'VisitAdjudicated' | 'VisitCancelled'>,
    hold: Hold,
    became: { readonly becameDueFen: number; readonly overLineFen: number },
    occasion: string,
  ): void {
    const { visitId, personId, heldFen: releasedFen } = hold;
    const data = { visitId, personId, accountPersonId: billedTo(hold), releasedFen, ...became };
    const options = this.options(event, 'HoldReleased', visitId, occasion);
    this.transaction.publish(message(creditAuthorizations, 'HoldReleased', data, options));
  }

  /** Once per hold, by its own time: no message causes it. */
  expired(hold: Hold): void {
    const { visitId, personId, heldFen } = hold;
    const data = { visitId, personId, accountPersonId: billedTo(hold), heldFen };
    const options = this.options(undefined, 'HoldExpired', visitId);
    this.transaction.publish(message(creditAuthorizations, 'HoldExpired', data, options));
  }

  /** Once for each time that it runs out. */
  overdue(hold: Hold, expiresAt: Date): void {
    const { visitId, personId, heldFen, expiresAt: ranOutAt } = hold;
    const data = {
      visitId,
      personId,
      accountPersonId: billedTo(hold),
      heldFen,
      expiresAt: expiresAt.toISOString(),
    };
    const options = this.options(undefined, 'HoldOverdue', visitId, String(ranOutAt?.getTime()));
    this.transaction.publish(message(creditAuthorizations, 'HoldOverdue', data, options));
  }

  private options(causedBy: Cause | undefined, ...parts: readonly string[]) {
    return {
      id: derivedId(...parts),
      time: this.clock.now(),
      source: 'credit',
      ...(causedBy && { causedBy }),
    };
  }
}
