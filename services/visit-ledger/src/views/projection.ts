import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { REST } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { SetAsideRow } from '../set-aside/set-aside.table';
import { asideAmong, beforeFaults, inViews, markViewed } from './aside';
import { Checkpoints, pendingAfter, type Place, placeAfter, VISIT_STREAMS } from './checkpoints';
import {
  allOf,
  applyTo,
  type ChangedRows,
  differences,
  DIFFERENCES_MAX,
  foldInto,
  partOf,
  views,
} from './folding';
import { KeptRows } from './kept-rows';
import { type Candidate, Leadership } from './leadership';
import { Refold } from './refold';
import { type BlamedStreams, LostVisits } from './lost-visits';
import { recordedFact } from './view';

const PAGE_EVENTS = 1000;
/**
 * Views are written at most twenty times a second, and less often where all are busy; no reader needs
 * more, and no charge waits.
 */
const RESTING = { breathMs: 50, resting: { ...REST.gathering, maxMs: 300 } } as const;
/** Rows that are remembered: the visits that a busy region has open, and their people. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
/** Rows of all views that a check holds at once: some 200 MB, stored and folded. */
const CHECK_ROWS_MAX = 50_000;

export interface ProjectionOptions {
  /** Rows of all views that a check holds at once; default 50,000. */
  readonly checkRowsMax?: number;
  /** Texts of rows that the leader remembers; default 32 MB. */
  readonly keptBytesMax?: number | undefined;
  /** Records visits whose streams a rebuild does not find any more; durable when it resolves. */
  readonly streams?: BlamedStreams;
}

export interface ViewCheck {
  readonly view: string;
  readonly rows: number;
  /** Rows that differ from the fold of their facts. */
  readonly differences: readonly string[];
}

/**
 * Keeps the views: folds new facts into rows, checkpoint in the same transaction; can drop and
 * rebuild them while readers read. Of several processes one leads, and remembers what it wrote.
 * It commits asynchronously: a crash of the database may take back the last of it, checkpoint
 * included. The leader then begins again from there.
 */
export class Projection {
  private rebuilding: Promise<{ readonly events: number }> | undefined;
  private readonly kept: KeptRows;
  private readonly checkpoint: Checkpoints;
  private readonly leadership: Leadership;

  private readonly lost: LostVisits;

  constructor(
    private readonly events: EventStore,
    private readonly store: Store,
    candidate: Candidate,
    private readonly options: ProjectionOptions = {},
  ) {
    this.kept = new KeptRows(options.keptBytesMax ?? KEPT_BYTES_MAX);
    this.checkpoint = new Checkpoints('views', candidate.storeId);
    this.lost = new LostVisits(store, options.streams);
    this.leadership = new Leadership(store, this.checkpoint, candidate, (after, onTurn) => {
      // Of the time before, others may have written since.
      this.kept.forget();
      return this.events.subscribe(
        { ...RESTING, after, batchSizeMax: 1000, onTurn, ...VISIT_STREAMS },
        (batch) => this.project(batch),
      );
    });
  }

  /** Throws CheckpointOfAnotherStore. */
  async start(): Promise<void> {
    await this.checkpoint.resume(this.store, this.events);
    await this.leadership.start();
  }

  async stop(): Promise<void> {
    await this.leadership.stop();
  }

  /** Whether this process keeps the views; any other stands by. */
  get leads(): boolean {
    return this.leadership.leads;
  }

  /** Facts not yet in the views, counted up to 100. */
  async pending(): Promise<number> {
    return pendingAfter(this.events, await this.leadership.position());
  }

  /**
   * Drops every row and folds the whole log again, in one transaction: readers see the old rows
   * until the new ones are there. Asked for while it runs, it is the same rebuild. The process that
   * leads waits for the checkpoint row, and continues from the new one.
   */
  rebuild(): Promise<{ readonly events: number }> {
    this.rebuilding ??= this.stopAndRebuild().finally(() => (this.rebuilding = undefined));
    return this.rebuilding;
  }

  /** An older copy of the log is refused, and followed on: it may be the true one again. */
  private async stopAndRebuild(): Promise<{ readonly events: number }> {
    await this.checkpoint.resume(this.store, this.events);
    await this.lost.proven();
    await this.stop();
    try {
      return { events: await this.store.transact((transaction) => this.foldAll(transaction)) };
    } finally {
      await this.leadership.start();
    }
  }

  /**
   * Returns the number of facts. It ends at the head of its start: the subscription brings later
   * facts, and facts that arrive faster than they are folded would keep it from ending.
   */
  private async foldAll(transaction: Transaction): Promise<number> {
    const done = await this.checkpoint.read(transaction, 'wait');
    const head = await this.events.head();
    // Other processes go on from where they are, and would miss what comes between.
    this.checkpoint.assertReaches(done, head);
    for (const view of views) await transaction.rows(view.table).delete({});
    let events = 0;
    let after = 0n;
    let place: Place | undefined;
    const refold = new Refold(transaction);
    while (after < head) {
      const page = await this.events.readAll({ after, countMax: PAGE_EVENTS, ...VISIT_STREAMS });
      if (page.length === 0) break;
      place = placeAfter(page, after);
      await this.lost.noteHeadless(transaction, page, (visitId) => refold.holds(visitId));
      // Reading may just have found faults.
      const facts = beforeFaults(page, await asideAmong(transaction));
      await refold.fold(facts);
      after = page.at(-1)!.position;
      events += facts.length;
    }
    await refold.write();
    await this.lost.noteGone(transaction);
    await markViewed(transaction, await asideAmong(transaction), 0n);
    await this.checkpoint.move(transaction, place);
    return events;
  }

  /**
   * Compares every row with the fold of its facts: a view equals that fold. Large views are checked
   * in parts, by a hash of the rows' keys, so that memory stays bounded; each part reads the log
   * once, up to the checkpoint that its rows were read at.
   */
  async check(): Promise<readonly ViewCheck[]> {
    const rowsNow = await this.store.transact(async (transaction) => {
      let count = 0;
      for (const view of views) count += await transaction.rows(view.table).count({});
      return count;
    });
    const parts = Math.max(1, Math.ceil(rowsNow / (this.options.checkRowsMax ?? CHECK_ROWS_MAX)));
    const found = views.map((view) => ({
      view: view.table.name,
      rows: 0,
      differences: [] as string[],
    }));
    for (let part = 0; part < parts; part += 1) {
      const { stored, folded } = await this.readPart((key) => partOf(key, parts) === part);
      found.forEach((one, index) => {
        one.rows += stored[index]!.size;
        one.differences.push(...differences(stored[index]!, folded[index]!));
      });
    }
    return found.map((one) => ({ ...one, differences: one.differences.slice(0, DIFFERENCES_MAX) }));
  }

  /** The rows of each view whose keys are in a part, as they are stored and as the log has them. */
  private async readPart(isInPart: (key: string) => boolean) {
    const { upTo, stored } = await this.store.transact(async (transaction) => {
      const position = await this.checkpoint.read(transaction, 'wait');
      const rows: Map<string, any>[] = [];
      for (const view of views) rows.push(await allOf(transaction, view, isInPart));
      return { upTo: position, stored: rows };
    });
    const aside = await this.store.transact(asideAmong);
    const folded = views.map(() => new Map<string, any>());
    for (let after = 0n; ;) {
      const page = (
        await this.events.readAll({ after, countMax: PAGE_EVENTS, ...VISIT_STREAMS })
      ).filter((event) => event.position <= upTo);
      if (page.length === 0) return { stored, folded };
      const facts = inViews(page, aside).map(recordedFact);
      views.forEach((view, index) =>
        facts.forEach((fact) => applyTo(view, folded[index]!, fact, isInPart)),
      );
      after = page.at(-1)!.position;
    }
  }

  private async project(batch: readonly RecordedEvent[]): Promise<void> {
    try {
      const changed = await this.leadership.commit(batch, (transaction) =>
        this.foldNext(transaction, batch),
      );
      if (changed) this.kept.keep(changed);
    } catch (error) {
      this.kept.forget();
      throw error;
    }
  }

  private async foldNext(
    transaction: Transaction,
    batch: readonly RecordedEvent[],
  ): Promise<ChangedRows> {
    const done = await this.checkpoint.read(transaction, 'wait');
    const aside = await asideAmong(transaction);
    const unmarked = aside.filter(({ viewedTo }) => viewedTo === null);
    await markViewed(transaction, unmarked, done);
    return foldInto(transaction, beforeFaults(batch, aside), this.kept);
  }

  /** No view is written elsewhere until the transaction ends. */
  async lock(transaction: Transaction): Promise<void> {
    await this.checkpoint.read(transaction, 'wait');
  }

  /**
   * Folds what was passed by of a visit that goes on, in the transaction that ends its setting
   * aside. Readers of the log may have read past it further than their checkpoint, so that the views
   * are brought up to its last event.
   */
  async takeUp(
    transaction: Transaction,
    row: SetAsideRow,
    events: readonly RecordedEvent[],
  ): Promise<void> {
    const done = await this.checkpoint.read(transaction, 'wait');
    const viewedTo = BigInt(row.viewedTo ?? done);
    const passedBy = events.filter(
      ({ revision, position }) => revision >= row.revision && position > viewedTo,
    );
    await foldInto(
      transaction,
      passedBy.filter(({ position }) => position <= done),
    );
    const last = passedBy.at(-1)?.position ?? done;
    await this.checkpoint.depose(transaction);
    if (last > done) await this.foldUpTo(transaction, { done, last, resumed: row.stream });
  }

  private async foldUpTo(
    transaction: Transaction,
    {
      done,
      last,
      resumed,
    }: { readonly done: bigint; readonly last: bigint; readonly resumed: string },
  ): Promise<void> {
    const aside = (await asideAmong(transaction)).filter(({ stream }) => stream !== resumed);
    let after = done;
    let place: Place | undefined;
    while (after < last) {
      const page = await this.events.readAll({ after, countMax: PAGE_EVENTS, ...VISIT_STREAMS });
      if (page.length === 0) break;
      place = placeAfter(page, after);
      await foldInto(transaction, beforeFaults(page, aside));
      after = page.at(-1)!.position;
    }
    if (place) await this.checkpoint.move(transaction, place);
  }
}
