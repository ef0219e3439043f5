import { type MissedDue, missedDuesOf } from './arrears-facts';
import type { JudgedRun } from './judged-run';
import type { Published } from './published';
import type { Objection } from './standing-book';
import { must } from './violation';

const DAY_MS = 86_400_000;
/** Clocks of two services may be an hour apart, and a step is looked for every half minute. */
const CLOCK_ERROR_MS = 2 * 3_600_000;
/** As the documents say it, in days since the collection failed. */
const REMINDERS_DAYS = [3, 7, 15] as const;
const ANNOUNCED_DAYS = 20;
const REPORTED_DAYS = 30;
const OBJECTION_DAYS = 10;

/**
 * A due that was missed is reminded of, announced and reported on its days, once each and never
 * before; not while its report is objected to, nor once it is paid or written off, or its person has
 * died. A report is taken back with its reason. By our own arithmetic from the ledger's facts, the
 * citizens' objections and staff's decisions. Throws Violation.
 */
export const arrearsAreSo = (court: JudgedRun): void => {
  if (court.plan.restores) return;
  const { dues, strays } = missedDuesOf(court.world);
  must(strays.length === 0, 'arrears', () => ({ strays }));
  for (const due of dues) {
    const said = (what: string) => () => ({ what, ...due });
    const { steps } = due;
    const of = (type: string): Published[] => steps.filter((step) => step.type === type);
    const at: Steps = {
      reminded: of('ArrearsReminded'),
      announced: of('DefaultAnnounced'),
      reported: of('DefaultReported'),
      takenBack: of('DefaultTakenBack'),
    };
    noneEarly(court, due, at);
    noneAfterTheEnd(court, due, at);
    takenBack(court, due, at);
    allThatIsDue(court, due, at, said);
  }
};

/** Who has a due that was missed has a frozen line, unless staff decided otherwise; and no one else. */
export const linesAreFrozen = async ({ world, plan, people, merges }: JudgedRun): Promise<void> => {
  if (plan.restores) return;
  const { dues } = missedDuesOf(world);
  for (const [citizen, personId] of people.personIds.entries()) {
    const { status, body } = await people.ask('credit', 'GET', `/credit/accounts/${personId}`);
    const shown = body as {
      readonly accountPersonId: string;
      readonly frozenReason: string | null;
    };
    if (status !== 200 || shown.accountPersonId !== personId) continue;
    const owed = dues.filter(
      (one) => merges.lineOf(one.personId) === personId && one.endedMs === undefined,
    );
    const isStaffs = plan.deeds.some((deed) => deed.kind === 'freeze' && deed.citizen === citizen);
    const isSo =
      owed.length > 0
        ? isStaffs || shown.frozenReason !== null
        : shown.frozenReason !== 'PAYMENT_MISSED';
    must(isSo, 'arrears', () => ({ shown, owed }));
  }
};

interface Steps {
  readonly reminded: readonly Published[];
  readonly announced: readonly Published[];
  readonly reported: readonly Published[];
  readonly takenBack: readonly Published[];
}

const objectionOf = ({ standing }: JudgedRun, { visitId }: MissedDue): Objection | undefined =>
  standing.objections.find((one) => one.visitId === visitId);

/** Whether the report was held at a moment, surely. */
const isHeld = (objection: Objection | undefined, ms: number): boolean =>
  objection !== undefined &&
  ms > objection.objectedMs &&
  (objection.decided === undefined ||
    ms < objection.decided.ms - CLOCK_ERROR_MS ||
    objection.decided.outcome === 'upheld');

const noneEarly = (court: JudgedRun, due: MissedDue, at: Steps): void => {
  const { sinceMs, personId } = due;
  const isAfter = (ms: number, days: number, from = sinceMs): boolean =>
    ms >= from + days * DAY_MS - CLOCK_ERROR_MS;
  const early = (step: Published) => () => ({ ...due, early: step });
  let before = 0;
  for (const step of at.reminded) {
    const reminder = step.data['reminder'] as number;
    must(reminder > before, 'arrears', early(step));
    must(isAfter(step.ms, REMINDERS_DAYS[reminder - 1] ?? Infinity), 'arrears', early(step));
    before = reminder;
  }
  // Who was taken for dead received nothing: it is announced once more.
  const { deaths } = court.standing;
  const again = deaths.filter((one) => one.personId === personId && one.back).length;
  must(at.announced.length <= 1 + again, 'arrears', () => ({ ...due, announced: 'twice' }));
  for (const step of at.announced) must(isAfter(step.ms, ANNOUNCED_DAYS), 'arrears', early(step));
  must(at.reported.length <= 1, 'arrears', () => ({ ...due, reported: 'twice' }));
  for (const step of at.reported) {
    const announced = at.announced.findLast(({ ms }) => ms <= step.ms);
    must(announced !== undefined, 'arrears', () => ({ ...due, reported: 'unannounced' }));
    must(isAfter(step.ms, REPORTED_DAYS), 'arrears', early(step));
    must(isAfter(step.ms, OBJECTION_DAYS, announced.ms), 'arrears', early(step));
    must(!isHeld(objectionOf(court, due), step.ms), 'arrears', () => ({
      ...{ ...due, objection: objectionOf(court, due), reported: 'all the same' },
    }));
  }
};

const noneAfterTheEnd = ({ standing }: JudgedRun, due: MissedDue, at: Steps): void => {
  const { visitId, endedMs = Infinity } = due;
  const writtenOffMs = standing.writtenOff.get(visitId)?.ms ?? Infinity;
  const late = (step: Published) => () => ({ ...due, late: step });
  for (const step of [...at.announced, ...at.reported])
    must(step.ms <= endedMs + CLOCK_ERROR_MS, 'arrears', late(step));
  for (const step of at.reminded)
    must(step.ms <= Math.min(endedMs, writtenOffMs) + CLOCK_ERROR_MS, 'arrears', late(step));
};

const takenBack = (court: JudgedRun, due: MissedDue, at: Steps): void => {
  const [report] = at.reported;
  const decided = objectionOf(court, due)?.decided;
  const isUpheld = decided?.outcome === 'upheld' && report !== undefined && report.ms < decided.ms;
  const isPaid = due.endedMs !== undefined && report !== undefined;
  must(at.takenBack.length === Number(isUpheld || isPaid), 'arrears', () => ({
    ...{ ...due, isUpheld, isPaid, takenBack: at.takenBack.length },
  }));
};

/** What was due when the days were looked at last is done by then. */
const allThatIsDue = (
  court: JudgedRun,
  due: MissedDue,
  at: Steps,
  said: (what: string) => () => object,
): void => {
  const { standing } = court;
  const { visitId, personId, sinceMs, endedMs = Infinity } = due;
  const { lookedMs } = standing;
  const isPast = (ms: number): boolean => ms + CLOCK_ERROR_MS <= lookedMs;
  const isDead = standing.deaths.some(
    (one) => one.personId === personId && !((one.back?.known?.ms ?? Infinity) < lookedMs),
  );
  if (endedMs <= lookedMs || isDead) return;
  const reminders = REMINDERS_DAYS.filter((days) => isPast(sinceMs + days * DAY_MS)).length;
  const last = (at.reminded.at(-1)?.data['reminder'] ?? 0) as number;
  const isWrittenOff = standing.writtenOff.has(visitId);
  must(isWrittenOff || last >= reminders, 'arrears', said('it is not reminded of'));
  const objection = objectionOf(court, due);
  const mayReport = objection === undefined || objection.decided?.outcome === 'stands';
  if (!mayReport) return;
  const isAnnounced = at.announced.length > 0;
  must(
    isAnnounced || !isPast(sinceMs + ANNOUNCED_DAYS * DAY_MS),
    'arrears',
    said('it is not announced'),
  );
  const reportsMs = Math.max(
    sinceMs + REPORTED_DAYS * DAY_MS,
    (at.announced.at(-1)?.ms ?? Infinity) + OBJECTION_DAYS * DAY_MS,
    objection?.decided?.ms ?? 0,
  );
  must(at.reported.length > 0 || !isPast(reportsMs), 'arrears', said('it is not reported'));
};
