import { type Random, seededRandom } from '@caretab/doubles';
import { chance, type PlannedAction } from './visit-script';

const OVER: readonly string[] = ['end', 'cancel'];

/** What is said of one visit so far. */
interface Said {
  readonly index: number;
  readonly visitNumber: string;
  readonly institution: number;
  readonly startedAt: string;
  readonly actions: readonly PlannedAction[];
}

interface Institutions {
  readonly seed: number;
  readonly institutions: readonly {
    readonly door: string;
    readonly interface: { readonly graceMs?: number };
  }[];
}

/** As of the message before it: of one that is itself of long before, or ahead, not its time. */
const timeAt = ({ actions, startedAt }: Said, place: number): string => {
  const { at } = actions[place - 1]!;
  return Math.abs(Date.parse(at) - Date.parse(startedAt)) > 5 * 3_600_000 ? startedAt : at;
};

const withReport = <Visit extends Said>(
  visit: Visit,
  place: number,
  { kind, random }: { readonly kind: 'cancel' | 'reopen'; readonly random: Random },
): Visit => {
  const said: PlannedAction = {
    ...{ kind, at: timeAt(visit, place), key: `${visit.visitNumber}-undone-${kind}` },
    ...{ pauseMs: random.integer(1, 900), again: chance(random, 0.3) },
  };
  return { ...visit, actions: visit.actions.toSpliced(place, 0, said) };
};

/** Nothing was to be taken back, or the end is still on its way. */
const withEarlyReopening = <Visit extends Said>(visit: Visit, random: Random): Visit => {
  const { actions } = visit;
  const start = actions.findIndex(({ kind }) => kind === 'start');
  const over = actions.findIndex(({ kind }, index) => index > start && OVER.includes(kind));
  const reopening = actions.findIndex(({ kind }) => kind === 'reopen');
  if (reopening > over && actions[reopening - 1]!.kind === 'end' && chance(random, 0.3)) {
    const [end, reopen] = [actions[reopening - 1]!, actions[reopening]!];
    return { ...visit, actions: actions.toSpliced(reopening - 1, 2, reopen, end) };
  }
  if (!chance(random, 0.07)) return visit;
  const place = random.integer(start + 1, over < 0 ? actions.length : over);
  return withReport(visit, place, { kind: 'reopen', random });
};

/** The visit did not take place, though its end was reported. */
const withLateCancellation = <Visit extends Said>(
  visit: Visit,
  random: Random,
  hasGrace: boolean,
): Visit => {
  const end = visit.actions.findLastIndex(({ kind }) => kind === 'end');
  const start = visit.actions.findIndex(({ kind }) => kind === 'start');
  return end > start && chance(random, hasGrace ? 0.15 : 0.04)
    ? withReport(visit, end + 1, { kind: 'cancel', random })
    : visit;
};

/**
 * Adds cancellations after an end, in its grace time or too late, and reopenings that have no end, or
 * overtake theirs: drawn apart, so that what else is said stays as it was.
 */
export const withUndoneEnds = <Visit extends Said>(
  visit: Visit,
  { seed, institutions }: Institutions,
): Visit => {
  const random = seededRandom(seed * 10_000 + 19 * visit.index + 5);
  const { door, interface: profile } = institutions[visit.institution]!;
  // Another door refuses a reopening that has no end, and takes it should it come again after one.
  const reopened = door === 'bus' ? withEarlyReopening(visit, random) : visit;
  return withLateCancellation(reopened, random, profile.graceMs !== undefined);
};
