import { businessDateOf, DAY_MS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import type { Channel, Movement, StatementEntry } from '../channel/channel';
import { statementPages } from '../channel/statement';
import { type CaptureRow, captureTable } from '../collection/order.table';
import type { Calendars } from '../collection/policy';
import { dayThatCloses } from '../journal/book-day';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { reconcile, type Reconciliation } from './reconcile';
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
/** Ids of one statement. */
const IDS_MAX = 500;

/** Of each list of an answer; `counts` says how many there are. */
const LISTED_MAX = 1000;

export type ShownReconciliation = DayReconciliation & {
  readonly counts: Readonly<
    Record<'onlyOurs' | 'onlyTheirs' | 'amountsDiffer' | 'others' | 'inTransit', number>
  >;
};

interface DatedMovement extends Movement {
  readonly at: Date;
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
    // The statement first: what is captured in between is then listed as ours alone, and never
    // missed.
    const theirs: StatementEntry[] = [];
    for await (const entries of statementPages(channel, date)) theirs.push(...entries);
    const { ours, kept } = await store.transact(async (transaction) => ({
      ours: await movementsOn(transaction, date),
      kept: await transaction
        .rows(statementRowTable)
        .find({ date }, { orderBy: 'keptAt', countMax: LISTED_MAX }),
    }));
    const first = reconcile(ours, theirs);
    const carried = await this.expectedBeside(date, first.onlyTheirs);
    const whole = carried.length === 0 ? first : reconcile([...ours, ...carried], theirs);
    const inTransit = await this.inTransit(date, whole.onlyOurs as readonly DatedMovement[]);
    const onlyOurs = whole.onlyOurs.filter((movement) => !inTransit.includes(movement));
    const agrees =
      onlyOurs.length + whole.onlyTheirs.length + whole.amountsDiffer.length === 0 &&
      whole.others.length === 0;
    return {
      result: {
        date,
        ...whole,
        onlyOurs: onlyOurs.map(bare),
        inTransit: inTransit.map(bare),
        agrees,
        kept,
      },
      carried,
    };
  }

  /** Of what the statement has and we do not: what we expected on the day before or after. */
  private async expectedBeside(
    date: string,
    onlyTheirs: readonly Movement[],
  ): Promise<DatedMovement[]> {
    if (onlyTheirs.length === 0) return [];
    const ids = onlyTheirs.map(({ id }) => id);
    const found = await this.parts.store.transact((transaction) =>
      movementsOf(transaction, ids, [dayBeside(date, -1), dayBeside(date, 1)]),
    );
    return found.filter((movement) => this.mayBeOn(date, movement));
  }

  /**
   * Of what we have and the statement does not: what the day beside has on its statement, or may
   * still have.
   */
  private async inTransit(
    date: string,
    onlyOurs: readonly DatedMovement[],
  ): Promise<readonly Movement[]> {
    const { channel, clock } = this.parts;
    const found: Movement[] = [];
    for (const beside of [dayBeside(date, -1), dayBeside(date, 1)]) {
      const near = onlyOurs.filter((movement) => this.mayBeOn(beside, movement));
      if (near.length === 0) continue;
      if (beside >= businessDateOf(clock.now())) found.push(...near);
      else
        for await (const entries of statementPages(channel, beside)) {
          const listed = new Set(entries.map(({ kind, id }) => `${kind} ${id}`));
          found.push(...near.filter(({ kind, id }) => listed.has(`${kind} ${id}`)));
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
  isChannelDateGiven: isGiven,
}: CaptureRow): DatedMovement => ({ kind: 'capture', id, amountFen, at, isGiven });

const refundMovement = ({
  refundId: id,
  amountFen,
  refundedAt,
  isChannelDateGiven: isGiven,
}: RefundRow): DatedMovement => ({ kind: 'refund', id, amountFen, at: refundedAt!, isGiven });

/** All that moved on a day, by the channel's date as we have it. */
const movementsOn = async (
  transaction: Transaction,
  channelDate: string,
): Promise<DatedMovement[]> => {
  const entries: DatedMovement[] = [];
  const captures = stream(
    transaction.rows(captureTable),
    { channelDate },
    { orderBy: 'capturedAt' },
  );
  for await (const batch of captures) entries.push(...batch.map(captureMovement));
  const refunds = stream(transaction.rows(refundTable), { channelDate, status: 'completed' });
  for await (const batch of refunds) entries.push(...batch.map(refundMovement));
  return entries;
};

/** Keeps the channel's date of movements whose statement said it. */
export const keepChannelDate = async (
  transaction: Transaction,
  channelDate: string,
  movements: readonly Movement[],
): Promise<void> => {
  const said = { channelDate, isChannelDateGiven: true };
  for (const { kind, id } of movements) {
    if (kind === 'capture') {
      const rows = transaction.rows(captureTable);
      const row = await rows.get({ orderId: id }, { lock: 'wait' });
      if (row) await rows.save({ ...row, ...said });
    } else {
      const rows = transaction.rows(refundTable);
      const row = await rows.get({ refundId: id }, { lock: 'wait' });
      if (row) await rows.save({ ...row, ...said });
    }
  }
};

/** Movements by id, of some days. */
const movementsOf = async (
  transaction: Transaction,
  ids: readonly string[],
  days: readonly string[],
): Promise<DatedMovement[]> => {
  const entries: DatedMovement[] = [];
  const channelDate = { in: days };
  for (let from = 0; from < ids.length; from += IDS_MAX) {
    const some = { in: ids.slice(from, from + IDS_MAX) };
    const captures = await transaction.rows(captureTable).find({ orderId: some, channelDate });
    const refunds = await transaction
      .rows(refundTable)
      .find({ refundId: some, channelDate, status: 'completed' });
    entries.push(...captures.map(captureMovement), ...refunds.map(refundMovement));
  }
  return entries;
};
