import type { Clock } from '@caretab/kernel';
import type { KeyFile } from '@caretab/security';
import type { Cursor, Store, Table, Transaction } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { FactoryProvider } from '@nestjs/common';
import { type KnownKeys, sealingKeysOf } from './fingerprints';
import { Jobs } from './jobs';

/** How often the key file is looked at. */
const KEYS_INTERVAL_MS = 10_000;
/** Rows of one page, locked together. */
const PAGE_ROWS = 200;
/** Other processes read the keys later, and seal by an earlier one until then. */
const FIRST_PASS_AFTER_MS = 60_000;
const PASS_INTERVAL_MS = 10 * 60_000;

/** Rows that hold sealed values. */
export interface SealedTable<Row extends object = any> {
  readonly table: Table<Row>;
  /** Seals by the current key what is not, and saves it. Returns how many values. */
  renew(transaction: Transaction, rows: readonly Row[]): Promise<number>;
}

export interface KeyRotationParts {
  readonly service: string;
  readonly store: Store;
  readonly keys: KeyFile;
  readonly clock: Clock;
  readonly logger: Record<'info' | 'warn', (facts: object, text: string) => void>;
  readonly tables: readonly SealedTable[];
  /** Keeps fingerprints of keys before they are used; throws where the database knows others. */
  readonly keepKeys?: ((known: KnownKeys) => Promise<void>) | undefined;
}

interface Pass {
  readonly table: number;
  readonly after: Cursor<object> | undefined;
  readonly renewed: number;
}

/**
 * Follows the key file while the service runs, and seals by the current key what an earlier one
 * sealed, in passes of pages, until a pass finds nothing more.
 */
export class KeyRotation {
  private pass: Pass | undefined;
  private dueAt: Date | undefined;
  private isDone = false;
  private refused: string | undefined;

  constructor(private readonly parts: KeyRotationParts) {}

  /** Works one page. Returns how many rows it looked at. */
  async runOnce(): Promise<number> {
    await this.reload();
    if (!this.parts.keys.isRotating || this.parts.tables.length === 0) {
      this.begin();
      return 0;
    }
    this.dueAt ??= this.inMs(FIRST_PASS_AFTER_MS);
    const isDue = this.parts.clock.now() >= this.dueAt;
    if (!this.pass && (this.isDone || !isDue)) return 0;
    this.pass ??= { table: 0, after: undefined, renewed: 0 };
    return this.page(this.pass);
  }

  observe(): void {
    const { service, keys } = this.parts;
    meter(`caretab.${service}`)
      .createObservableGauge(`caretab.${service}.earlier_keys_in_use`, {
        description: '1 while values may be sealed by an earlier key',
      })
      .addCallback((result) => result.observe(keys.isRotating && !this.isDone ? 1 : 0));
  }

  private begin(): void {
    [this.pass, this.dueAt, this.isDone] = [undefined, undefined, false];
  }

  private inMs(durationMs: number): Date {
    return new Date(this.parts.clock.now().getTime() + durationMs);
  }

  private async page({ table: at, after, renewed }: Pass): Promise<number> {
    const { store, tables } = this.parts;
    const { table, renew } = tables[at]!;
    const done = await store.transact(async (transaction) => {
      const options = { countMax: PAGE_ROWS, after, lock: 'wait' as const };
      const { rows, next } = await transaction.rows(table).page({}, options);
      const count = rows.length === 0 ? 0 : await renew(transaction, rows);
      return { rows: rows.length, next, count };
    });
    const sum = renewed + done.count;
    if (done.next) this.pass = { table: at, after: done.next, renewed: sum };
    else if (at + 1 < tables.length) this.pass = { table: at + 1, after: undefined, renewed: sum };
    else this.end(sum);
    return Math.max(done.rows, this.pass ? 1 : 0);
  }

  /** One more pass follows one that found something, for what others sealed meanwhile. */
  private end(renewed: number): void {
    [this.pass, this.isDone] = [undefined, renewed === 0];
    this.dueAt = this.inMs(PASS_INTERVAL_MS);
    const { logger, service, keys } = this.parts;
    logger.info({ service, renewed, current: keys.currentId }, 'sealed values looked through');
  }

  private async reload(): Promise<void> {
    const { keys, logger, service, keepKeys } = this.parts;
    try {
      if (await keys.reload(async (next) => keepKeys?.(sealingKeysOf(next.name, next)))) {
        this.begin();
        logger.info({ service, current: keys.currentId, suite: keys.suite }, 'keys read again');
      }
      this.refused = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (this.refused !== message)
        logger.warn({ service, why: message }, 'keys not read again, the ones before stay');
      this.refused = message;
    }
  }
}

/** Has the keys followed by a job, and measured. */
export const keyRotation = (parts: KeyRotationParts): FactoryProvider<KeyRotation> => ({
  provide: KeyRotation,
  inject: [Jobs],
  useFactory: (jobs: Jobs): KeyRotation => {
    const rotation = new KeyRotation(parts);
    jobs.every(`${parts.service}.keys`, KEYS_INTERVAL_MS, () => rotation.runOnce());
    rotation.observe();
    return rotation;
  },
});
