import { message, visitLedgerVisits } from '@caretab/contracts';
import {
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  type StreamFault,
  StreamFaulty,
  WrongExpectedRevision,
} from '@caretab/event-store';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Projection } from '../views/projection';
import type { Republication } from '../visit/republication';
import { COPIED_AT, COPIED_FROM, isFact, recordedAtOf } from '../visit/stored-facts';
import { nextStreamOf, STREAM_RETIRED } from '../visit/visit-streams';
import { assertWhole } from './left-of-a-visit';
import type { SetAside } from './set-aside';
import { type SetAsideRow, setAsideTable } from './set-aside.table';

/** An operator's word: which events of the stream are left out, and why the visit may go on so. */
export interface Approval {
  /** Revisions: those at fault, and those that are missing. */
  readonly leavesOut: readonly number[];
  readonly reason: string;
}

export interface Resumed {
  /** The stream in which the visit goes on. */
  readonly stream: string;
  /** Events that are in effect. */
  readonly events: number;
  /** Whose visit it is, where its stream still said so. */
  readonly personId: string | null;
}

type Fault = Pick<SetAsideRow, 'stream' | 'kind' | 'revision'>;

/** A stream as it was found in the log. */
interface Found {
  readonly ours: readonly RecordedEvent[];
  /** Revisions of events that are not ours, or are not there. */
  readonly leftOut: readonly number[];
  readonly last: number;
  readonly isFaulty: boolean;
}

/** To look for a stream of which no fault is known. */
const streamFrom = (stream: string): Fault => ({ stream, kind: 'foreign', revision: 0 });

const PAGE_EVENTS = 1000;
/** Events of one append, as the event store allows; their size is bounded there too. */
const COPIED_AT_ONCE = 200;

/** Decisions to go on without events are recorded in a stream for each visit. */
const decisionsOf = (visitId: string): string => `resumption-${visitId}`;

/**
 * Ends the setting aside of a visit. A stream that was restored goes on as it is. Of any other the
 * events that are ours are copied into `visit-<id>~2`, and the old stream is retired; nothing that was
 * published is published again under another id. Interrupted anywhere, the same call goes on.
 */
export class Resumption {
  constructor(
    private readonly parts: {
      /** Reading stops at no fault of it. */
      readonly events: EventStore;
      readonly store: Store;
      readonly clock: Clock;
      readonly setAside: SetAside;
      readonly projection: Projection;
      readonly republication: Republication;
    },
  ) {}

  /**
   * Throws VISIT_NOT_SET_ASIDE (not-found), and FACTS_LEFT_OUT (conflict) with the revisions that
   * the visit would go on without, where the approval names others.
   */
  async resume(visitId: string, approval: Approval): Promise<Resumed> {
    const row = await this.rowOf(visitId);
    const found = await this.find(row);
    assertFound(visitId, found);
    const isRestored = found.leftOut.length === 0 && (await this.isReadable(row.stream, found));
    if (!isRestored) {
      assertApproved(visitId, found, approval);
      assertWhole(visitId, found.ours, found.leftOut);
    }
    const to = isRestored ? row.stream : await this.decide(row, approval);
    if (!isRestored) {
      await this.retire(row, found.last, to);
      await this.copy(to, found.ours);
    }
    const facts = found.ours.filter(isFact);
    await this.parts.republication.send(facts.filter(({ revision }) => revision >= row.revision));
    await this.parts.store.transact((transaction) => this.goOn(transaction, row, to, facts));
    await this.parts.setAside.refresh();
    const events = found.ours.filter(({ type }) => type !== STREAM_RETIRED).length;
    return { stream: to, events, personId: row.personId };
  }

  private async rowOf(visitId: string): Promise<SetAsideRow> {
    const [row] = await this.parts.store.transact((transaction) =>
      transaction.rows(setAsideTable).find({ visitId, continuedIn: null }),
    );
    if (!row) throw new DomainError('VISIT_NOT_SET_ASIDE', 'not-found', { visitId });
    return row;
  }

  /** From the log of all, where also a deleted stream stands until it is scavenged. */
  private async find({ stream, kind, revision }: Fault): Promise<Found> {
    const ours: RecordedEvent[] = [];
    const faults: StreamFault[] = [];
    const onFaults = async (found: readonly StreamFault[]): Promise<void> => {
      faults.push(...found.filter((fault) => fault.stream === stream));
    };
    for (let after = 0n; ;) {
      const page = await this.parts.events.readAll({
        ...{ after, countMax: PAGE_EVENTS, streamPrefix: stream, onFaults },
      });
      ours.push(...page.filter((event) => event.stream === stream));
      if (page.length < PAGE_EVENTS) break;
      after = page.at(-1)!.position;
    }
    const written = faults.filter(({ kind }) => kind === 'foreign' || kind === 'forged');
    const last = Math.max(-1, ...[...ours, ...written].map(({ revision }) => revision));
    const known = new Set(ours.map(({ revision }) => revision));
    // The end of a stream may be what is missing.
    const count = Math.max(last, kind === 'truncated' ? revision : -1) + 1;
    const all = Array.from({ length: count }, (_, at) => at);
    const leftOut = all.filter((at) => !known.has(at));
    return { ours, leftOut, last, isFaulty: faults.length + leftOut.length > 0 };
  }

  /** Whether the stream itself gives what the log of all has. */
  private async isReadable(stream: string, { ours }: Found): Promise<boolean> {
    try {
      return (await this.parts.events.readStream(stream)).length === ours.length;
    } catch (error) {
      if (error instanceof StreamFaulty) return false;
      throw error;
    }
  }

  /** Returns the stream that was decided on, now or by an earlier call. */
  private async decide(row: SetAsideRow, approval: Approval): Promise<string> {
    const { visitId, stream: from, kind, revision, digest } = row;
    const decisions = await this.firstWithout('faults', decisionsOf(visitId));
    const made = await this.parts.events.readStream(decisions);
    const [before] = made
      .map(({ data }) => data as { readonly from: string; readonly to: string })
      .filter((decision) => decision.from === from)
      .reverse();
    if (before && !(await this.find(streamFrom(before.to))).isFaulty) return before.to;
    const to = await this.firstWithout('events', nextStreamOf(before?.to ?? from));
    const data = {
      ...{ visitId, from, to, kind, revision, digest },
      leavesOut: [...approval.leavesOut],
      reason: approval.reason,
    };
    const id = derivedId('VisitContinued', ...(before ? [from, to] : [from]));
    await this.parts.events.append(
      decisions,
      [{ id, type: 'VisitContinued', data, metadata: {} }],
      made.length === 0 ? 'none' : made.at(-1)!.revision,
    );
    return to;
  }

  /** Of a stream and those that may follow it, the first that another writer has not been in. */
  private async firstWithout(what: 'faults' | 'events', first: string): Promise<string> {
    for (let stream = first; ; stream = nextStreamOf(stream)) {
      const { isFaulty, last } = await this.find(streamFrom(stream));
      if (what === 'faults' ? !isFaulty : last === -1) return stream;
    }
  }

  /** After this no process appends to the stream that has not read of its end. */
  private async retire(row: Fault, last: number, to: string): Promise<void> {
    const { stream } = row;
    const end: NewEvent = {
      ...{ id: derivedId(STREAM_RETIRED, stream), type: STREAM_RETIRED },
      ...{ data: { to }, metadata: {} },
    };
    try {
      await this.parts.events.append(stream, [end], last === -1 ? 'none' : last);
    } catch (error) {
      // An end that is not ours keeps every process from appending; so does an end of an earlier call.
      if (error instanceof StreamFaulty) return;
      if (error instanceof WrongExpectedRevision && (await this.isRetired(row))) return;
      throw error;
    }
  }

  private async isRetired(row: Fault): Promise<boolean> {
    const { ours } = await this.find(row);
    return ours.some(({ type }) => type === STREAM_RETIRED);
  }

  private async copy(to: string, ours: readonly RecordedEvent[]): Promise<void> {
    const copies = ours
      .filter(({ type }) => type !== STREAM_RETIRED)
      .map((event): NewEvent => {
        const { id, type, data, metadata, revision } = event;
        const copiedAt = recordedAtOf(event).toISOString();
        return {
          ...{ id, type, data },
          metadata: { ...metadata, [COPIED_FROM]: String(revision), [COPIED_AT]: copiedAt },
        };
      });
    for (let from = 0; from < copies.length; from += COPIED_AT_ONCE)
      await this.parts.events.append(
        to,
        copies.slice(from, from + COPIED_AT_ONCE),
        from === 0 ? 'none' : from - 1,
      );
  }

  private async goOn(
    transaction: Transaction,
    row: SetAsideRow,
    to: string,
    facts: readonly RecordedEvent[],
  ): Promise<void> {
    // Up to where views have folded the stream is noted under this lock.
    await this.parts.projection.lock(transaction);
    const rows = transaction.rows(setAsideTable);
    const now = await rows.get({ stream: row.stream }, { lock: 'wait' });
    if (!now || now.continuedIn !== null) return;
    await this.parts.projection.takeUp(transaction, now, facts);
    // A stream that was restored may be set aside again.
    if (to === row.stream) await rows.delete({ stream: row.stream });
    else await rows.save({ ...now, continuedIn: to });
    const { institutionId, personId, visitId, foundAt } = now;
    if (institutionId === null || personId === null) return;
    const resumedAt = this.parts.clock.now();
    const id = derivedId('VisitResumed', row.stream, foundAt.toISOString());
    transaction.publish(
      message(
        visitLedgerVisits,
        'VisitResumed',
        { visitId, institutionId, personId, resumedAt: resumedAt.toISOString() },
        { id, time: resumedAt, source: 'visit-ledger', causedBy: undefined },
      ),
    );
  }
}

/** Without any event there is nothing that could go on. */
const assertFound = (visitId: string, { last }: Found): void => {
  if (last >= 0) return;
  throw new DomainError('FACTS_LEFT_OUT', 'conflict', {
    visitId,
    leavesOut: [],
    remedy: 'the log has no event of the stream: restore it from a backup',
  });
};

const assertApproved = (visitId: string, { leftOut }: Found, { leavesOut }: Approval): void => {
  const named = [...new Set(leavesOut)].sort((a, b) => a - b);
  if (named.join() === leftOut.join()) return;
  throw new DomainError('FACTS_LEFT_OUT', 'conflict', {
    visitId,
    leavesOut: [...leftOut],
    remedy: 'look at what these revisions were, then name them all as leavesOut',
  });
};
