import { type Clock, derivedId } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { visitTable } from '../views/visit.table';
import type { Visits } from './visits';

/** Visits of one turn. */
const VISITS_MAX = 100;

/** Rejects what has waited for too long for an opening or a charge that did not come. */
export class WaitingLimit {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly visits: Pick<Visits, 'handle'>;
      readonly clock: Clock;
      /** A visit that is set aside has no deadlines. */
      readonly isAside: (visitId: string) => boolean;
    },
  ) {}

  /**
   * One turn. Its rows are as old as the projection: a visit may be found once more, and then
   * nothing is left to reject. Returns 0: what is more waits for the next turn.
   */
  async runOnce(): Promise<number> {
    const { store, visits, clock, isAside } = this.parts;
    const now = clock.now().toISOString();
    const due = await store.transact((transaction) =>
      transaction
        .rows(visitTable)
        .find({ waitsUntil: { lte: now } }, { orderBy: 'waitsUntil', countMax: VISITS_MAX }),
    );
    const outcomes = await Promise.allSettled(
      due
        .filter(({ visitId }) => !isAside(visitId))
        .map(({ visitId, waitsUntil }) =>
          visits.handle(visitId, [
            {
              command: { type: 'ExpireWaiting', data: { now } },
              cause: { id: derivedId('waiting limit', visitId, waitsUntil!) },
            },
          ]),
        ),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return 0;
  }
}
