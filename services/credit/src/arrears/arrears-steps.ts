import type { ArrearsPolicy } from './arrears-policy';
import type { ArrearsRow } from './arrears.table';

const DAY_MS = 86_400_000;
const daysAfter = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS);

export type Step =
  | { readonly does: 'freeze' }
  | { readonly does: 'remind'; readonly reminder: number }
  | { readonly does: 'announce' }
  | { readonly does: 'report' };
type Timed = Step & { readonly at: Date };

/** When a default is reported: never before the days for an objection are over. */
export const reportsAt = (
  { report }: ArrearsPolicy,
  { since, announcedAt, decidedAt }: Pick<ArrearsRow, 'since' | 'announcedAt' | 'decidedAt'>,
): Date | undefined =>
  report && announcedAt !== null
    ? new Date(
        Math.max(
          daysAfter(since, report.afterDays).getTime(),
          daysAfter(announcedAt, report.objectionDays).getTime(),
          decidedAt?.getTime() ?? 0,
        ),
      )
    : undefined;

/** What is still to come of a due in arrears, the next first. `isFrozen`: the freeze came already. */
export const stepsLeft = (policy: ArrearsPolicy, row: ArrearsRow, isFrozen: boolean): Timed[] => {
  if (row.endedAt !== null) return [];
  const { freeze, reminders, report } = policy;
  const { since } = row;
  const steps: Timed[] = reminders
    .map(({ afterDays }, index) => ({
      ...{ does: 'remind' as const, reminder: index + 1, at: daysAfter(since, afterDays) },
    }))
    .filter(({ reminder }) => reminder > row.reminders && row.writtenOffAt === null);
  if (freeze && !isFrozen) steps.push({ does: 'freeze', at: daysAfter(since, freeze.afterDays) });
  const maySay = row.objection === null || row.objection === 'stands';
  if (report && maySay && row.announcedAt === null)
    steps.push({ does: 'announce', at: daysAfter(since, report.announceAfterDays) });
  const at = reportsAt(policy, row);
  if (at && maySay && row.reportedAt === null) steps.push({ does: 'report', at });
  return steps.sort((one, other) => one.at.getTime() - other.at.getTime());
};

/**
 * What is to be done now. After a pause several reminders may be due: the last of them is enough.
 */
export const stepsNow = (
  policy: ArrearsPolicy,
  row: ArrearsRow,
  { isFrozen, now }: { readonly isFrozen: boolean; readonly now: Date },
): Step[] => {
  const due = stepsLeft(policy, row, isFrozen).filter(({ at }) => at <= now);
  const last = due.findLast(({ does }) => does === 'remind');
  return due.filter((step) => step.does !== 'remind' || step === last);
};
