import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import type { Authors } from './authors';
import type { ReceivedMessage } from './bus';
import { type ParkedRow, parkedTable } from './parked.table';
import { nextRetryOf, retryNext } from './held-keys';
import {
  type Mended,
  messageOf,
  openRow,
  type ParkedFilter,
  type ParkedSummary,
  whereOf,
} from './parked-row';
import { SIGNATURE, signedAll, type SigningKey } from './message-signature';
import { type AnyEvent, contentOf, isFinal, MESSAGE_CONFLICT, readAny, reasonOf } from './parking';
import type { Binding } from './binding';
import { carried, processing, traced } from './tracing';

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
  readonly authors: Pick<Authors, 'verify'>;
  /** By which corrections are signed: the service's own. */
  signingKey(): SigningKey;
}

/** Whole messages in memory at once, per lane: one may be as large as a broker takes. */
const REPLAY_KEY_PAGE_SIZE = 10;

interface Replayed {
  readonly id: string;
  readonly mended: Mended | undefined;
  /** Of the corrected message, by the service that replays it. */
  readonly signature: string | undefined;
}

/** Handles parked messages again, through the handlers that they were meant for. */
export class ParkedReplay {
  constructor(private readonly parts: ParkedParts) {}

  /**
   * All of one key that fit the filter, in the order of their topic; false when one failed and the
   * later ones were left alone.
   */
  async key(
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
        if (await this.unlessResolved(row)) result.replayed += 1;
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

  /** Another operator may close a message while a bulk replay runs: nothing is left to do then. */
  private async unlessResolved(row: ParkedRow): Promise<boolean> {
    try {
      return await this.one(row);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_CLOSED') return true;
      throw error;
    }
  }

  async one(row: ParkedRow, mended?: Mended): Promise<boolean> {
    const { id } = row;
    const binding = this.parts.strategy.binding(row.groupName, row.topic);
    if (!binding)
      throw new DomainError('HANDLER_UNKNOWN', 'not-found', {
        group: row.groupName,
        topic: row.topic,
      });
    const message = messageOf(row, mended);
    if (mended) readAny(binding.topic, message);
    const signature = mended && this.correctionOf(message);
    try {
      await processing(binding, message, () =>
        binding.batch
          ? this.handleBatch(binding, message, { id, mended, signature })
          : this.handle(binding, { id, mended, signature }),
      );
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PARKED_CLOSED') throw error;
      await this.noteFailure(id, error);
      return false;
    }
  }

  /**
   * A batch handler is its own transaction and recognises repetitions itself, so the row is closed
   * after it.
   */
  private async handleBatch(
    binding: Binding,
    message: ReceivedMessage,
    { id, ...as }: Replayed,
  ): Promise<void> {
    await binding.call([carried(this.eventOf(binding, message, as))], {
      messages: [message],
      signal: new AbortController().signal,
    });
    await this.parts.store.transact(async (transaction) =>
      this.resolve(transaction, await this.getOpen(transaction, id), as),
    );
  }

  /** Runs the handler and closes the row in one transaction. */
  private handle(binding: Binding, { id, ...as }: Replayed): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.getOpen(transaction, id);
      const event = this.eventOf(binding, messageOf(row, as.mended), as);
      const isMarkedByParking = row.messageId === event.id && row.code !== MESSAGE_CONFLICT;
      const isNew =
        isMarkedByParking ||
        (await transaction.markHandled(row.groupName, event.id, contentOf(event)));
      if (isNew) await binding.call(carried(event), { transaction: traced(transaction) });
      await this.resolve(transaction, row, as);
    });
  }

  /** Unchanged, it is by its author; corrected, by the operator who says so. */
  private eventOf(
    { topic }: Binding,
    message: ReceivedMessage,
    { mended }: Pick<Replayed, 'mended'>,
  ): AnyEvent {
    if (!mended) this.parts.authors.verify(topic, message);
    return readAny(topic, message);
  }

  private correctionOf(message: ReceivedMessage): string {
    const [corrected] = signedAll(message.topic, [message], this.parts.signingKey(), 'correction');
    return corrected!.headers[SIGNATURE]!;
  }

  /** What was sent stays in the row beside what was made of it. */
  private async resolve(
    transaction: Transaction,
    row: ParkedRow,
    { mended, signature }: Omit<Replayed, 'id'>,
  ): Promise<void> {
    const { why = row.why, ...content } = mended ?? {};
    await transaction.rows(parkedTable).save({
      ...row,
      status: 'replayed',
      attempts: row.attempts + 1,
      settledAt: this.parts.clock.now(),
      retryAt: null,
      why,
      mended: mended ? JSON.stringify({ ...content, signature }) : null,
    });
    await retryNext(transaction, row, this.parts.clock.now());
  }

  private noteFailure(id: string, error: unknown): Promise<void> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(parkedTable).get({ id }, { lock: 'wait' });
      if (row?.status !== 'parked') return;
      // A refusal by name holds nothing back.
      const holds = row.holds && !isFinal(error);
      await transaction.rows(parkedTable).save({
        ...row,
        ...reasonOf(error),
        attempts: row.attempts + 1,
        holds,
        retryAt: holds ? nextRetryOf(row, now) : null,
      });
      if (!holds) await retryNext(transaction, row, now);
    });
  }

  private getOpen(transaction: Transaction, id: string): Promise<ParkedRow> {
    return openRow(transaction, { service: this.parts.service, id });
  }
}
