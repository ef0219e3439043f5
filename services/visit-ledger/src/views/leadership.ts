import type { RecordedEvent, SubscribeOptions, Subscription } from '@caretab/event-store';
import type { Timers } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Checkpoint, checkpointTable } from './checkpoint.table';
import { type Checkpoints, placeAfter, placed } from './checkpoints';

/** A process that would lead. */
export interface Candidate {
  /** Says which event store its events are. */
  readonly storeId: string;
  /** A name that no other process has, nor this one in another life. */
  readonly owner: string;
  readonly timers: Timers;
  /** A leader that gives no sign of life for so long is replaced. */
  readonly timeoutMs: number;
  /** As in SubscribeOptions, and with the error of a look that failed. */
  readonly onTurn?: SubscribeOptions['onTurn'];
}

/** So many looks in a row find a dead leader's row unchanged. */
const LOOKS = 3;
/** What is lost is made again from the log. */
const ASYNCHRONOUSLY = { commit: 'asynchronous' } as const;

/** The time in which this process leads. */
interface Term {
  readonly epoch: number;
  /** Up to here the effect of events is committed. */
  position: bigint;
  subscription?: Subscription;
  isFailing: boolean;
}

/**
 * Of the processes that could follow the log for one reader, one does; the others look at the row of
 * its checkpoint now and then, and read no event. No clock is compared: a leader changes its row
 * with each batch, or at least three times within the timeout, and a process that has found it
 * unchanged at three looks takes it over, with the next epoch. What a leader commits is bound to its
 * epoch and its position: one that stood still meanwhile changes nothing. It commits asynchronously,
 * and its signs of life are durable: they bring what is before them to the disk. Where the database
 * lost some of it in a crash, the leader begins again from what is left.
 */
export class Leadership {
  private stopping = new AbortController();
  private wakeUp = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private ending: Promise<void> = Promise.resolve();
  private writing: Promise<unknown> = Promise.resolve();
  private term: Term | undefined;
  private seen: Pick<Checkpoint, 'epoch' | 'beat'> | undefined;
  private unchanged = 0;

  constructor(
    private readonly store: Store,
    private readonly checkpoint: Checkpoints,
    private readonly candidate: Candidate,
    /** Follows the log from a position, as long as this process leads. */
    private readonly follow: (
      after: bigint,
      onTurn: NonNullable<SubscribeOptions['onTurn']>,
    ) => Subscription,
  ) {}

  /** Leads from now on where no other process does. */
  async start(): Promise<void> {
    this.stopping = new AbortController();
    this.wakeUp = new AbortController();
    this.seen = undefined;
    await this.turn();
    this.running = this.run();
  }

  /** Gives the lead up at once; where the database does not answer, the others wait for the timeout. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp.abort();
    await this.running;
    const { term } = this;
    if (term) this.end(term);
    await this.ending;
    if (term) await this.giveUp(term).catch(() => undefined);
  }

  get leads(): boolean {
    return this.term !== undefined;
  }

  /** Up to where the leader, whichever process it is, has come. */
  async position(): Promise<bigint> {
    return (
      this.term?.position ?? this.store.transact((transaction) => this.checkpoint.read(transaction))
    );
  }

  /**
   * Commits what was made of the events that follow the checkpoint, together with their place.
   * Undefined where another process leads, or anything was written in between: then nothing was.
   */
  commit<Result>(
    events: readonly RecordedEvent[],
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.inTurn(() => this.commitNext(events, work));
  }

  private async commitNext<Result>(
    events: readonly RecordedEvent[],
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result | undefined> {
    const { term } = this;
    if (!term) return undefined;
    const place = placeAfter(events, term.position);
    const committed = await this.store.transact(async (transaction) => {
      const rows = transaction.rows(checkpointTable);
      const mine = { name: this.checkpoint.reader, epoch: term.epoch };
      const row = await rows.get({ ...mine, position: term.position.toString() }, { lock: 'wait' });
      if (!row) return undefined;
      const result = await work(transaction);
      await rows.save({ ...row, ...placed(place, this.candidate.storeId), beat: row.beat + 1 });
      return { result };
    }, ASYNCHRONOUSLY);
    if (!committed) {
      this.end(term);
      return undefined;
    }
    term.position = place.position;
    return committed.result;
  }

  private async run(): Promise<void> {
    const { timers, timeoutMs } = this.candidate;
    while (!this.stopping.signal.aborted) {
      await timers.sleep(timeoutMs / LOOKS, this.wakeUp.signal);
      this.wakeUp = new AbortController();
      if (!this.stopping.signal.aborted) await this.turn();
    }
  }

  /** A failure passes by: at the next turn it is tried again. */
  private async turn(): Promise<void> {
    const { term } = this;
    // What a leader's own reading and writing come to says more.
    if (term) return this.inTurn(() => this.renew(term)).catch(() => undefined);
    await this.look().catch((error: unknown) => this.candidate.onTurn?.(error));
  }

  /** One after the other: the row says what this process has committed, and knows of. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.writing.then(work);
    this.writing = done.catch(() => undefined);
    return done;
  }

  /** A sign of life, but of a leader that fails: then another process may do better. */
  private async renew(term: Term): Promise<void> {
    const isAsItWas = await this.store.transact(async (transaction) => {
      const row = await this.rowOf(transaction, term);
      if (row?.position !== term.position.toString()) return false;
      if (!term.isFailing)
        await transaction.rows(checkpointTable).save({ ...row, beat: row.beat + 1 });
      return true;
    });
    if (!isAsItWas) this.end(term);
  }

  private async look(): Promise<void> {
    await this.ending;
    const row = await this.store.transact((transaction) => this.checkpoint.row(transaction));
    const { seen } = this;
    const isOfSameLeader = seen?.epoch === row.epoch;
    const isUnchanged = isOfSameLeader && seen?.beat === row.beat;
    this.seen = row;
    this.unchanged = isUnchanged ? this.unchanged + 1 : 0;
    // Another process does the work: whatever failed here is of no account.
    if (isOfSameLeader && !isUnchanged) this.candidate.onTurn?.();
    const isFree = row.owner === null || row.owner === this.candidate.owner;
    if (isFree || this.unchanged >= LOOKS) await this.take(row);
  }

  /** A row that is locked has a leader, however long its transaction takes. */
  private async take({ name, epoch, beat }: Checkpoint): Promise<void> {
    const { owner } = this.candidate;
    const position = await this.store.transact(async (transaction) => {
      const rows = transaction.rows(checkpointTable);
      const row = await rows.get({ name, epoch, beat }, { lock: 'skip' });
      if (!row) return undefined;
      await rows.save({ ...row, owner, epoch: epoch + 1 });
      return this.checkpoint.positionIn(row);
    });
    if (position !== undefined) this.begin({ epoch: epoch + 1, position });
  }

  private begin(from: Pick<Term, 'epoch' | 'position'>): void {
    const term: Term = { ...from, isFailing: false };
    // Where the log cannot be followed, the row is this process's, to be taken at its next look.
    term.subscription = this.follow(term.position, (error) => {
      term.isFailing = error !== undefined;
      this.candidate.onTurn?.(error);
    });
    this.term = term;
  }

  /** A handler may call it, which the subscription's end waits for. */
  private end(term: Term): void {
    if (this.term !== term) return;
    this.term = undefined;
    this.seen = undefined;
    this.ending = term.subscription?.stop() ?? Promise.resolve();
    this.wakeUp.abort();
  }

  private giveUp(term: Term): Promise<void> {
    return this.store.transact(async (transaction) => {
      const row = await this.rowOf(transaction, term);
      if (row) await transaction.rows(checkpointTable).save({ ...row, owner: null });
    });
  }

  private rowOf(transaction: Transaction, { epoch }: Term): Promise<Checkpoint | undefined> {
    const name = this.checkpoint.reader;
    return transaction.rows(checkpointTable).get({ name, epoch }, { lock: 'wait' });
  }
}
