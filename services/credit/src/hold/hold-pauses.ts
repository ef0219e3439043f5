import type { Clock } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Hold } from './hold';
import { expiryOf, type HoldPolicy } from './hold-policy';
import type { VisitMessage } from './hold.publisher';
import { holdTable } from './hold.table';

/** The hold of a visit whose log cannot be used does not age. */
export class HoldPauses {
  constructor(private readonly parts: { readonly clock: Clock; readonly policy: HoldPolicy }) {}

  /** VisitSetAside → no clock ends the hold, and no hospital is asked about its stay. */
  begin(event: VisitMessage<'VisitSetAside'>, transaction: Transaction): Promise<void> {
    return this.change(event.data.visitId, transaction, (hold) => ({
      ...hold,
      expiresAt: null,
      overdueSince: null,
    }));
  }

  /** VisitResumed → the hold lives as long as a new one. */
  end(event: VisitMessage<'VisitResumed'>, transaction: Transaction): Promise<void> {
    const { clock, policy } = this.parts;
    return this.change(event.data.visitId, transaction, (hold) => ({
      ...hold,
      expiresAt: expiryOf(policy, hold.visitClass, clock.now()),
      overdueSince: null,
    }));
  }

  private async change(
    visitId: string,
    transaction: Transaction,
    changed: (hold: Hold) => Hold,
  ): Promise<void> {
    const rows = transaction.rows(holdTable);
    const hold = await rows.get({ visitId }, { lock: 'wait' });
    if (hold?.status === 'held' && hold.expiredAt === null) await rows.save(changed(hold));
  }
}
