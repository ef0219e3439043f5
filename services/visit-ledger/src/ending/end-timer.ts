import { type Clock, derivedId } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { VisitRow } from '../views/visit.table';
import { visitView } from '../views/visit.view';
import type { Visits } from '../visit/visits';
import { graceUntilOf } from './end-rules';
import type { InstitutionRules } from './institution-rules';

/** Visits of one round: what is left is due in the next one. */
const ROUND_ROWS_MAX = 2000;
/** Visits that are ended side by side. */
const SIDE_BY_SIDE = 50;

type DueVisit = VisitRow & { readonly timerAt: string };

/**
 * Ends visits by their institutions' rules, and closes those whose grace time is over. What is due
 * stands in the visits' view, which is folded from the log: a timer survives any crash, and a view
 * that is behind makes it late, never wrong. The decider has the last word.
 */
export class EndTimer {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly rules: InstitutionRules;
      readonly visits: Pick<Visits, 'handle'>;
      /** No clock ends a visit that is set aside. */
      readonly isAside: (visitId: string) => boolean;
    },
  ) {}

  /**
   * Always 0: the rows leave the view once it is folded, and the next round comes at the interval.
   * The first failure is thrown at the end; it holds up no other visit.
   */
  async runOnce(): Promise<0> {
    const now = this.parts.clock.now();
    const due = await this.parts.store.transact((transaction) =>
      transaction
        .rows(visitView.table)
        .find(
          { timerAt: { lte: now.toISOString() } },
          { orderBy: 'timerAt', countMax: ROUND_ROWS_MAX },
        ),
    );
    const failures: unknown[] = [];
    const timely = due.filter(({ visitId }) => !this.parts.isAside(visitId)) as DueVisit[];
    for (let from = 0; from < timely.length; from += SIDE_BY_SIDE)
      failures.push(...(await this.reach(timely.slice(from, from + SIDE_BY_SIDE), now)));
    if (failures.length > 0) throw failures[0];
    return 0;
  }

  private async reach(due: readonly DueVisit[], now: Date): Promise<unknown[]> {
    const { rules, visits } = this.parts;
    const rulesOf = await rules.of(due.map(({ institutionId }) => institutionId));
    const outcomes = await Promise.allSettled(
      due.map(({ visitId, institutionId, timerAt }) =>
        visits.handle(visitId, [
          {
            command: {
              type: 'ReachTime',
              data: {
                now: now.toISOString(),
                graceUntil: graceUntilOf(rulesOf(institutionId) ?? rules.defaults, now),
              },
            },
            cause: { id: derivedId('visit timer', visitId, timerAt) },
          },
        ]),
      ),
    );
    return outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
  }
}
