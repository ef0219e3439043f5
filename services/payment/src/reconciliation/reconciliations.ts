import { businessDateOf, DAY_MS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import type { Channel, Movement } from '../channel/channel';
import { statementPages } from '../channel/statement';
import { type CaptureRow, captureTable } from '../collection/order.table';
import type { Calendars } from '../collection/policy';
import { dayThatCloses } from '../journal/book-day';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { Comparison, isMovement, keyOf, type Reconciliation } from './reconcile';
import { type StatementRow, statementRowTable } from './statement-row.table';

/** `kept`: rows that are neither capture nor refund, as of the last comparison of the day. */
export type DayReconciliation = Reconciliation & {
  readonly date: string;
  readonly kept: readonly StatementRow[];
  /** Ours, near the edge of the day: on the statement of the day beside it, or awaited there. */
  readonly inTransit: readonly Movement[];
};

/** So far off may a channel's clock or closing time be from what we expect of it. */
const EDGE_MS = 3_600_000;
/** Ids of one query. */
const IDS_MAX = 1000;

/** Of each list of an answer; `counts` says how many there are. */
const LISTED_MAX = 1000;

export type ShownReconciliation = DayReconciliation & {
  readonly counts: Readonly<
    Record<'onlyOurs' | 'onlyTheirs' | 'amountsDiffer' | 'others' | 'inTransit', number>
  >;
};

interface DatedMovement extends Movement {
  readonly at: Date;
  /** The channel's date as we have it. */
  readonly channelDate: string | null;
  /** The channel said its clearing date. */
  readonly isGiven: boolean;
}

export interface Compared {
  readonly result: DayReconciliation;
  /** Movements that the statement of this day has, and that were expected on the day beside it. */
  readonly carried: readonly Movement[];
}

/** Our books beside the channel's, by the channel's calendar. */
export class Reconciliations {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly channel: Channel;
      readonly clock: Clock;
      readonly policy: Calendars;
    },
  ) {}

  /**
   * Compares our movements with the statement of `date`, the channel's own clearing date; of each
   * list the first thousand. What we
   * expected on the day beside it is matched here if this statement has it, and in transit there.
   * Throws CHANNEL_UNAVAILABLE (conflict), DAY_NOT_BEGUN (unprocessable).
   */
  async of(date: string): Promise<ShownReconciliation> {
    const { result } = await this.compare(date);
    return {
      ...result,
      onlyOurs: result.onlyOurs.slice(0, LISTED_MAX),
      onlyTheirs: result.onlyTheirs.slice(0, LISTED_MAX),
      amountsDiffer: result.amountsDiffer.slice(0, LISTED_MAX),
      others: result.others.slice(0, LISTED_MAX),
      inTransit: result.inTransit.slice(0, LISTED_MAX),
      counts: {
        onlyOurs: result.onlyOurs.length,
        onlyTheirs: result.onlyTheirs.length,
        amountsDiffer: result.amountsDiffer.length,
        others: result.others.length,
        inTransit: result.inTransit.length,
      },
    };
  }

  /** As `of`; also what is to be kept on the record of it. */
  async compare(date: string): Promise<Compared> {
    const { store, channel, clock } = this.parts;
    const today = businessDateOf(clock.now());
    if (date > today)
      throw new DomainError('DAY_NOT_BEGUN', 'unprocessable', {
        field: 'date',
        why: `the day has not begun: it is ${today} in Asia/Shanghai`,
        remedy: 'compare a day of the past, or today',
      });
    const comparison = new Comparison<DatedMovement>();
    const carried = new Map<string, DatedMovement>();
    // The statement first: what is captured in between is then listed as ours alone, and never
    // missed.
    for await (const entries of statementPages(channel, date)) {
      const ours = await this.oursOf(date, entries.filter(isMovement));
      comparison.statement(entries, ours);
      for (const movement of ours)
        if (movement.channelDate !== date) carried.set(keyOf(movement), movement);
    }
    const kept = await store.transact(async (transaction) => {
      for await (const ours of movementsOn(transaction, date)) comparison.ours(ours);
      return transaction
        .rows(statementRowTable)
        .find({ date }, { orderBy: 'keptAt', countMax: LISTED_MAX });
    });
    const whole = comparison.result();
    const inTransit = await this.inTransit(date, whole.onlyOurs);
    const onlyOurs = whole.onlyOurs.filter((movement) => !inTransit.has(movement));
    const agrees =
      onlyOurs.length + whole.onlyTheirs.length + whole.amountsDiffer.length === 0 &&
      whole.others.length === 0;
    return {
      result: {
        date,
        ...whole,
        onlyOurs: onlyOurs.map(bare),
        inTransit: [...inTransit].map(bare),
        agrees,
        kept,
      },
      carried: [...carried.values()],
    };
  }

  /** Ours that a page of the statement has: of that day, or expected on the day before or after. */
  private async oursOf(date: string, theirs: readonly Movement[]): Promise<DatedMovement[]> {
    const days = [dayBeside(date, -1), date, dayBeside(date, 1)];
    const found = await this.parts.store.transact((transaction) =>
      movementsOf(transaction, theirs, days),
    );
    return found.filter(
      (movement) => movement.channelDate === date || this.mayBeOn(date, movement),
    );
  }

  /**
   * Of what we have and the statement does not: what the day beside has on its statement, or may
   * still have.
   */
  private async inTransit(
    date: string,
    onlyOurs: readonly DatedMovement[],
  ): Promise<ReadonlySet<DatedMovement>> {
    const { channel, clock } = this.parts;
    const found = new Set<DatedMovement>();
    for (const beside of [dayBeside(date, -1), dayBeside(date, 1)]) {
      const near = onlyOurs.filter((movement) => this.mayBeOn(beside, movement));
      if (near.length === 0) continue;
      const there = new Map(near.map((movement) => [keyOf(movement), movement]));
      if (beside >= businessDateOf(clock.now())) for (const movement of near) found.add(movement);
      else
        for await (const entries of statementPages(channel, beside))
          for (const entry of entries.filter(isMovement)) {
            const movement = there.get(keyOf(entry));
            if (movement) found.add(movement);
          }
    }
    return found;
  }

  /** Whether the channel may have a movement on a day, whose date it has not said. */
  private mayBeOn(date: string, { at, isGiven }: DatedMovement): boolean {
    if (isGiven) return false;
    const { channelCloseMinute } = this.parts.policy;
    return [-EDGE_MS, EDGE_MS].some(
      (offMs) => dayThatCloses(channelCloseMinute, new Date(at.getTime() + offMs)) === date,
    );
  }
}

const bare = ({ kind, id, amountFen }: Movement): Movement => ({ kind, id, amountFen });

const dayBeside = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

const captureMovement = ({
  orderId: id,
  amountFen,
  capturedAt: at,
  channelDate,
  isChannelDateGiven: isGiven,
}: CaptureRow): DatedMovement => ({ kind: 'capture', id, amountFen, at, channelDate, isGiven });

const refundMovement = ({
  refundId: id,
  amountFen,
  refundedAt,
  channelDate,
  isChannelDateGiven: isGiven,
}: RefundRow): DatedMovement => ({
  ...{ kind: 'refund', id, amountFen, at: refundedAt! },
  ...{ channelDate, isGiven },
});

/** All that moved on a day, by the channel's date as we have it, page by page. */
async function* movementsOn(
  transaction: Transaction,
  channelDate: string,
): AsyncGenerator<readonly DatedMovement[]> {
  const captures = stream(
    transaction.rows(captureTable),
    { channelDate, way: 'channel' },
    { orderBy: 'capturedAt' },
  );
  for await (const batch of captures) yield batch.map(captureMovement);
  const refunds = stream(transaction.rows(refundTable), { channelDate, status: 'completed' });
  for await (const batch of refunds) yield batch.map(refundMovement);
}

const chunks = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / IDS_MAX) }, (_, index) =>
    items.slice(index * IDS_MAX, (index + 1) * IDS_MAX),
  );

const idsOf = (movements: readonly Movement[], wanted: Movement['kind']): string[] =>
  movements.filter(({ kind }) => kind === wanted).map(({ id }) => id);

/** Keeps the channel's date of movements whose statement said it. */
export const keepChannelDate = async (
  transaction: Transaction,
  channelDate: string,
  movements: readonly Movement[],
): Promise<void> => {
  const said = { channelDate, isChannelDateGiven: true };
  const captures = transaction.rows(captureTable);
  for (const ids of chunks(idsOf(movements, 'capture'))) {
    const rows = await captures.lockAll(ids.map((orderId) => ({ orderId })));
    await captures.save(...rows.map((row) => ({ ...row, ...said })));
  }
  const refunds = transaction.rows(refundTable);
  for (const ids of chunks(idsOf(movements, 'refund'))) {
    const rows = await refunds.lockAll(ids.map((refundId) => ({ refundId })));
    await refunds.save(...rows.map((row) => ({ ...row, ...said })));
  }
};

/** Ours of these movements, of some days. */
const movementsOf = async (
  transaction: Transaction,
  movements: readonly Movement[],
  days: readonly string[],
): Promise<DatedMovement[]> => {
  const entries: DatedMovement[] = [];
  const channelDate = { in: days };
  const captures = transaction.rows(captureTable);
  for (const ids of chunks(idsOf(movements, 'capture')))
    entries.push(
      ...(await captures.find({ orderId: { in: ids }, channelDate })).map(captureMovement),
    );
  const refunds = transaction.rows(refundTable);
  for (const ids of chunks(idsOf(movements, 'refund'))) {
    const where = { refundId: { in: ids }, channelDate, status: 'completed' as const };
    entries.push(...(await refunds.find(where)).map(refundMovement));
  }
  return entries;
};
