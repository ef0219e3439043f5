import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import type { Envelope } from '../intake/envelope';
import { type Fault, faultsOf } from '../intake/fault';
import type { AnsweringDoor } from '../intake/submission';
import { maskedId } from './message-id';
import {
  type QuarantineRow,
  type QuarantineStatus,
  quarantineTable,
  refusalTable,
} from './quarantine.table';

/** A message that was refused. */
export interface Refused {
  readonly door: AnsweringDoor;
  /** Undefined when the sender is unknown. */
  readonly institutionId: string | undefined;
  /** SHA-256 of the certificate that it came by. */
  readonly certificate?: string | undefined;
  /** Its own id of the message (MSH-10, Idempotency-Key), whatever that is. */
  readonly messageId?: string | undefined;
  readonly raw: Buffer;
  readonly error: DomainError;
}

/** A quarantined message without its content. */
export interface Quarantined {
  readonly id: string;
  readonly institutionId: string | null;
  readonly certificate?: string;
  readonly door: AnsweringDoor;
  /** Its sender's own id of it, an ID number in it masked. */
  readonly messageId?: string;
  readonly reason: string;
  readonly faults: readonly Fault[];
  readonly receivedAt: string;
  readonly lastSeenAt: string;
  readonly timesSeen: number;
  readonly status: QuarantineStatus;
  readonly why?: string;
}

export interface Shown {
  readonly entry: Quarantined;
  readonly raw: Buffer;
  /** Not, where it was longer than what is kept of an unknown sender. */
  readonly isWhole: boolean;
}

const PAGE_SIZE_MAX = 200;

/** What is sealed of a quarantined message is bound to its entry. */
export const quarantineContext = (id: string): string => `quarantine ${id}`;

/** Which entries. All that is named must fit; `from` and `until` are times of receipt. */
export interface QuarantineFilter {
  readonly institutionId?: string | undefined;
  readonly reason?: string | undefined;
  readonly messageId?: string | undefined;
  readonly door?: AnsweringDoor | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  /** The id of the last entry of the page before. */
  readonly after?: string | undefined;
}

/** How much of one sender is kept. */
export interface QuarantineBounds {
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** Of all unknown senders together. */
  readonly unknownRowsMax: number;
}

/** Of a message of an unknown sender so much is kept, from its beginning, beside a digest of the whole. */
export const UNKNOWN_BYTES_MAX = 16 * 1024;

const whereOf = (
  { institutionId, reason, messageId, door }: QuarantineFilter,
  now: Date,
): Where<QuarantineRow> => ({
  ...(institutionId !== undefined && { institutionId }),
  ...(reason !== undefined && { reason }),
  ...(messageId !== undefined && { messageId: maskedId(messageId, now) }),
  ...(door !== undefined && { door }),
});

const shown = ({
  sealed: _,
  bytes: _bytes,
  indexed: _indexed,
  forgotten: _forgotten,
  closedAt: _closedAt,
  certificate,
  why,
  messageId,
  receivedAt,
  lastSeenAt,
  ...row
}: QuarantineRow): Quarantined => ({
  ...row,
  receivedAt: receivedAt.toISOString(),
  lastSeenAt: lastSeenAt.toISOString(),
  ...(certificate !== null && { certificate }),
  ...(why !== null && { why }),
  ...(messageId !== null && { messageId }),
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
      readonly bounds: QuarantineBounds;
      /** Called for a message that is not kept, since its sender has too many. */
      readonly dropped: (door: AnsweringDoor) => void;
    },
  ) {}

  /**
   * Stores a refused message once, however often it comes. Returns its state, for one that was
   * corrected meanwhile. Of a sender at its bounds the newest is not kept: what came first shows
   * the cause, and a flood cannot push it out. Its sender has the reason by the answer.
   */
  async keep(refused: Refused): Promise<QuarantineStatus> {
    const { door, institutionId, messageId, raw, error } = refused;
    const now = this.parts.clock.now();
    const isUnknown = institutionId === undefined;
    const kept = isUnknown ? raw.subarray(0, UNKNOWN_BYTES_MAX) : raw;
    const certificate = isUnknown ? refused.certificate : undefined;
    const id = derivedId(
      'quarantine',
      door,
      institutionId ?? certificate ?? '',
      this.parts.envelope.hashBytes(raw),
    );
    return this.parts.store.transact(async (transaction) => {
      const fresh: QuarantineRow = {
        id,
        door,
        institutionId: institutionId ?? null,
        certificate: certificate ?? null,
        messageId: maskedId(messageId, now),
        reason: error.code,
        faults: faultsOf(error),
        sealed: this.parts.envelope.seal(kept, quarantineContext(id)),
        bytes: raw.length,
        indexed: false,
        forgotten: false,
        receivedAt: now,
        lastSeenAt: now,
        timesSeen: 1,
        status: 'open',
        why: null,
        closedAt: null,
      };
      const isKnown = (await transaction.rows(quarantineTable).get({ id })) !== undefined;
      if (!isKnown && (await this.isFull(transaction, fresh))) {
        this.parts.dropped(door);
        await this.count(transaction, door, error.code);
        return 'open';
      }
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

  private async isFull(
    transaction: Transaction,
    { institutionId, bytes }: QuarantineRow,
  ): Promise<boolean> {
    const { rowsMax, bytesMax, unknownRowsMax } = this.parts.bounds;
    const [kept] = await transaction
      .rows(quarantineTable)
      .group({ institutionId, forgotten: false }, { by: ['forgotten'], sum: ['bytes'] });
    if (!kept) return false;
    if (institutionId === null) return kept.count >= unknownRowsMax;
    return kept.count >= rowsMax || kept.sums.bytes + bytes > bytesMax;
  }

  private async count(
    transaction: Transaction,
    door: AnsweringDoor,
    reason: string,
  ): Promise<void> {
    const refusals = transaction.rows(refusalTable);
    await refusals.insertIfAbsent({ door, reason, count: 0 });
    const { count } = (await refusals.get({ door, reason }, { lock: 'wait' }))!;
    await refusals.save({ door, reason, count: count + 1 });
  }

  /** Newest first, at most 200. Throws QUARANTINE_UNKNOWN (not-found) for `after`. */
  async list(status: QuarantineStatus, filter: QuarantineFilter = {}): Promise<Quarantined[]> {
    const pages = { descending: true, countMax: PAGE_SIZE_MAX };
    return (await this.page(status, filter, pages)).map(shown);
  }

  /** Open ones, the oldest first, as they are replayed. Throws as `list`. */
  async oldest(filter: QuarantineFilter, countMax: number): Promise<Quarantined[]> {
    return (await this.page('open', filter, { descending: false, countMax })).map(shown);
  }

  private page(
    status: QuarantineStatus,
    filter: QuarantineFilter,
    { descending, countMax }: { readonly descending: boolean; readonly countMax: number },
  ): Promise<readonly QuarantineRow[]> {
    const { after, from, until } = filter;
    const [first, last] = descending ? [until, from] : [from, until];
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(quarantineTable);
      const place = after === undefined ? undefined : await rows.get({ id: after });
      if (after !== undefined && !place)
        throw new DomainError('QUARANTINE_UNKNOWN', 'not-found', { id: after });
      // The first of its moment, in the order of the page.
      const start = first && { receivedAt: new Date(first), id: descending ? '\uffff' : '' };
      const bound = last === undefined ? undefined : new Date(last);
      const { rows: found } = await rows.page(
        { status, ...whereOf(filter, this.parts.clock.now()) },
        {
          orderBy: 'receivedAt',
          descending,
          countMax,
          after: place ? { receivedAt: place.receivedAt, id: place.id } : start || undefined,
        },
      );
      return found.filter(
        ({ receivedAt }) => !bound || (descending ? receivedAt >= bound : receivedAt <= bound),
      );
    });
  }

  /**
   * With its bytes, or the beginning of them. Throws QUARANTINE_UNKNOWN (not-found), RAW_FORGOTTEN
   * (conflict).
   */
  async show(id: string): Promise<Shown> {
    const row = await this.parts.store.transact((transaction) =>
      transaction.rows(quarantineTable).get({ id }),
    );
    if (!row) throw new DomainError('QUARANTINE_UNKNOWN', 'not-found', { id });
    if (!row.sealed)
      throw new DomainError('RAW_FORGOTTEN', 'conflict', {
        id,
        why: 'the message is past its retention, or its person’s data was destroyed',
      });
    const raw = this.parts.envelope.open(row.sealed, quarantineContext(id));
    return { entry: shown(row), raw, isWhole: raw.length >= row.bytes };
  }

  /** Gives up the open ones that fit, at most so many; returns how many. */
  async discardAll(filter: QuarantineFilter, why: string, countMax: number): Promise<number> {
    const found = await this.page('open', filter, { descending: false, countMax });
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(quarantineTable);
      const locked = await rows.lockAll(found.map(({ id }) => ({ id })));
      const open = locked.filter(({ status }) => status === 'open');
      const closedAt = this.parts.clock.now();
      await rows.save(
        ...open.map((row) => ({ ...row, status: 'discarded' as const, why, closedAt })),
      );
      return open.length;
    });
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
