import type { EventStore, RecordedEvent, Subscription } from '@caretab/event-store';
import { contentHash } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/postgres';
import { accountBalanceView } from './account-balance.view';
import { checkpointTable } from './checkpoint.table';
import { institutionDayView } from './institution-day.view';
import { personVisitsView } from './person-visits.view';
import { factOf, type RecordedFact, type View } from './view';
import { visitView } from './visit.view';

export const views: readonly View<any>[] = [visitView, personVisitsView, institutionDayView, accountBalanceView];

const NAME = 'views';
const PAGE_EVENTS = 1000;
/** Views are written at most twenty times a second: nobody reads faster. */
const VIEWS_BREATH_MS = 50;
const STREAMS = { streamPrefix: 'visit-' };

export interface ViewCheck {
  readonly view: string;
  readonly rows: number;
  /** Rows that differ from the fold of their facts. */
  readonly differences: readonly string[];
}

/** Keeps the views: folds new facts into rows, checkpoint in the same transaction; can drop and rebuild them while readers read. */
export class Projection {
  private subscription: Subscription | undefined;
  private position = 0n;
  private rebuilding: Promise<{ readonly events: number }> | undefined;

  constructor(private readonly events: EventStore, private readonly store: Store) {}

  async start(): Promise<void> {
    this.position = await this.store.transact(readCheckpoint);
    this.subscription = this.events.subscribe({ after: this.position, batchSizeMax: 500, breathMs: VIEWS_BREATH_MS, ...STREAMS }, (batch) => this.project(batch));
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
  }

  /** Facts not yet in the views, counted up to 100. */
  async pending(): Promise<number> {
    return (await this.events.readAll({ after: this.position, countMax: 100, ...STREAMS })).length;
  }

  /**
   * Drops every row and folds the whole log anew, in one transaction: readers see the old rows until the new ones are there. Asked for while it
   * runs, it is the same rebuild. Projections of other processes wait for the checkpoint row, and go on from the new one.
   */
  rebuild(): Promise<{ readonly events: number }> {
    this.rebuilding ??= this.stopAndRebuild().finally(() => (this.rebuilding = undefined));
    return this.rebuilding;
  }

  private async stopAndRebuild(): Promise<{ readonly events: number }> {
    await this.stop();
    try {
      return { events: await this.store.transact((transaction) => this.foldAll(transaction)) };
    } finally {
      await this.start();
    }
  }

  /** Tells how many facts there were. */
  private async foldAll(transaction: Transaction): Promise<number> {
    await readCheckpoint(transaction, 'wait');
    for (const view of views) await transaction.rows(view.table).delete({});
    let events = 0;
    let after = 0n;
    for (;;) {
      const page = await this.events.readAll({ after, countMax: PAGE_EVENTS, ...STREAMS });
      if (page.length === 0) break;
      await foldInto(transaction, page);
      after = page.at(-1)!.position;
      events += page.length;
    }
    await transaction.rows(checkpointTable).save({ name: NAME, position: after.toString() });
    return events;
  }

  /** Folds the log up to the views' checkpoint in memory and compares every row: a view equals the fold of its facts. */
  async check(): Promise<readonly ViewCheck[]> {
    const { upTo, stored } = await this.store.transact(async (transaction) => {
      const position = await readCheckpoint(transaction, 'wait');
      const rows: Map<string, any>[] = [];
      for (const view of views) rows.push(indexed(view, await transaction.rows<any>(view.table).find({})));
      return { upTo: position, stored: rows };
    });
    const folded = views.map(() => new Map<string, any>());
    for (let after = 0n; ; ) {
      const page = (await this.events.readAll({ after, countMax: PAGE_EVENTS, ...STREAMS })).filter((event) => event.position <= upTo);
      if (page.length === 0) break;
      views.forEach((view, index) => page.map(factOf).forEach((fact) => applyTo(view, folded[index]!, fact)));
      after = page.at(-1)!.position;
    }
    return views.map((view, index) => ({ view: view.table.options.name, rows: stored[index]!.size, differences: differences(stored[index]!, folded[index]!) }));
  }

  private async project(batch: readonly RecordedEvent[]): Promise<void> {
    const position = batch.at(-1)!.position;
    await this.store.transact(async (transaction) => {
      // The checkpoint row is the lock: where several processes project, one does and the others find it done.
      const done = await readCheckpoint(transaction, 'wait');
      await foldInto(transaction, batch.filter((event) => event.position > done));
      if (position > done) await transaction.rows(checkpointTable).save({ name: NAME, position: position.toString() });
    });
    this.position = position;
  }
}

const readCheckpoint = async (transaction: Transaction, lock?: 'wait'): Promise<bigint> => {
  const row = await transaction.rows(checkpointTable).get({ name: NAME }, lock ? { lock } : {});
  return BigInt(row?.position ?? '0');
};

const foldInto = async (transaction: Transaction, events: readonly RecordedEvent[]): Promise<void> => {
  const facts = events.map(factOf);
  for (const view of views) {
    const keys = [...new Set(facts.flatMap((fact) => view.keysOf(fact)))];
    if (keys.length === 0) continue;
    const rows = indexed(view, await transaction.rows<any>(view.table).find({ [view.keyField]: { in: keys } }));
    for (const fact of facts) applyTo(view, rows, fact);
    await transaction.rows<any>(view.table).save(...rows.values());
  }
};

const applyTo = (view: View<any>, rows: Map<string, any>, fact: RecordedFact): void => {
  for (const key of view.keysOf(fact)) rows.set(key, view.apply(rows.get(key), fact, key));
};

const indexed = (view: View<any>, rows: readonly any[]): Map<string, any> => new Map(rows.map((row) => [row[view.keyField], row]));

const differences = (stored: Map<string, any>, folded: Map<string, any>): string[] =>
  [...new Set([...stored.keys(), ...folded.keys()])].filter((key) => contentHash(stored.get(key) ?? null) !== contentHash(folded.get(key) ?? null)).slice(0, 100);
