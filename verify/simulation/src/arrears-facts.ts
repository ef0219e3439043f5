import { creditAccounts, visitLedgerVisits } from '@caretab/contracts';
import { type Published, publishedIn } from './published';
import type { SimulatedPlatform } from './simulated-platform';

/** A due from the collection that finally failed until it is paid, by what the ledger published. */
export interface MissedDue {
  readonly visitId: string;
  readonly personId: string;
  readonly sinceMs: number;
  endedMs: number | undefined;
  /** What credit said of it, in order. */
  readonly steps: Published[];
}

const STEPS: ReadonlySet<string> = new Set([
  'ArrearsReminded',
  'DefaultAnnounced',
  'DefaultReported',
  'DefaultTakenBack',
]);

/** Every due with what was said of it, and what was said of none. */
export const missedDuesOf = (
  world: SimulatedPlatform,
): { readonly dues: readonly MissedDue[]; readonly strays: readonly Published[] } => {
  const dues: MissedDue[] = [];
  const openOf = (visitId: string): MissedDue | undefined =>
    dues.findLast((one) => one.visitId === visitId && one.endedMs === undefined);
  for (const { type, data, ms } of publishedIn(world, visitLedgerVisits)) {
    const { visitId, accountPersonId: personId, reason } = data as Readonly<Record<string, string>>;
    if (type === 'VisitSettled') {
      const open = openOf(visitId!);
      if (open) open.endedMs = ms;
    } else if (type === 'PaymentMissed' && reason !== 'OUTCOME_UNKNOWN' && !openOf(visitId!))
      dues.push({
        visitId: visitId!,
        personId: personId!,
        sinceMs: ms,
        endedMs: undefined,
        steps: [],
      });
  }
  const strays = publishedIn(world, creditAccounts).filter((step) => {
    if (!STEPS.has(step.type)) return false;
    const { visitId, since } = step.data as Readonly<Record<string, string>>;
    const whose = dues.find((one) => one.visitId === visitId && one.sinceMs === Date.parse(since!));
    whose?.steps.push(step);
    return whose === undefined;
  });
  return { dues, strays };
};
