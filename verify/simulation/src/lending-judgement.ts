import type { JudgedRun } from './judged-run';
import type { Lent } from './lender-twin';
import { linesAreWhose } from './merge-judgement';
import { rows } from './quiescence';
import type { Tab } from './tab-record';
import { must } from './violation';

interface Mirrored {
  readonly visitId: string;
  readonly state: string;
  readonly amountFen: number;
  readonly repaidFen: number;
  readonly difference: string | null;
}
interface Order {
  readonly orderId: string;
  readonly visitId: string;
}
interface ShownLine {
  readonly state: string;
  readonly lineFen: number;
}

/**
 * What a bank lends stands in its own book as the ledger's facts say: a hold is reserved, a due is drawn,
 * a refund reduces it, and of what has ended or was never granted nothing is left. Our mirror is the
 * same. No order of ours ever was for such a visit, and who did not agree has nothing of a bank. Throws
 * Violation.
 */
export const lendingIsSo = async (court: JudgedRun): Promise<void> => {
  const { world, plan, people, watch } = court;
  const { lender } = world;
  if (!plan.lending || !lender) return;
  const agreed = new Set(plan.lending.agrees.map(({ citizen }) => people.personIds[citizen]!));
  const mirror = new Map(
    rows<Mirrored>(world, 'credit', 'loan').map((row) => [row.visitId, row] as const),
  );
  for (const [visitId, tab] of watch.book.tabs) {
    const loan = lender.loans.get(visitId);
    const due = standingOf(tab);
    const mirrored = mirror.get(visitId);
    const seen = () => ({ visitId, status: tab.status, due, loan, mirrored });
    must(isAs(loan, due), 'lender', seen);
    must(!loan || agreed.has(loan.accountPersonId), 'lender', seen);
    const isMirror = mirrored
      ? mirrored.state === (loan?.state ?? 'none') &&
        mirrored.amountFen === (loan?.amountFen ?? 0) &&
        mirrored.repaidFen === (loan?.repaidFen ?? 0) &&
        mirrored.difference === null
      : loan === undefined;
    must(isMirror, 'lender', seen);
  }
  neverCollected(court);
  await granted(court, agreed);
  await linesAreWhose(court);
};

type Standing = Pick<Lent, 'state' | 'amountFen'> | undefined;

/** What a bank has to have for a visit; undefined: nothing. */
const standingOf = ({ lenderId, status, expired, heldFen, verdict }: Tab): Standing => {
  if (lenderId === undefined || status === 'cancelled' || status === 'unknown') return undefined;
  const dueFen = verdict?.patientDueFen ?? 0;
  if (status === 'open' || status === 'closed')
    return expired || heldFen === 0 ? undefined : { state: 'reserved', amountFen: heldFen };
  return dueFen === 0 ? undefined : { state: 'drawn', amountFen: dueFen };
};

const isAs = (loan: Lent | undefined, due: Standing): boolean =>
  due
    ? loan?.state === due.state && loan.amountFen === due.amountFen
    : !loan || loan.state === 'released' || loan.amountFen === 0;

/** By the acquirer's book. */
const neverCollected = ({ world, watch }: JudgedRun): void => {
  for (const { orderId, visitId } of rows<Order>(world, 'payment', 'payment_order')) {
    const isOurs = watch.book.tabs.get(visitId)?.lenderId === undefined;
    must(isOurs || !world.acquirer.ordered.has(orderId), 'lender', () => ({ visitId, orderId }));
  }
};

/** A person's line is the one that the bank's book has, and who did not agree has none. */
const granted = async (
  { world, people }: JudgedRun,
  agreed: ReadonlySet<string>,
): Promise<void> => {
  for (const personId of people.personIds) {
    const path = `/credit/persons/${personId}/bank-lines`;
    const { body } = await people.ask('credit', 'GET', path);
    const { lines } = body as { readonly lines: readonly ShownLine[] };
    const grantedFen = world.lender!.linesFen.get(personId);
    const seen = () => ({ personId, lines, grantedFen, agreed: agreed.has(personId) });
    must(agreed.has(personId) || (lines.length === 0 && grantedFen === undefined), 'lender', seen);
    for (const { state, lineFen } of lines)
      must(state !== 'granted' || lineFen === grantedFen, 'lender', seen);
    const isKnown = lines.some(({ state }) => state === 'granted');
    must(grantedFen === undefined || isKnown, 'lender', seen);
  }
};
