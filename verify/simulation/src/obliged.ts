import type { JudgedRun } from './judged-run';
import type { Tab } from './tab-record';

/** By the hospitals' and the bank's books: what is owed of a visit, in fen; below 0: it is owed back. */
const owedFen = ({ verdict, paidFen, refundedFen }: Tab): number =>
  (verdict?.patientDueFen ?? 0) - paidFen + refundedFen;

/** Visits of a citizen, by index, and those that they owe for as a guardian of then. */
const visitsOf = (
  { plan, people, watch }: JudgedRun,
  citizen: number,
): { readonly visitId: string; readonly tab: Tab }[] =>
  plan.visits.flatMap((visit) => {
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    const isTheirs =
      visit.citizen === citizen || tab?.verdict?.accountPersonId === people.personIds[citizen];
    return tab && isTheirs && tab.status !== 'unknown' ? [{ visitId, tab }] : [];
  });

/** Whether the books forbid that a citizen is erased: a visit is open, money owed, or there is a ward. */
export const isObliged = (court: JudgedRun, citizen: number): boolean =>
  court.standing.hasWards(court.people.personIds[citizen]!) ||
  visitsOf(court, citizen).some(
    ({ tab }) => tab.status !== 'cancelled' && (tab.status !== 'settled' || owedFen(tab) !== 0),
  );

/** Whether nothing holds the service open: no visit, no ward, nothing owed, written off or not. */
export const mayEnd = (court: JudgedRun, citizen: number): boolean =>
  !court.standing.hasWards(court.people.personIds[citizen]!) &&
  visitsOf(court, citizen).every(({ tab }) => {
    const { status, declined } = tab;
    if (status === 'adjudicated') return owedFen(tab) === 0;
    return status === 'cancelled' || status === 'settled' || (status === 'open' && declined);
  });
