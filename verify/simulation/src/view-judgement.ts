import type { JudgedRun } from './judged-run';
import type { Tab } from './tab-record';
import { must } from './violation';

interface ShownVisit {
  readonly status: string;
  readonly chargesNotDeferred: number;
  readonly chargesDeferred: number;
  readonly grossFen: number;
  readonly notDeferredFen: number;
  readonly paidFen: number;
  readonly refundedFen: number;
  readonly refundOwedFen: number;
}
interface ShownDay {
  readonly institutionId: string;
  readonly notDeferred: Readonly<Record<string, { readonly amountFen: number }>>;
}

/** Of the charges of one decision: fen that are left, and how many charges it may be. */
interface Left {
  readonly amountFen: number;
  readonly countMin: number;
  readonly countMax: number;
}

/**
 * What is left by the charges and returns that the hospital's own book agreed with. Of a charge that
 * went in several returns a quantity may be left that costs nothing.
 */
const leftOf = (tab: Tab, decision: 'ChargeDeferred' | 'ChargeNotDeferred'): Left => {
  let [amountFen, countMin, countMax] = [0, 0, 0];
  for (const [chargeId, decided] of tab.decisions) {
    if (decided !== decision) continue;
    const leftFen = (tab.amounts.get(chargeId) ?? 0) - (tab.returnedFen.get(chargeId) ?? 0);
    const returns = [...tab.returns.values()].filter((one) => one.chargeId === chargeId).length;
    amountFen += leftFen;
    countMin += Number(leftFen > 0);
    countMax += Number(leftFen > 0 || returns !== 1);
  }
  return { amountFen, countMin, countMax };
};

const isCount = (count: number, { countMin, countMax }: Left): boolean =>
  count >= countMin && count <= countMax;

/**
 * The views of visits and of institutions' days show what the facts come to, added up without the
 * views' code: a view that equals its own fold may still fold what is not so. Throws Violation.
 */
export const viewsAreSo = async (court: JudgedRun): Promise<void> => {
  const { people, watch } = court;
  const notDeferredFen = new Map<string, number>();
  for (const [visitId, tab] of watch.book.tabs) {
    if (tab.status === 'unknown') continue;
    const { body } = await people.ask('visit-ledger', 'GET', `/visit-ledger/visits/${visitId}`);
    const shown = body as ShownVisit;
    const [off, on] = [leftOf(tab, 'ChargeNotDeferred'), leftOf(tab, 'ChargeDeferred')];
    const aboveFen = tab.paidFen - tab.refundedFen - (tab.verdict?.patientDueFen ?? 0);
    const isOnTab =
      tab.status === 'cancelled' ||
      (shown.grossFen === on.amountFen && isCount(shown.chargesDeferred, on));
    must(
      isOnTab &&
        shown.status === tab.status &&
        shown.notDeferredFen === off.amountFen &&
        isCount(shown.chargesNotDeferred, off) &&
        shown.paidFen === tab.paidFen &&
        shown.refundedFen === tab.refundedFen &&
        shown.refundOwedFen === Math.max(0, aboveFen),
      'view',
      () => ({ visitId, status: tab.status, shown, off, on }),
    );
    const sumFen = notDeferredFen.get(tab.institutionId) ?? 0;
    notDeferredFen.set(tab.institutionId, sumFen + off.amountFen);
  }
  await daysAreSo(court, notDeferredFen);
};

const daysAreSo = async (
  { people }: JudgedRun,
  notDeferredFen: ReadonlyMap<string, number>,
): Promise<void> => {
  const { body } = await people.ask('visit-ledger', 'GET', '/visit-ledger/summary');
  const shownFen = new Map<string, number>();
  for (const { institutionId, notDeferred } of (body as { readonly days: ShownDay[] }).days)
    for (const { amountFen } of Object.values(notDeferred))
      shownFen.set(institutionId, (shownFen.get(institutionId) ?? 0) + amountFen);
  for (const [institutionId, amountFen] of notDeferredFen)
    must((shownFen.get(institutionId) ?? 0) === amountFen, 'view', () => ({
      ...{ institutionId, amountFen, shownFen: shownFen.get(institutionId) },
    }));
};
