import type { JudgedRun } from './judged-run';
import { rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import { must } from './violation';

interface Order {
  readonly orderId: string;
  readonly visitId: string;
}
interface Collection {
  readonly visitId: string;
  readonly status: string;
}
interface Case {
  readonly visitId: string;
  readonly kind: string;
  readonly status: string;
}

/** Money of a visit by the bank's own book, in fen. */
interface AtTheBank {
  readonly capturedFen: number;
  readonly refundedFen: number;
}

/** The bank's book by visit: payment's rows say only whose an order is. */
const bankBook = (world: SimulatedPlatform): ReadonlyMap<string, AtTheBank> => {
  const visitOf = new Map(
    rows<Order>(world, 'payment', 'payment_order').map(({ orderId, visitId }) => [
      orderId,
      visitId,
    ]),
  );
  const book = new Map<string, AtTheBank>();
  for (const { kind, orderId, amountFen } of world.acquirer.moved(world.days())) {
    const visitId = visitOf.get(orderId) ?? `order ${orderId}`;
    const { capturedFen, refundedFen } = book.get(visitId) ?? { capturedFen: 0, refundedFen: 0 };
    book.set(
      visitId,
      kind === 'capture'
        ? { capturedFen: capturedFen + amountFen, refundedFen }
        : { capturedFen, refundedFen: refundedFen + amountFen },
    );
  }
  return book;
};

/** The ledger has what the bank captured and gave back, and what operators paid back by hand. */
export const bookedAsTheBankSays = ({ world, watch, operators }: JudgedRun): void => {
  const book = bankBook(world);
  for (const [visitId, { paidFen, refundedFen }] of watch.book.tabs) {
    const bank = book.get(visitId) ?? { capturedFen: 0, refundedFen: 0 };
    const byHandFen = operators.paidByHandFen.get(visitId) ?? 0;
    must(
      paidFen === bank.capturedFen && refundedFen === bank.refundedFen + byHandFen,
      'captured',
      () => ({ visitId, paidFen, refundedFen, bank, byHandFen }),
    );
  }
};

/** As far as a clock may be off that decides about the hour. */
const CLOCK_ERROR_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** By the bank's clock no order came at night. Citizens who pay by themselves do so by day here. */
export const noDebitAtNight = ({ world }: JudgedRun): void => {
  for (const [orderId, at] of world.acquirer.ordered) {
    const intoDayMs = (at.getTime() + 8 * HOUR_MS) % DAY_MS;
    must(
      intoDayMs > 8 * HOUR_MS - CLOCK_ERROR_MS && intoDayMs < 21 * HOUR_MS + CLOCK_ERROR_MS,
      'night',
      () => ({ orderId, at }),
    );
  }
};

/** What the bank holds above the due has a case, and the visit’s payment says so. */
export const owedBackIsKnown = ({ world, watch }: JudgedRun): void => {
  const book = bankBook(world);
  const open = rows<Case>(world, 'payment', 'payment_case').filter(
    ({ status }) => status === 'open',
  );
  const collections = rows<Collection>(world, 'payment', 'collection');
  for (const [visitId, { verdict }] of watch.book.tabs) {
    const { capturedFen, refundedFen } = book.get(visitId) ?? { capturedFen: 0, refundedFen: 0 };
    const overFen = capturedFen - refundedFen - (verdict?.patientDueFen ?? 0);
    if (overFen <= 0) continue;
    const collection = collections.find((row) => row.visitId === visitId);
    must(
      collection?.status === 'refund-owed' &&
        open.some((row) => row.visitId === visitId && row.kind === 'refund'),
      'owedBack',
      () => ({ visitId, overFen, collection, open }),
    );
  }
};

/** At the end of all no case is left. */
export const casesAreOver = ({ world }: JudgedRun): void => {
  const open = rows<Case>(world, 'payment', 'payment_case').filter(
    ({ status }) => status === 'open',
  );
  must(open.length === 0, 'owedBack', () => open);
};
