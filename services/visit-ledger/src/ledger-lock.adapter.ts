import type { Outages, Timers } from '@caretab/kernel';
import { Client } from 'pg';

export interface LedgerLockOptions {
  /** The service's own database, directly or through a pooler that keeps sessions. */
  readonly url: string;
  /** The service's own schema. */
  readonly schema: string;
  /** `together`: as services run; `alone`: as a move does. */
  readonly mode: 'together' | 'alone';
  readonly timers: Timers;
  /** Where it says that the lock was lost with its connection; it is taken again until closing. */
  readonly outages?: Outages;
}

/** A ledger is not served while it is moved, and not moved while it is served. */
export class LedgerBusy extends Error {
  constructor(mode: LedgerLockOptions['mode']) {
    super(
      mode === 'alone'
        ? 'A visit-ledger service is running on this database. Stop every replica of it first.'
        : 'This ledger is being moved to another event store (move-ledger). Start the service when that is done.',
    );
    this.name = 'LedgerBusy';
  }
}

const TRY = { together: 'pg_try_advisory_lock_shared', alone: 'pg_try_advisory_lock' } as const;
const CONNECT_TIMEOUT_MS = 5_000;
const AGAIN_AFTER_MS = 1_000;

/**
 * Keeps services and a move apart, by a lock of the service's database that ends with the process
 * that holds it.
 */
export class LedgerLock {
  private readonly closing = new AbortController();
  private client: Client | undefined;
  private retaking: Promise<void> = Promise.resolve();

  private constructor(private readonly options: LedgerLockOptions) {}

  /** Throws LedgerBusy, or why the database could not be reached. */
  static async take(options: LedgerLockOptions): Promise<LedgerLock> {
    const lock = new LedgerLock(options);
    await lock.tryOnce();
    return lock;
  }

  async release(): Promise<void> {
    this.closing.abort();
    await this.retaking;
    // By itself the server notices only a moment later that its client has gone.
    await this.client?.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await this.client?.end();
  }

  private async tryOnce(): Promise<void> {
    const { url, schema, mode } = this.options;
    const client = new Client({
      connectionString: url,
      application_name: 'caretab ledger lock',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined); // What breaks the connection also ends it.
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>(
      `select ${TRY[mode]}(hashtextextended('caretab.ledger.' || $1, 0)) as held`,
      [schema],
    );
    if (!rows[0]!.held) {
      await client.end();
      throw new LedgerBusy(mode);
    }
    this.client = client;
    client.once('end', () => void (this.retaking = this.takeAgain()));
  }

  private async takeAgain(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await this.tryOnce();
        return this.options.outages?.worked(this);
      } catch (error) {
        this.options.outages?.failed(this, { err: error });
      }
      await this.options.timers.sleep(AGAIN_AFTER_MS, this.closing.signal);
    }
  }
}
