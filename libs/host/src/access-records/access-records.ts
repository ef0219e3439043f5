import {
  type Clock,
  DomainError,
  GroupCommit,
  type Groupable,
  type Ids,
  type Outcome,
} from '@caretab/kernel';
import type { Store, Transaction, Where, Whose } from '@caretab/store';
import { type Access, chained, FIRST_HEAD } from './access-record';
import {
  accessHeadTable,
  accessPruningTable,
  type AccessRecordRow,
  accessRecordTable,
} from './access-record.table';
import { isShownToPerson, type Look, lookOf } from './access-record-shown';
import { Refusals } from './refusals';
import { type AnchoredBy, type Verification, verified } from './verification';

export interface AccessRecordsParts {
  readonly store: Store;
  /** The machine's, as of tokens: the platform's may play another day. */
  readonly clock: Clock;
  readonly ids: Ids;
  readonly keptMs: number;
  readonly anchoredBy?: AnchoredBy | undefined;
  /** Counts what was written. */
  readonly written?: (outcome: AccessRecordRow['outcome'], count: number) => void;
  /** Refusals are answered without waiting for their record. */
  readonly failed?: (error: unknown) => void;
  /** When a group is written; at the end of the turn by default. */
  readonly later?: (run: () => void) => void;
}

export interface WhichRecords {
  readonly person?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AccessRecordRow['outcome'] | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly order?: 'latest' | 'oldest' | undefined;
  readonly after?: string | undefined;
}

export interface RecordPage {
  readonly records: readonly AccessRecordRow[];
  readonly next?: string;
}

type Timed = Access & Pick<AccessRecordRow, 'times' | 'at'>;
interface Group extends Groupable {
  readonly accesses: readonly Timed[];
}

const LIMITS = {
  batchEventsMax: 500,
  batchBytesMax: Infinity,
  inFlightMax: 1,
  queueMax: 5_000,
};
const PAGE_ROWS = 100;
/** As the database keeps them, whatever is set. */
const KEPT_MS_MIN = 180 * 86_400_000;
/** So long after a record the anchor that covers it may come. */
const ANCHORED_LATE_MS = 86_400_000;

const before = (time: Date): Date => new Date(time.getTime() - 1);

const notRecorded = (why: string): DomainError =>
  new DomainError('ACCESS_NOT_RECORDED', 'unavailable', { why, remedy: 'try again later' });

/**
 * Who did what to whose, of one service. Records of requests that come together are written together,
 * in one transaction; each has its place, and the hash of the one before.
 */
export class AccessRecords {
  private readonly refusals = new Refusals();
  private readonly groups: GroupCommit<Group, void>;
  private count = 0;

  constructor(private readonly parts: AccessRecordsParts) {
    this.groups = new GroupCommit<Group, void>(
      LIMITS,
      (batch) => this.write(batch),
      () => notRecorded('too many requests wait for their record'),
      parts.later,
    );
  }

  /** Durable when it resolves. Throws ACCESS_NOT_RECORDED, and what the store throws (unavailable). */
  record(...accesses: readonly Access[]): Promise<void> {
    const at = this.parts.clock.now();
    return this.add(accesses.map((access) => ({ ...access, at, times: 1 })));
  }

  /** Is not waited for: its answer shows nothing. */
  refused(access: Access): void {
    const at = this.parts.clock.now();
    this.addCounted(this.refusals.add(access, at.getTime()), at);
  }

  /** Writes what was refused in minutes that are over. Returns 0: a job that waits for its interval. */
  async look(): Promise<0> {
    const at = this.parts.clock.now();
    this.addCounted(this.refusals.due(at.getTime()), at);
    return 0;
  }

  /** Resolves when nothing is being written. */
  drain(): Promise<void> {
    return this.groups.drain();
  }

  /** The latest first, where nothing else is said. */
  list(
    { since, until, order = 'latest', after, ...which }: WhichRecords,
    within?: readonly Whose[],
  ): Promise<RecordPage> {
    const isLatestFirst = order === 'latest';
    const time = isLatestFirst ? until && { lte: until } : since && { gt: before(since) };
    const isWanted = ({ at }: AccessRecordRow): boolean =>
      (!since || at >= since) && (!until || at <= until);
    const where: Where<AccessRecordRow> = {
      ...Object.fromEntries(Object.entries(which).filter(([, value]) => value !== undefined)),
      ...(time && { at: time }),
    };
    const read = async (transaction: Transaction): Promise<RecordPage> => {
      const { rows, next } = await transaction.rows(accessRecordTable).page(where, {
        ...{ descending: isLatestFirst, countMax: PAGE_ROWS },
        after: after === undefined ? undefined : { position: Number(after) },
      });
      const records = rows.filter(isWanted);
      const isEnd = records.length < rows.length || !next;
      return { records, ...(!isEnd && { next: String(next.position) }) };
    };
    return this.parts.store.transact(read, { within });
  }

  /** As the person sees it, the latest first: at least one, where there is one. */
  async looksAt(
    service: string,
    person: string,
    after?: string,
  ): Promise<{ readonly records: readonly Look[]; readonly next?: string }> {
    let page: RecordPage = { records: [], ...(after !== undefined && { next: after }) };
    do {
      const { records, next } = await this.list({ person, after: page.next }, [{ person }]);
      page = { records: records.filter(isShownToPerson), ...(next !== undefined && { next }) };
    } while (page.records.length === 0 && page.next !== undefined);
    return { ...page, records: page.records.map((record) => lookOf(service, record)) };
  }

  /** Compares the records with their chain and anchors; gives how many were looked at meanwhile. */
  verify(): AsyncGenerator<number, Verification> {
    const { store, clock, anchoredBy } = this.parts;
    const forgottenUntil = new Date(clock.now().getTime() - KEPT_MS_MIN + ANCHORED_LATE_MS);
    return verified(store, { anchoredBy, forgottenUntil });
  }

  /** Deletes what was kept long enough, the oldest first. Returns whether there was any. */
  prune(): Promise<number> {
    const { store, clock, ids, keptMs } = this.parts;
    const prunedAt = clock.now();
    const before = new Date(prunedAt.getTime() - keptMs);
    return store.transact(async (transaction) => {
      const oldest = await transaction
        .rows(accessRecordTable)
        .find({}, { orderBy: 'position', countMax: 2 });
      // The last one stays: the next one names its hash.
      if (oldest.length < 2 || oldest[0]!.at > before) return 0;
      await transaction
        .rows(accessPruningTable)
        .insert({ pruningId: ids.next(), prunedAt, before });
      return 1;
    });
  }

  private add(accesses: readonly Timed[]): Promise<void> {
    this.count += 1;
    return this.groups.add({
      ...{ accesses, events: accesses.length, bytes: 0 },
      lane: String(this.count),
    });
  }

  private addCounted(counted: readonly (Access & { readonly times: number })[], at: Date): void {
    if (counted.length === 0) return;
    this.add(counted.map((access) => ({ ...access, at }))).catch((error: unknown) =>
      this.parts.failed?.(error),
    );
  }

  private async write(batch: readonly Group[]): Promise<readonly Outcome<void>[]> {
    const accesses = batch.flatMap((group) => group.accesses);
    await this.parts.store.transact(async (transaction) => {
      const head = await lockedHead(transaction);
      const records = chained(head, accesses);
      const { position, hash } = records.at(-1)!;
      await transaction.rows(accessRecordTable).insert(...records);
      await transaction.rows(accessHeadTable).save({ id: 'head', position, hash });
    });
    for (const outcome of ['allowed', 'refused'] as const) {
      const count = accesses
        .filter((access) => access.outcome === outcome)
        .reduce((sum, { times }) => sum + times, 0);
      if (count > 0) this.parts.written?.(outcome, count);
    }
    return batch.map(() => ({ answer: undefined }));
  }
}

const lockedHead = async (
  transaction: Transaction,
): Promise<{ readonly position: number; readonly hash: string }> => {
  const rows = transaction.rows(accessHeadTable);
  const lock = { lock: 'wait' } as const;
  const head = await rows.get({ id: 'head' }, lock);
  if (head) return head;
  await rows.insertIfAbsent(FIRST_HEAD);
  return (await rows.get({ id: 'head' }, lock))!;
};

/** Records of each service in this process, by its name. */
export class AccessRecordsByService extends Map<string, AccessRecords> {
  /** Throws SERVICE_UNKNOWN (not-found). */
  of(service: string): AccessRecords {
    const records = this.get(service);
    if (!records)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.keys()] });
    return records;
  }
}
