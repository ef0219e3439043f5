import { isByDocuments } from '@caretab/benefits';
import type { Coverage } from '@caretab/contracts';
import {
  type EventStore,
  EventStoreUnavailable,
  type NewEvent,
  type StreamEvent,
  StreamFaulty,
  WrongExpectedRevision,
} from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import type { PlanDocuments } from '../plan/plan-documents';
import { type CausedCommand, decideAll, type Decided, remembering } from './caused-commands';
import { isOver, type KeptVisit } from './kept-visit';
import { KeptVisits } from './kept-visits';
import type { Snapshots } from './snapshots';
import { factOf } from './stored-facts';
import { evolveAll } from './visit-evolve';
import { initialVisit, type Visit } from './visit-state';
import {
  afterLast,
  firstStreams,
  isShortened,
  lostFrom,
  readVisit,
  STREAM_RETIRED,
  type VisitStreams,
} from './visit-streams';

interface Decision {
  readonly decided: Decided;
  readonly loaded: KeptVisit;
}

/**
 * A conflict means that another process appended, so the system progresses. A process with the
 * visit cached retries faster and may win repeatedly, hence the high limit.
 */
const ATTEMPTS_MAX = 250;
/**
 * Facts of one append, as the event store allows. What thousands of waiting charges yield goes in
 * several, and what is left after a crash follows the answer's repetition.
 */
const APPEND_FACTS_MAX = 1000;

/** Nearly no visit is: the others wait for nothing. */
const isByVersions = (visit: Visit): visit is Visit & { readonly coverage: Coverage } =>
  'coverage' in visit && visit.coverage !== undefined && isByDocuments(visit.coverage);

/**
 * Runs commands against visits: one at a time per visit in this process, optimistic between
 * processes, one append per call.
 */
export class Visits {
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly events: Pick<EventStore, 'append' | 'readStream'>,
    private readonly streams: VisitStreams = firstStreams,
    private readonly kept = new KeptVisits(),
    private readonly snapshots?: Snapshots,
    private readonly documents?: Pick<PlanDocuments, 'know'>,
  ) {}

  /**
   * Decides the commands in order and appends what they yield; durable when it resolves. Throws the
   * decider's DomainError, EVENT_VIOLATES_CONTRACT (conflict), or StreamFaulty for a visit that is
   * set aside, and then nothing of this call is appended.
   */
  handle(visitId: string, commands: readonly CausedCommand[]): Promise<void> {
    return this.inTurn(visitId, () => this.decideAndAppend(visitId, commands));
  }

  /** The visit as it stands, with what other processes appended. Throws StreamFaulty. */
  look(visitId: string): Promise<Visit> {
    return this.inTurn(visitId, async () => (await this.catchUp(visitId)).state);
  }

  /** What is remembered may be of another log. */
  forget(): void {
    this.kept.clear();
  }

  /** One at a time per visit, in the order of the calls. */
  private inTurn<Result>(visitId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.queues.get(visitId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.queues.set(visitId, turn);
    const leave = (): void =>
      void (this.queues.get(visitId) === turn && this.queues.delete(visitId));
    turn.then(leave, leave);
    return turn;
  }

  private async decideAndAppend(
    visitId: string,
    commands: readonly CausedCommand[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { decided, loaded } = await this.decide(visitId, commands);
      if (decided.facts.length === 0) return;
      try {
        const revision = await this.append(loaded, decided.facts);
        for (const { metadata } of decided.facts) remembering(loaded.causes, metadata);
        this.kept.keep(visitId, { ...loaded, state: decided.state, revision });
        if (loaded.hasSnapshot && isOver(decided.state)) this.snapshots?.drop(loaded.stream);
        return;
      } catch (error) {
        if (error instanceof StreamFaulty) await this.streams.found(loaded.stream, error.fault);
        if (isShortened(error)) await this.lose(loaded.stream, error);
        const isOvertaken = error instanceof WrongExpectedRevision;
        if (!isOvertaken || decided.facts.length > APPEND_FACTS_MAX) this.kept.drop(visitId);
        if (!isOvertaken || attempt === ATTEMPTS_MAX) throw error;
        await this.catchUp(visitId);
      }
    }
  }

  /**
   * An append proves that the state it was decided on was current. "Nothing to do" and a refusal
   * leave no such proof: another process may have brought the visit to where the command does mean
   * something, or the log is an older copy. So these two only count on a state that was read from a
   * log that is proven.
   */
  private async decide(visitId: string, commands: readonly CausedCommand[]): Promise<Decision> {
    const cached = this.cached(visitId);
    if (cached) this.kept.hits += 1;
    else this.kept.misses += 1;
    const effective =
      (cached && this.effect(visitId, cached, commands)) ??
      this.effect(visitId, await this.catchUp(visitId, commands), commands);
    if (effective) return effective;
    await this.streams.proven();
    const loaded = await this.catchUp(visitId, commands);
    return { decided: decideAll(loaded, commands), loaded };
  }

  /** Undefined for no facts, and for a refusal. */
  private effect(
    visitId: string,
    loaded: KeptVisit,
    commands: readonly CausedCommand[],
  ): Decision | undefined {
    try {
      const decided = decideAll(loaded, commands);
      return decided.facts.length > 0 ? { decided, loaded } : undefined;
    } catch (error) {
      if (!(error instanceof DomainError)) this.kept.drop(visitId);
      return undefined;
    }
  }

  /** Throws StreamFaulty: what is remembered of the stream is not there any more. */
  private async lose(stream: string, { actual }: WrongExpectedRevision): Promise<never> {
    await this.streams.proven();
    const fault = lostFrom(stream, afterLast(actual));
    await this.streams.found(stream, fault);
    throw new StreamFaulty(fault);
  }

  private async append(
    { stream, revision }: KeptVisit,
    facts: readonly NewEvent[],
  ): Promise<number> {
    let last = revision;
    for (let from = 0; from < facts.length; from += APPEND_FACTS_MAX) {
      ({ revision: last } = await this.events.append(
        stream,
        facts.slice(from, from + APPEND_FACTS_MAX),
        last,
      ));
    }
    return Number(last);
  }

  /**
   * Folds what the stream has beyond what is remembered: the first time beyond its snapshot, or all
   * of it, later only what other processes appended.
   */
  private async catchUp(
    visitId: string,
    commands: readonly CausedCommand[] = [],
  ): Promise<KeptVisit> {
    const cached = this.cached(visitId);
    const stream = this.streams.of(visitId);
    // One that is being opened has no snapshot, or need not be fast.
    const isOpening = commands.some(({ command }) => command.type === 'StartVisit');
    const snapshots = isOpening ? undefined : this.snapshots;
    const begun = cached || !snapshots ? undefined : await snapshots.begin(this.events, stream);
    let loaded: KeptVisit = cached ??
      begun?.visit ?? { stream, state: initialVisit, revision: 'none', causes: new Set() };
    if (begun) this.kept.fromSnapshots += 1;
    const events = begun?.events ?? (await this.read(visitId, loaded));
    if (!events) return this.catchUp(visitId, commands);
    const last = events.at(-1);
    if (last) {
      const state = evolveAll(loaded.state, events.map(factOf));
      for (const { metadata } of events) remembering(loaded.causes, metadata);
      loaded = { ...loaded, state, revision: last.revision };
    }
    if (isByVersions(loaded.state)) await this.documents?.know(loaded.state.coverage);
    if (!cached && this.snapshots?.take(loaded, events)) loaded = { ...loaded, hasSnapshot: true };
    this.kept.keep(visitId, loaded);
    return loaded;
  }

  /** What the stream has beyond; undefined where the visit goes on in another stream. */
  private async read(
    visitId: string,
    { stream, revision }: KeptVisit,
  ): Promise<StreamEvent[] | undefined> {
    try {
      const events = await readVisit(this.events, this.streams, { stream, known: revision });
      if (events.at(-1)?.type !== STREAM_RETIRED) return events;
      await this.streams.found(stream);
      this.assertContinued(
        visitId,
        stream,
        new EventStoreUnavailable(`visit ${visitId} is being continued in another stream`),
      );
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      await this.streams.found(stream, error.fault);
      this.assertContinued(visitId, stream, error);
    }
    return undefined;
  }

  private assertContinued(visitId: string, stream: string, otherwise: Error): void {
    this.kept.drop(visitId);
    if (this.streams.of(visitId) === stream) throw otherwise;
  }

  /** What is remembered of the stream that the visit is in now. Throws StreamFaulty. */
  private cached(visitId: string): KeptVisit | undefined {
    const loaded = this.kept.get(visitId);
    const stream = this.streams.of(visitId);
    return loaded?.stream === stream ? loaded : undefined;
  }
}
