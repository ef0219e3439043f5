import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Envelope } from '../intake/envelope';
import { type Fault, faultsOf } from '../intake/fault';
import type { Door } from '../intake/submission';
import {
  type QuarantineRow,
  type QuarantineStatus,
  quarantineTable,
  refusalTable,
} from './quarantine.table';

/** A message that was refused. */
export interface Refused {
  readonly door: Door;
  /** Undefined when the sender is unknown. */
  readonly institutionId: string | undefined;
  readonly raw: Buffer;
  readonly error: DomainError;
}

/** A quarantined message without its content. */
export interface Quarantined {
  readonly id: string;
  readonly institutionId: string | null;
  readonly door: Door;
  readonly reason: string;
  readonly faults: readonly Fault[];
  readonly receivedAt: string;
  readonly lastSeenAt: string;
  readonly timesSeen: number;
  readonly status: QuarantineStatus;
  readonly why?: string;
}

const PAGE_SIZE_MAX = 200;
const contextOf = (id: string): string => `quarantine ${id}`;

const shown = ({
  sealed: _,
  forgotten: _forgotten,
  closedAt: _closedAt,
  why,
  receivedAt,
  lastSeenAt,
  ...row
}: QuarantineRow): Quarantined => ({
  ...row,
  receivedAt: receivedAt.toISOString(),
  lastSeenAt: lastSeenAt.toISOString(),
  ...(why !== null && { why }),
});

/**
 * Messages that could not be accepted: kept whole and sealed, counted, shown, replayed or given up.
 */
export class Quarantine {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly envelope: Envelope;
    },
  ) {}

  /**
   * Stores a refused message once, however often it comes. Returns its state, for one that was
   * corrected meanwhile.
   */
  async keep({ door, institutionId, raw, error }: Refused): Promise<QuarantineStatus> {
    const now = this.parts.clock.now();
    const id = derivedId(
      'quarantine',
      door,
      institutionId ?? '',
      this.parts.envelope.hashBytes(raw),
    );
    return this.parts.store.transact(async (transaction) => {
      const fresh: QuarantineRow = {
        id,
        door,
        institutionId: institutionId ?? null,
        reason: error.code,
        faults: faultsOf(error),
        sealed: this.parts.envelope.seal(raw, contextOf(id)),
        forgotten: false,
        receivedAt: now,
        lastSeenAt: now,
        timesSeen: 1,
        status: 'open',
        why: null,
        closedAt: null,
      };
      const isNew = await transaction.rows(quarantineTable).insertIfAbsent(fresh);
      const row = isNew
        ? fresh
        : (await transaction.rows(quarantineTable).get({ id }, { lock: 'wait' }))!;
      if (isNew) await this.count(transaction, door, error.code);
      else
        await transaction
          .rows(quarantineTable)
          .save({ ...row, lastSeenAt: now, timesSeen: row.timesSeen + 1 });
      return row.status;
    });
  }

  private async count(transaction: Transaction, door: Door, reason: string): Promise<void> {
    const refusals = transaction.rows(refusalTable);
    await refusals.insertIfAbsent({ door, reason, count: 0 });
    const { count } = (await refusals.get({ door, reason }, { lock: 'wait' }))!;
    await refusals.save({ door, reason, count: count + 1 });
  }

  /** Newest first, at most 200. */
  async list(status: QuarantineStatus): Promise<Quarantined[]> {
    const rows = await this.parts.store.transact((transaction) =>
      transaction
        .rows(quarantineTable)
        .find({ status }, { orderBy: 'lastSeenAt', descending: true, countMax: PAGE_SIZE_MAX }),
    );
    return rows.map(shown);
  }

  /** With its bytes. Throws QUARANTINE_UNKNOWN (not-found), RAW_FORGOTTEN (conflict). */
  async show(id: string): Promise<{ readonly entry: Quarantined; readonly raw: Buffer }> {
    const row = await this.parts.store.transact((transaction) =>
      transaction.rows(quarantineTable).get({ id }),
    );
    if (!row) throw new DomainError('QUARANTINE_UNKNOWN', 'not-found', { id });
    if (!row.sealed)
      throw new DomainError('RAW_FORGOTTEN', 'conflict', {
        id,
        why: 'the message is past its retention',
      });
    return { entry: shown(row), raw: this.parts.envelope.open(row.sealed, contextOf(id)) };
  }

  /**
   * Gives a message up; again with the same reason changes nothing. Throws QUARANTINE_UNKNOWN
   * (not-found), QUARANTINE_CLOSED (conflict).
   */
  async discard(id: string, why: string): Promise<void> {
    await this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(quarantineTable).get({ id }, { lock: 'wait' });
      if (!row) throw new DomainError('QUARANTINE_UNKNOWN', 'not-found', { id });
      if (row.status === 'discarded' && row.why === why) return;
      if (row.status !== 'open')
        throw new DomainError('QUARANTINE_CLOSED', 'conflict', { id, state: row.status });
      await transaction
        .rows(quarantineTable)
        .save({ ...row, status: 'discarded', why, closedAt: this.parts.clock.now() });
    });
  }
}
