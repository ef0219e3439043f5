import { HeldTables } from './held-rows';
import { compareBy } from './keys';
import { MemoryDatabase } from './memory-database';
import { MemoryRows, type OpenTransaction, type Operate } from './memory-rows';
import { refuseConflict } from './message-conflict';
import { lostAgainstAnother, QueryFailed } from './query-failed';
import type {
  HandledMessage,
  HandledRange,
  OutgoingMessage,
  Position,
  Rows,
  Store,
  StoredMessage,
  Transaction,
} from './store';
import type { Table } from './tables';
import { Failures, UnitsOfWork } from './unit-of-work';

/** Where time may pass, a connection break or a process die. */
export type StorePoint = 'operation' | 'commit' | 'committed' | 'outbox';

export interface MemoryStoreOptions {
  /** Shared by the replicas of a service; one of its own by default. */
  readonly database?: MemoryDatabase;
  /**
   * Awaited before each statement, before the commit and after it, and around the outbox; `what`
   * names the statement, or says at a commit whether it is a `transaction` or mere `reading`.
   * Throwing before the commit undoes the transaction; after it only the answer is lost.
   */
  readonly at?: (point: StorePoint, what: string) => Promise<void> | void;
}

const ATTEMPTS_MAX = 3;
const CONNECTION_ENDED = '57P01';

/**
 * The twin of TypeOrmStore. Transactions run side by side, at READ COMMITTED and with row locks, so
 * that a missing lock shows.
 */
export class MemoryStore implements Store {
  private readonly units = new UnitsOfWork();
  private readonly open = new Set<Unit>();
  private readonly database: MemoryDatabase;
  private readonly at: NonNullable<MemoryStoreOptions['at']>;
  private isRelaying = false;
  /** How often its connections were ended. */
  private severed = 0;

  constructor({ database = new MemoryDatabase(), at = () => undefined }: MemoryStoreOptions = {}) {
    this.database = database;
    this.at = at;
  }

  async transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { result, published, what } = await this.units.run(() => this.attempt(work));
        if (published) this.units.published();
        await this.at('committed', what);
        return result;
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !lostAgainstAnother(error)) throw error;
      }
    }
  }

  /** The process dies: what is open is undone, and its callers get no answer. */
  kill(): void {
    for (const transaction of [...this.open]) this.end(transaction);
    if (this.isRelaying) this.database.relayIsBusy = false;
  }

  /**
   * The server ends every connection: what is open is undone, and its next statement fails. The
   * relay's lock is lost too; its holder gets no notice.
   */
  sever(): void {
    const why = new QueryFailed(
      CONNECTION_ENDED,
      `PostgreSQL ${CONNECTION_ENDED}: terminating connection due to administrator command`,
    );
    for (const transaction of [...this.open]) {
      transaction.failures.fail(why);
      this.end(transaction, why);
    }
    if (this.isRelaying) this.database.relayIsBusy = this.isRelaying = false;
    this.severed += 1;
  }

  private async attempt<Result>(
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<{ result: Result; published: boolean; what: string }> {
    const unit = new Unit(this.database, (what) => this.at('operation', what));
    this.open.add(unit);
    try {
      const result = await work(unit);
      await unit.prepare();
      const what = unit.hasWritten ? 'transaction' : 'reading';
      await this.at('commit', what);
      unit.failures.throwIfAny();
      unit.commit();
      return { result, published: unit.messages.length > 0, what };
    } finally {
      this.end(unit);
    }
  }

  private end(transaction: Unit, why?: Error): void {
    this.open.delete(transaction);
    this.database.locks.releaseAll(transaction, why);
  }

  async unpublished(
    countMax: number,
    except: readonly string[] = [],
  ): Promise<readonly StoredMessage[]> {
    await this.at('outbox', 'read');
    const oldest = [...this.database.outbox.values()]
      .filter(({ topic }) => !except.includes(topic))
      .sort((a, b) => a.id - b.id)
      .slice(0, countMax);
    return oldest.map(({ id, headers, value, ...place }) => ({
      ...place,
      id: String(id),
      headers: JSON.parse(headers) as Record<string, string>,
      value: JSON.parse(value) as unknown,
    }));
  }

  async pending(countMax: number): Promise<number> {
    await this.at('outbox', 'read');
    return Math.min(this.database.outbox.size, countMax);
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    await this.at('outbox', 'mark');
    for (const id of ids) this.database.outbox.delete(Number(id));
    await this.at('outbox', 'marked');
  }

  /** One relay at a time for a database, as with the advisory lock. */
  async withRelayLock<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.database.relayIsBusy) return undefined;
    this.isRelaying = this.database.relayIsBusy = true;
    const severedBefore = this.severed;
    try {
      return await work();
    } finally {
      // A lock that was lost meanwhile is another's to release.
      if (this.severed === severedBefore) this.isRelaying = this.database.relayIsBusy = false;
    }
  }

  onPublish(listener: () => void): () => void {
    return this.units.onPublish(listener);
  }

  async pruneHandled(olderThan: Date): Promise<number> {
    const old = [...this.database.handled].filter(
      ([, { at }]) => at !== undefined && at < olderThan,
    );
    for (const [id] of old) this.database.handled.delete(id);
    return old.length;
  }

  async advance(
    group: string,
    topic: string,
    { partition, from, next }: HandledRange,
  ): Promise<void> {
    const known = this.database.positions.get(JSON.stringify([group, topic, partition]));
    if (known && (known.offset < from || known.offset >= next)) return;
    await this.place({ group, topic, partition, offset: next });
  }

  async place(position: Position): Promise<void> {
    const { group, topic, partition } = position;
    this.database.positions.set(JSON.stringify([group, topic, partition]), position);
  }

  async positions(groups: readonly string[]): Promise<readonly Position[]> {
    return [...this.database.positions.values()]
      .filter(({ group }) => groups.includes(group))
      .sort(compareBy(['group', 'topic', 'partition']));
  }

  async close(): Promise<void> {
    this.kill();
  }
}

/** What one transaction has written so far, and how it is committed. */
class Unit implements Transaction, OpenTransaction {
  readonly writes: OpenTransaction['writes'] = new Map();
  readonly marks = new Map<string, string | undefined>();
  readonly messages: OutgoingMessage[] = [];
  waiting: OpenTransaction['waiting'];
  readonly failures = new Failures();
  private ids: readonly number[] = [];
  private readonly held = new HeldTables();

  constructor(
    private readonly database: MemoryDatabase,
    private readonly at: (what: string) => Promise<void> | void,
  ) {}

  rows<Row extends object>(table: Table<Row>): Rows<Row> {
    return this.held.rows(
      table,
      () => new MemoryRows(this.database, this, this.database.table(table), this.operate),
    );
  }

  async markHandled(group: string, messageId: string, content?: string): Promise<boolean> {
    const [isFresh] = await this.markAllHandled(group, [{ messageId, content }]);
    return isFresh!;
  }

  markAllHandled(group: string, messages: readonly HandledMessage[]): Promise<boolean[]> {
    return this.operate(`mark ${group}`, async () => {
      const fresh = new Set<HandledMessage>();
      for (const one of [...messages].sort(compareBy(['messageId'])))
        if (await this.mark(group, one)) fresh.add(one);
      return messages.map((one) => fresh.has(one));
    });
  }

  private async mark(group: string, { messageId, content }: HandledMessage): Promise<boolean> {
    const id = JSON.stringify([group, messageId]);
    const isFresh = await this.database.locks.take(this, `mark ${id}`);
    const known = this.database.handled.get(id);
    if (known || this.marks.has(id)) {
      if (isFresh) this.database.locks.release(this, `mark ${id}`);
      refuseConflict(messageId, known ? known.content : this.marks.get(id), content);
      return false;
    }
    this.marks.set(id, content);
    return true;
  }

  publish(...more: readonly OutgoingMessage[]): void {
    this.messages.push(...more);
  }

  get hasWritten(): boolean {
    return (
      this.marks.size > 0 ||
      this.messages.length > 0 ||
      [...this.writes.values()].some((rows) => rows.size > 0)
    );
  }

  /** Draws the messages' ids last, under every lock that the transaction took. */
  async prepare(): Promise<void> {
    this.failures.throwIfAny();
    await this.held.flush();
    this.ids = this.messages.map(() => this.database.drawId());
  }

  commit(): void {
    if (this.hasWritten) this.database.commits += 1;
    for (const [table, rows] of this.writes) {
      for (const [key, row] of rows) if (row === undefined) table.deleteKey(key);
      for (const row of rows.values()) if (row !== undefined) table.put(row);
    }
    for (const [id, content] of this.marks)
      this.database.handled.set(id, { at: this.database.clock?.now(), content });
    this.messages.forEach(({ topic, key, headers, value }, index) => {
      const id = this.ids[index]!;
      this.database.outbox.set(id, {
        id,
        topic,
        key,
        headers: JSON.stringify(headers),
        value: JSON.stringify(value ?? null),
      });
    });
  }

  private readonly operate: Operate = (what, operation) =>
    this.failures.watch(async () => {
      await this.at(what);
      this.failures.throwIfAny();
      return operation();
    });
}
