import type { Where } from '@caretab/store';
import { retryNext } from './held-keys';
import { type ParkedRow, parkedTable } from './parked.table';
import { type ParkedParts, ParkedReplay, type ReplayResult } from './parked-replay';
import {
  type Mended,
  openRow,
  type ParkedFilter,
  parkedRow,
  type ParkedSummary,
  summaryOf,
  whereOf,
} from './parked-row';

export type { ParkedParts, ReplayResult } from './parked-replay';
export type { Mended, ParkedFilter, ParkedSummary } from './parked-row';

export interface ParkedPage {
  /** `next` of the page before. */
  readonly after?: string;
  readonly countMax?: number;
}

const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 500;
const REPLAY_PAGE_SIZE = 25;
/** Keys that are replayed side by side. */
const REPLAY_LANES = 4;
/** Rows of held keys in one round of retries. */
const RETRIED_ROWS_MAX = 100;

const keyOf = ({ groupName, topic, key }: ParkedRow): string =>
  JSON.stringify([groupName, topic, key]);

/**
 * Messages of one service that could not be handled: what operators see of them and do with them.
 */
export class Parked {
  private readonly replaying: ParkedReplay;

  constructor(private readonly parts: ParkedParts) {
    this.replaying = new ParkedReplay(parts);
  }

  /** Oldest first; status `parked` unless said otherwise. `next` is missing on the last page. */
  async list({
    after,
    countMax: countWanted = PAGE_SIZE,
    ...filter
  }: ParkedFilter & ParkedPage = {}): Promise<{
    readonly messages: readonly ParkedSummary[];
    readonly next?: string;
  }> {
    const countMax = Math.min(countWanted, PAGE_SIZE_MAX);
    const where: Where<ParkedRow> = {
      ...whereOf(filter),
      ...(after !== undefined && { place: { gt: after } }),
    };
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(parkedTable).find(where, { orderBy: 'place', countMax: countMax + 1 }),
    );
    const shown = rows.slice(0, countMax);
    return {
      messages: shown.map(summaryOf),
      ...(rows.length > countMax && { next: shown.at(-1)!.place }),
    };
  }

  /** How many are parked, for a backlog. */
  count(filter: ParkedFilter = {}): Promise<number> {
    return this.parts.store.transact((transaction) =>
      transaction.rows(parkedTable).count(whereOf(filter)),
    );
  }

  /**
   * Everything about one, with its content as it came, and as it was corrected. Throws
   * PARKED_UNKNOWN (not-found).
   */
  async show(id: string): Promise<
    ParkedSummary & {
      readonly headers: Readonly<Record<string, string>>;
      readonly value: string;
      readonly mended: unknown;
    }
  > {
    const row = await this.parts.store.transact((transaction) =>
      parkedRow(transaction, { service: this.parts.service, id }),
    );
    return {
      ...summaryOf(row),
      headers: JSON.parse(row.headers) as Record<string, string>,
      value: row.value,
      mended: JSON.parse(row.mended ?? 'null'),
    };
  }

  /**
   * Handles parked messages again through the same handler: one by id, unchanged or corrected, or
   * all that fit a filter, as `replaySteps` does. By id, throws PARKED_UNKNOWN (not-found),
   * PARKED_CLOSED (conflict) or HANDLER_UNKNOWN (not-found); corrected, also the contract's
   * faults.
   */
  async replay(
    target: string | Omit<ParkedFilter, 'status'>,
    mended?: Mended,
  ): Promise<ReplayResult> {
    if (typeof target === 'string')
      return count(
        (await this.replaying.one(await this.open(target), mended)) ? 'replayed' : 'failed',
      );
    let result: ReplayResult = NOTHING;
    for await (result of this.replaySteps(target));
    return result;
  }

  /**
   * Replays all that fit a filter: key by key, the key that was parked first first, and each in the
   * order of its topic, whenever its messages were parked. When a message fails again it stays
   * parked with the new reason, and later ones of its key are skipped in this run. Yields progress
   * after each page, and stops there when the signal aborts; a new run continues with the rest.
   * Memory: a page of headings, a few messages per lane, and the keys that failed. Throws
   * HANDLER_UNKNOWN (not-found).
   */
  async *replaySteps(
    filter: Omit<ParkedFilter, 'status'>,
    signal?: AbortSignal,
  ): AsyncGenerator<ReplayResult> {
    const failedKeys = new Set<string>();
    const result = { ...NOTHING };
    for (let after = ''; ;) {
      const { messages, next } = await this.list({ ...filter, after, countMax: REPLAY_PAGE_SIZE });
      const keys = new Map(
        messages.map((message) => [
          JSON.stringify([message.groupName, message.topic, message.key]),
          message,
        ]),
      );
      const left = [...keys].filter(([name]) => !failedKeys.has(name));
      const lane = async (): Promise<void> => {
        for (let one = left.shift(); one; one = left.shift())
          if (!(await this.replaying.key(filter, one[1], result))) failedKeys.add(one[0]);
      };
      await allDone(Array.from({ length: REPLAY_LANES }, lane));
      yield { ...result };
      if (next === undefined || signal?.aborted) return;
      after = next;
    }
  }

  /**
   * Tries held keys again whose time has come, each from its first message on. Returns how many
   * messages were handled.
   */
  async retryHeld(): Promise<number> {
    const now = this.parts.clock.now();
    const due = await this.parts.store.transact((transaction) =>
      transaction
        .rows(parkedTable)
        .find(
          { status: 'parked', holds: true, retryAt: { lte: now } },
          { orderBy: 'retryAt', countMax: RETRIED_ROWS_MAX },
        ),
    );
    const result = { ...NOTHING };
    for (const row of new Map(due.map((one) => [keyOf(one), one])).values()) {
      const head = await this.headOf(row);
      // Its time is over: what follows waits for an operator with it.
      if (head && head.retryAt === null) await this.giveUp(row);
      else await this.replaying.key({ holds: true }, summaryOf(row), result);
    }
    return result.replayed;
  }

  private async headOf({ groupName, topic, key }: ParkedRow): Promise<ParkedRow | undefined> {
    const [head] = await this.parts.store.transact((transaction) =>
      transaction
        .rows(parkedTable)
        .find(
          { groupName, topic, key, status: 'parked', holds: true },
          { orderBy: 'offsetNo', countMax: 1 },
        ),
    );
    return head;
  }

  private giveUp({ id }: ParkedRow): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(parkedTable).get({ id }, { lock: 'wait' });
      if (row?.status === 'parked')
        await transaction.rows(parkedTable).save({ ...row, retryAt: null });
    });
  }

  /**
   * Gives a parked message up. `why` is kept. Throws PARKED_UNKNOWN (not-found) or PARKED_CLOSED
   * (conflict).
   */
  async discard(id: string, why: string): Promise<ParkedSummary> {
    return this.parts.store.transact(async (transaction) => {
      const row = await openRow(transaction, { service: this.parts.service, id });
      const discarded: ParkedRow = {
        ...row,
        status: 'discarded',
        settledAt: this.parts.clock.now(),
        retryAt: null,
        why,
      };
      await transaction.rows(parkedTable).save(discarded);
      await retryNext(transaction, row, this.parts.clock.now());
      return summaryOf(discarded);
    });
  }

  private open(id: string): Promise<ParkedRow> {
    return this.parts.store.transact((transaction) =>
      openRow(transaction, { service: this.parts.service, id }),
    );
  }
}

const NOTHING: ReplayResult = { replayed: 0, failed: 0, skipped: 0 };

const count = (kind: 'replayed' | 'failed'): ReplayResult => ({ ...NOTHING, [kind]: 1 });

/** Waits for all, then throws the first failure. */
const allDone = async (works: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(works)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};
