import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/postgres';
import type { ReceivedMessage } from './bus';
import { type ParkedRow, type ParkedStatus, parkedTable } from './parked.table';
import { readAny, reasonOf } from './parking';
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
export type ParkedSummary = Omit<ParkedRow, 'value' | 'headers' | 'place'>;

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
const REPLAY_PAGE_SIZE = 100;

/** Messages of one service that could not be handled: what operators see of them and do with them. */
export class Parked {
  constructor(private readonly parts: ParkedParts) {}

  /** Oldest first; status `parked` unless said otherwise. `next` is missing on the last page. */
  async list({ after, countMax: countWanted = PAGE_SIZE, ...filter }: ParkedFilter & ParkedPage = {}): Promise<{ readonly messages: readonly ParkedSummary[]; readonly next?: string }> {
    const countMax = Math.min(countWanted, PAGE_SIZE_MAX);
    const where: Where<ParkedRow> = { ...whereOf(filter), ...(after !== undefined && { place: { gt: after } }) };
    const rows = await this.parts.store.transact((transaction) => transaction.rows(parkedTable).find(where, { orderBy: 'place', countMax: countMax + 1 }));
    const shown = rows.slice(0, countMax);
    return { messages: shown.map(summaryOf), ...(rows.length > countMax && { next: shown.at(-1)!.place }) };
  }

  /** How many are parked, for a backlog. */
  count(filter: ParkedFilter = {}): Promise<number> {
    return this.parts.store.transact((transaction) => transaction.rows(parkedTable).count(whereOf(filter)));
  }

  /** Everything about one, with its content. Throws PARKED_UNKNOWN (not-found). */
  async show(id: string): Promise<ParkedSummary & { readonly headers: Readonly<Record<string, string>>; readonly value: string }> {
    const row = await this.parts.store.transact((transaction) => this.get(transaction, id));
    return { ...summaryOf(row), headers: JSON.parse(row.headers) as Record<string, string>, value: row.value };
  }

  /**
   * Handles parked messages again through the same handler: one by id, or all that fit a filter, in the order they were parked. When a message
   * fails again it stays parked with the new reason, and later ones of its key are left alone in this run. Memory: one page and the failed keys.
   * By id, throws PARKED_UNKNOWN (not-found), PARKED_SETTLED (conflict) or HANDLER_UNKNOWN (not-found).
   */
  async replay(target: string | Omit<ParkedFilter, 'status'>): Promise<ReplayResult> {
    if (typeof target === 'string') return count((await this.replayOne(target)) ? 'replayed' : 'failed');
    return this.replayAll(target);
  }

  /** Gives a parked message up. `why` is kept. Throws PARKED_UNKNOWN (not-found) or PARKED_SETTLED (conflict). */
  async discard(id: string, why: string): Promise<ParkedSummary> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.getOpen(transaction, id);
      const discarded: ParkedRow = { ...row, status: 'discarded', settledAt: this.parts.clock.now(), why };
      await transaction.rows(parkedTable).save(discarded);
      return summaryOf(discarded);
    });
  }

  private async replayAll(filter: Omit<ParkedFilter, 'status'>): Promise<ReplayResult> {
    const failedKeys = new Set<string>();
    const result = { replayed: 0, failed: 0, skipped: 0 };
    let after = '';
    for (;;) {
      const where: Where<ParkedRow> = { ...whereOf(filter), place: { gt: after } };
      const rows = await this.parts.store.transact((transaction) => transaction.rows(parkedTable).find(where, { orderBy: 'place', countMax: REPLAY_PAGE_SIZE }));
      for (const row of rows) {
        const key = JSON.stringify([row.groupName, row.topic, row.key]);
        if (failedKeys.has(key)) result.skipped += 1;
        else if (await this.replayUnlessSettled(row.id)) result.replayed += 1;
        else {
          failedKeys.add(key);
          result.failed += 1;
        }
      }
      if (rows.length < REPLAY_PAGE_SIZE) return result;
      after = rows.at(-1)!.place;
    }
  }

  /** Another operator may settle a message while a bulk replay runs: nothing is left to do then. */
  private async replayUnlessSettled(id: string): Promise<boolean> {
    try {
      return await this.replayOne(id);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_SETTLED') return true;
      throw error;
    }
  }

  private async replayOne(id: string): Promise<boolean> {
    const row = await this.parts.store.transact((transaction) => this.getOpen(transaction, id));
    const binding = this.parts.strategy.binding(row.groupName, row.topic);
    if (!binding) throw new DomainError('HANDLER_UNKNOWN', 'not-found', { group: row.groupName, topic: row.topic });
    const message = messageOf(row);
    try {
      await processing(binding, message, () => (binding.batch ? this.handleBatch(binding, message, id) : this.handle(binding, id)));
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_SETTLED') throw error;
      await this.noteFailure(id, error);
      return false;
    }
  }

  /** A batch handler is its own transaction and recognises repetitions itself, so the row is settled after it. */
  private async handleBatch(binding: Binding, message: ReceivedMessage, id: string): Promise<void> {
    await binding.call([carried(readAny(binding.topic, message))], { messages: [message], signal: new AbortController().signal });
    await this.parts.store.transact(async (transaction) => this.settle(transaction, await this.getOpen(transaction, id)));
  }

  /** Runs the handler and settles the row in one transaction. */
  private handle(binding: Binding, id: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.getOpen(transaction, id);
      const event = readAny(binding.topic, messageOf(row));
      const isMarkedByParking = row.messageId === event.id;
      const isNew = (await transaction.markHandled(row.groupName, event.id)) || isMarkedByParking;
      if (isNew) await binding.call(carried(event), { transaction: traced(transaction) });
      await this.settle(transaction, row);
    });
  }

  private settle(transaction: Transaction, row: ParkedRow): Promise<void> {
    return transaction.rows(parkedTable).save({ ...row, status: 'replayed', attempts: row.attempts + 1, settledAt: this.parts.clock.now() });
  }

  private noteFailure(id: string, error: unknown): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(parkedTable).get({ id }, { lock: 'wait' });
      if (row?.status === 'parked') await transaction.rows(parkedTable).save({ ...row, ...reasonOf(error), attempts: row.attempts + 1 });
    });
  }

  private async get(transaction: Transaction, id: string, options: { readonly lock?: 'wait' } = {}): Promise<ParkedRow> {
    const row = await transaction.rows(parkedTable).get({ id }, options);
    if (!row) throw new DomainError('PARKED_UNKNOWN', 'not-found', { service: this.parts.service });
    return row;
  }

  private async getOpen(transaction: Transaction, id: string): Promise<ParkedRow> {
    const row = await this.get(transaction, id, { lock: 'wait' });
    if (row.status !== 'parked') throw new DomainError('PARKED_SETTLED', 'conflict', { status: row.status });
    return row;
  }
}

const whereOf = ({ status = 'parked', group, topic, key, code }: ParkedFilter): Where<ParkedRow> => ({
  status,
  ...(group !== undefined && { groupName: group }),
  ...(topic !== undefined && { topic }),
  ...(key !== undefined && { key }),
  ...(code !== undefined && { code }),
});

const summaryOf = ({ value: _value, headers: _headers, place: _place, ...summary }: ParkedRow): ParkedSummary => summary;

const messageOf = (row: ParkedRow): ReceivedMessage => ({
  topic: row.topic,
  partition: row.partition,
  offset: BigInt(row.offsetNo),
  key: row.key,
  value: row.value,
  headers: JSON.parse(row.headers) as Record<string, string>,
});

const count = (kind: 'replayed' | 'failed'): ReplayResult => ({ replayed: 0, failed: 0, skipped: 0, [kind]: 1 });
