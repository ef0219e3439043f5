import { UNREADABLE } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import type { ReceivedMessage } from './bus';
import { type ParkedRow, type ParkedStatus, parkedTable } from './parked.table';
import { contentOf, MESSAGE_CONFLICT, readAny, reasonOf } from './parking';
import type { Binding } from './partition-work';
import { carried, processing, traced } from './tracing';

export interface ParkedFilter {
  readonly status?: ParkedStatus;
  readonly group?: string;
  readonly topic?: string;
  readonly key?: string;
  readonly code?: string;
}

export interface ParkedPage {
  /** `next` of the page before. */
  readonly after?: string;
  readonly countMax?: number;
}

/** A parked message without what came from outside. */
export type ParkedSummary = Omit<ParkedRow, 'value' | 'headers' | 'mended' | 'place'>;

/**
 * What an operator puts in the place of what was sent: the whole value, headers by name. The
 * message's key stays.
 */
export interface Mended {
  readonly value?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The operator's words. */
  readonly why: string;
}

export interface ReplayResult {
  readonly replayed: number;
  readonly failed: number;
  /** Left alone, because an earlier message of the same key failed again. */
  readonly skipped: number;
}

export interface ParkedParts {
  readonly service: string;
  readonly store: Store;
  /** Where the handlers are: the strategy that this service's controllers are registered with. */
  readonly strategy: { binding(group: string, topic: string): Binding | undefined };
  readonly clock: Clock;
}

const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 500;
const REPLAY_PAGE_SIZE = 25;
/** Whole messages in memory at once, per lane: one may be as large as a broker takes. */
const REPLAY_KEY_PAGE_SIZE = 10;
/** Keys that are replayed side by side. */
const REPLAY_LANES = 4;

/**
 * Messages of one service that could not be handled: what operators see of them and do with them.
 */
export class Parked {
  constructor(private readonly parts: ParkedParts) {}

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
   * Everything about one, with its content as it came, and as it was mended. Throws PARKED_UNKNOWN
   * (not-found).
   */
  async show(id: string): Promise<
    ParkedSummary & {
      readonly headers: Readonly<Record<string, string>>;
      readonly value: string;
      readonly mended: unknown;
    }
  > {
    const row = await this.parts.store.transact((transaction) => this.get(transaction, id));
    return {
      ...summaryOf(row),
      headers: JSON.parse(row.headers) as Record<string, string>,
      value: row.value,
      mended: JSON.parse(row.mended ?? 'null'),
    };
  }

  /**
   * Handles parked messages again through the same handler: one by id, as it was or mended, or all
   * that fit a filter, as `replaySteps` does. By id, throws PARKED_UNKNOWN (not-found),
   * PARKED_SETTLED (conflict) or HANDLER_UNKNOWN (not-found); mended, also what the contract says
   * against it.
   */
  async replay(
    target: string | Omit<ParkedFilter, 'status'>,
    mended?: Mended,
  ): Promise<ReplayResult> {
    if (typeof target === 'string')
      return count((await this.replayOne(await this.open(target), mended)) ? 'replayed' : 'failed');
    let result: ReplayResult = NOTHING;
    for await (result of this.replaySteps(target));
    return result;
  }

  /**
   * Replays all that fit a filter: key by key, the key that was parked first first, and each in the
   * order of its topic, whenever its messages were parked. When a message fails again it stays
   * parked with the new reason, and later ones of its key are left alone in this run. Tells after
   * each page how far it is, and stops there when the signal aborts; begun anew, it goes on with
   * what is left. Memory: a page of headings, a few messages per lane, and the keys that failed.
   * Throws HANDLER_UNKNOWN (not-found).
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
          if (!(await this.replayKey(filter, one[1], result))) failedKeys.add(one[0]);
      };
      await allDone(Array.from({ length: REPLAY_LANES }, lane));
      yield { ...result };
      if (next === undefined || signal?.aborted) return;
      after = next;
    }
  }

  /**
   * Gives a parked message up. `why` is kept. Throws PARKED_UNKNOWN (not-found) or PARKED_SETTLED
   * (conflict).
   */
  async discard(id: string, why: string): Promise<ParkedSummary> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.getOpen(transaction, id);
      const discarded: ParkedRow = {
        ...row,
        status: 'discarded',
        settledAt: this.parts.clock.now(),
        why,
      };
      await transaction.rows(parkedTable).save(discarded);
      return summaryOf(discarded);
    });
  }

  /**
   * All of one key that fit the filter, in the order of their topic; false when one failed and the
   * later ones were left alone.
   */
  private async replayKey(
    filter: Omit<ParkedFilter, 'status'>,
    { groupName, topic, key }: ParkedSummary,
    result: { replayed: number; failed: number; skipped: number },
  ): Promise<boolean> {
    for (let after = -1; ;) {
      const where = (from: number): Where<ParkedRow> => ({
        ...whereOf(filter),
        groupName,
        topic,
        key,
        offsetNo: { gt: from },
      });
      const rows = await this.parts.store.transact((transaction) =>
        transaction
          .rows(parkedTable)
          .find(where(after), { orderBy: 'offsetNo', countMax: REPLAY_KEY_PAGE_SIZE }),
      );
      for (const row of rows) {
        if (await this.replayUnlessResolved(row)) result.replayed += 1;
        else {
          result.failed += 1;
          result.skipped += await this.parts.store.transact((transaction) =>
            transaction.rows(parkedTable).count(where(row.offsetNo)),
          );
          return false;
        }
      }
      if (rows.length < REPLAY_KEY_PAGE_SIZE) return true;
      after = rows.at(-1)!.offsetNo;
    }
  }

  /** Another operator may settle a message while a bulk replay runs: nothing is left to do then. */
  private async replayUnlessResolved(row: ParkedRow): Promise<boolean> {
    try {
      return await this.replayOne(row);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_SETTLED') return true;
      throw error;
    }
  }

  private async replayOne(row: ParkedRow, mended?: Mended): Promise<boolean> {
    const { id } = row;
    const binding = this.parts.strategy.binding(row.groupName, row.topic);
    if (!binding)
      throw new DomainError('HANDLER_UNKNOWN', 'not-found', {
        group: row.groupName,
        topic: row.topic,
      });
    const message = messageOf(row, mended);
    if (mended) readAny(binding.topic, message);
    try {
      await processing(binding, message, () =>
        binding.batch
          ? this.handleBatch(binding, message, { id, mended })
          : this.handle(binding, { id, mended }),
      );
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_SETTLED') throw error;
      await this.noteFailure(id, error);
      return false;
    }
  }

  private open(id: string): Promise<ParkedRow> {
    return this.parts.store.transact((transaction) => this.getOpen(transaction, id));
  }

  /**
   * A batch handler is its own transaction and recognises repetitions itself, so the row is settled
   * after it.
   */
  private async handleBatch(
    binding: Binding,
    message: ReceivedMessage,
    { id, mended }: Replayed,
  ): Promise<void> {
    await binding.call([carried(readAny(binding.topic, message))], {
      messages: [message],
      signal: new AbortController().signal,
    });
    await this.parts.store.transact(async (transaction) =>
      this.resolve(transaction, await this.getOpen(transaction, id), mended),
    );
  }

  /** Runs the handler and settles the row in one transaction. */
  private handle(binding: Binding, { id, mended }: Replayed): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.getOpen(transaction, id);
      const event = readAny(binding.topic, messageOf(row, mended));
      const isMarkedByParking = row.messageId === event.id && row.code !== MESSAGE_CONFLICT;
      const isNew =
        isMarkedByParking ||
        (await transaction.markHandled(row.groupName, event.id, contentOf(event)));
      if (isNew) await binding.call(carried(event), { transaction: traced(transaction) });
      await this.resolve(transaction, row, mended);
    });
  }

  /** What was sent stays in the row beside what was made of it. */
  private resolve(
    transaction: Transaction,
    row: ParkedRow,
    mended: Mended | undefined,
  ): Promise<void> {
    const { why = row.why, ...content } = mended ?? {};
    return transaction.rows(parkedTable).save({
      ...row,
      status: 'replayed',
      attempts: row.attempts + 1,
      settledAt: this.parts.clock.now(),
      why,
      mended: mended ? JSON.stringify(content) : null,
    });
  }

  private noteFailure(id: string, error: unknown): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(parkedTable).get({ id }, { lock: 'wait' });
      if (row?.status === 'parked')
        await transaction
          .rows(parkedTable)
          .save({ ...row, ...reasonOf(error), attempts: row.attempts + 1 });
    });
  }

  private async get(
    transaction: Transaction,
    id: string,
    options: { readonly lock?: 'wait' } = {},
  ): Promise<ParkedRow> {
    const row = await transaction.rows(parkedTable).get({ id }, options);
    if (!row) throw new DomainError('PARKED_UNKNOWN', 'not-found', { service: this.parts.service });
    return row;
  }

  private async getOpen(transaction: Transaction, id: string): Promise<ParkedRow> {
    const row = await this.get(transaction, id, { lock: 'wait' });
    if (row.status !== 'parked')
      throw new DomainError('PARKED_SETTLED', 'conflict', { status: row.status });
    return row;
  }
}

const whereOf = ({
  status = 'parked',
  group,
  topic,
  key,
  code,
}: ParkedFilter): Where<ParkedRow> => ({
  status,
  ...(group !== undefined && { groupName: group }),
  ...(topic !== undefined && { topic }),
  ...(key !== undefined && { key }),
  ...(code !== undefined && { code }),
});

const summaryOf = ({
  value: _value,
  headers: _headers,
  mended: _mended,
  place: _place,
  ...summary
}: ParkedRow): ParkedSummary => summary;

interface Replayed {
  readonly id: string;
  readonly mended: Mended | undefined;
}

const messageOf = (row: ParkedRow, mended?: Mended): ReceivedMessage => {
  const { [UNREADABLE]: unreadable, ...readable } = JSON.parse(row.headers) as Record<
    string,
    string
  >;
  return {
    topic: row.topic,
    partition: row.partition,
    offset: BigInt(row.offsetNo),
    key: row.key,
    value: mended?.value ?? row.value,
    // Whoever mends has read what bytes had kept us from reading.
    headers: {
      ...readable,
      ...(unreadable !== undefined && !mended && { [UNREADABLE]: unreadable }),
      ...mended?.headers,
    },
  };
};

const NOTHING: ReplayResult = { replayed: 0, failed: 0, skipped: 0 };

const count = (kind: 'replayed' | 'failed'): ReplayResult => ({ ...NOTHING, [kind]: 1 });

/** Waits for all, then throws the first failure. */
const allDone = async (works: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(works)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};
