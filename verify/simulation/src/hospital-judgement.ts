import { HospitalBook } from './hospital-book';
import type { JudgedRun } from './judged-run';
import type { VisitPlan } from './plan';
import { isForAnother } from './stranger-book';
import { rejectionsOf, standingOf, untimelyOf } from './submission-judgement';
import type { Tab } from './tab-record';
import { must } from './violation';
import {
  exceedsItsCharge,
  isAhead,
  isLongBeforeStart,
  isOfAnotherCharge,
  isOfKeptDrug,
  lastClassOf,
  ORDER_MS,
  type PlannedAction,
} from './visit-script';

/**
 * Lays every tab beside its hospital's own book: what each return took, what is left of each
 * charge, what the claim says, and what it comes to. A message that was parked and replayed came out
 * of its order, and then the book may have another: such a run is not judged here. Throws Violation.
 */
export const tabsAsTheHospitalsSay = (court: JudgedRun): void => {
  const { plan, people, watch, operators } = court;
  for (const visit of people.toldOver)
    must(isOver(watch.book.tabs.get(people.visitIdOf(visit))), 'hospital', () => ({
      visitId: people.visitIdOf(visit),
      answered: 'it is over',
    }));
  if (operators.replays > 0) return;
  for (const visit of plan.visits) {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    if (tab && !people.turnedAway.has(visit)) tabAsTheHospitalSays(court, visit, tab);
  }
};

const isOver = (tab: Tab | undefined): boolean =>
  tab !== undefined && tab.status !== 'unknown' && tab.status !== 'open';

const tabAsTheHospitalSays = (court: JudgedRun, visit: VisitPlan, tab: Tab): void => {
  const { people, plan } = court;
  const { door } = plan.institutions[visit.institution]!;
  const visitId = people.visitIdOf(visit);
  const book = new HospitalBook();
  const chargeIds = new Set<string>();
  const said = people.acceptedOf(visit);
  const untimely = untimelyOf(court);
  const rejections = rejectionsOf(court);
  for (const action of inTheirTurn(said)) {
    // What is sent for another is judged apart, and is on no tab.
    if (isForAnother(visit, action)) continue;
    if (action.kind === 'charges')
      for (const charge of action.charges) {
        // Its hospital learned that it waited too long, and did not send it again.
        const isGone = untimely.has(`${visitId}/${charge.chargeId}`);
        if (isGone && !tab.decisions.has(charge.chargeId)) continue;
        chargeIds.add(charge.chargeId);
        book.charge(charge);
      }
    if (action.kind !== 'return') continue;
    const { returnId, charge, part, returnedToPharmacy } = action;
    const isEarly = !chargedBefore(said, action);
    // The edge knows what came through it.
    const isUnfit = isOfKeptDrug(action) || isOfAnotherCharge(action);
    const isWrong = exceedsItsCharge(action) || (isUnfit && !isEarly);
    must(door === 'bus' || !isWrong, 'hospital', () => ({
      visitId,
      returnId,
      part,
      answered: 'accepted',
    }));
    const submissionId = people.submissionIdOf(visit, action);
    if (untimely.has(submissionId)) continue;
    if (isAhead(action) && rejections.get(submissionId) === 'TIME_IN_FUTURE') continue;
    const takesFen = isOfAnotherCharge(action)
      ? undefined
      : book.takeBack(charge.chargeId, part, returnedToPharmacy);
    const recorded = tab.returns.get(returnId);
    must(recorded?.amountFen === takesFen, 'hospital', () => ({
      visitId,
      returnId,
      part,
      takesFen,
      recorded,
    }));
  }
  classAsTheHospitalSays(court, visit, tab);
  endAsTheHospitalSays(court, visit, tab);
  const isStay = (tab.closedClass ?? visit.visitClass) === 'inpatient';
  if (isStay && tab.endedAt !== undefined)
    must(
      said.some(({ kind }) => kind === 'end'),
      'stays',
      () => ({ visitId, endedAt: tab.endedAt }),
    );
  const lines = [...chargeIds].flatMap((chargeId) => {
    const left = book.left(chargeId);
    return left && tab.decisions.get(chargeId) === 'ChargeDeferred' ? [{ chargeId, ...left }] : [];
  });
  const grossFen = lines.reduce((sum, { amountFen }) => sum + amountFen, 0);
  if (tab.status !== 'cancelled')
    must(tab.grossFen === grossFen, 'hospital', () => ({ visitId, tab: tab.grossFen, grossFen }));
  if (!tab.lines) return;
  const claimed = [...tab.lines].map(({ chargeId, quantity, amountFen }) => ({
    chargeId,
    quantity: String(Number(quantity)),
    amountFen,
  }));
  const inOrder = (list: readonly { readonly chargeId: string }[]): string =>
    JSON.stringify([...list].sort((a, b) => (a.chargeId < b.chargeId ? -1 : 1)));
  must(inOrder(claimed) === inOrder(lines), 'hospital', () => ({ visitId, claimed, lines }));
};

/** Whether its charge was accepted before the return was sent. */
const chargedBefore = (
  said: readonly PlannedAction[],
  action: PlannedAction & { readonly kind: 'return' },
): boolean =>
  said
    .slice(0, said.indexOf(action))
    .some(
      (earlier) =>
        earlier.kind === 'charges' &&
        earlier.charges.some(({ chargeId }) => chargeId === action.charge.chargeId),
    );

/** A return that precedes its charge takes its turn after it. */
const inTheirTurn = (said: readonly PlannedAction[]): readonly PlannedAction[] => {
  const ordered: PlannedAction[] = [];
  const charged = new Set<string>();
  let early: (PlannedAction & { readonly kind: 'return' })[] = [];
  for (const action of said) {
    if (action.kind === 'return' && !charged.has(action.charge.chargeId)) {
      early.push(action);
      continue;
    }
    ordered.push(action);
    if (action.kind !== 'charges') continue;
    for (const { chargeId } of action.charges) charged.add(chargeId);
    ordered.push(...early.filter(({ charge }) => charged.has(charge.chargeId)));
    early = early.filter(({ charge }) => !charged.has(charge.chargeId));
  }
  return ordered;
};

/**
 * A visit is settled by the last class that its hospital reported. One that was ended for its
 * hospital's silence, by its hold or by a rule, may have been closed before the report. A report
 * that was rejected counts for nothing.
 */
const classAsTheHospitalSays = (court: JudgedRun, visit: VisitPlan, tab: Tab): void => {
  if (tab.closedClass === undefined || tab.expired || tab.endedByRule) return;
  const visitClass = lastClassOf(visit, standingOf(court, visit));
  must(tab.closedClass === visitClass, 'hospital', () => ({
    visitId: court.people.visitIdOf(visit),
    closedClass: tab.closedClass,
    visitClass,
  }));
};

/**
 * A visit ends when its hospital said so last; what was rejected counts for nothing, and a report of
 * long before the visit was rejected. No charge of its claim is long after that.
 */
const endAsTheHospitalSays = (court: JudgedRun, visit: VisitPlan, tab: Tab): void => {
  const visitId = court.people.visitIdOf(visit);
  const rejections = rejectionsOf(court);
  const said = court.people.acceptedOf(visit);
  for (const action of said.filter((each) => isLongBeforeStart(each, visit)))
    must(rejections.has(court.people.submissionIdOf(visit, action)), 'hospital', () => ({
      ...{ visitId, kind: action.kind, at: action.at, startedAt: visit.startedAt },
    }));
  if (!tab.lines || tab.expired || tab.endedByRule) return;
  const endedMs = Date.parse(tab.endedAt!);
  const ends = standingOf(court, visit).filter(({ kind }) => kind === 'end');
  must(Date.parse(ends.at(-1)?.at ?? '') === endedMs, 'hospital', () => ({
    ...{ visitId, endedAt: tab.endedAt, ends: ends.map(({ at }) => at) },
  }));
  const claimed = new Set(tab.lines.map(({ chargeId }) => chargeId));
  const charges = said.flatMap((action) => (action.kind === 'charges' ? action.charges : []));
  for (const { chargeId, occurredAt } of charges)
    must(
      !claimed.has(chargeId) || Date.parse(occurredAt) - endedMs <= ORDER_MS,
      'hospital',
      () => ({
        ...{ visitId, chargeId, occurredAt, endedAt: tab.endedAt },
      }),
    );
};
