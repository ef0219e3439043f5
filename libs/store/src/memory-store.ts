import { compareBy } from './keys';
import { MemoryDatabase } from './memory-database';
import { Unit } from './memory-unit';
import { lostAgainstAnother, QueryFailed } from './query-failed';
import type { HandledRange, Position } from './position';
import type { Store, StoredMessage, TransactOptions, Transaction } from './store';
import { UnitsOfWork } from './unit-of-work';

/** Where time may pass, a connection break or a process die. */
export type StorePoint = 'operation' | 'commit' | 'committed' | 'outbox';

export interface MemoryStoreOptions {
  /** Shared by the replicas of a service; one of its own by default. */
  readonly database?: MemoryDatabase;
  /**
   * Awaited before each statement, before the commit and after it, and around the outbox; `what`
   * names the statement, or says at a commit whether it is a `transaction`, an `asynchronous` one or
   * mere `reading`.
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
  readonly database: MemoryDatabase;
  private readonly at: NonNullable<MemoryStoreOptions['at']>;
  private isRelaying = false;
  /** How often its connections were ended. */
  private severed = 0;

  constructor({ database = new MemoryDatabase(), at = () => undefined }: MemoryStoreOptions = {}) {
    this.database = database;
    this.at = at;
  }

  async transact<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactOptions = {},
  ): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { result, published, what } = await this.units.run(() => this.attempt(work, options));
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
    options: TransactOptions,
  ): Promise<{ result: Result; published: boolean; what: string }> {
    const unit = new Unit(this.database, options, (what) => this.at('operation', what));
    this.open.add(unit);
    try {
      const result = await work(unit);
      await unit.prepare();
      const written = options.commit === 'asynchronous' ? 'asynchronous' : 'transaction';
      const what = unit.hasWritten ? written : 'reading';
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
    this.database.flush();
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
    this.database.flush();
    return old.length;
  }

  async advance(group: string, topic: string, range: HandledRange): Promise<void> {
    if (this.database.advance({ group, topic, range })) this.database.flush();
  }

  async place(position: Position): Promise<void> {
    this.database.place(position);
    this.database.flush();
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
