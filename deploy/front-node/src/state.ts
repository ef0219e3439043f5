/** What the platform said, as far as a node keeps it. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Messages of HL7 go out one after another, whatever they are about: their order is the feed's. */
export const HL7_LANE = 'HL7';
/** Before the type of the message. */
export const HL7_PATH = 'mllp ';

/** A request about a visit that a system of the hospital sent. */
export interface Sent {
  /** The sender's own id of it (Idempotency-Key): the same again is the same. */
  readonly key: string;
  /** Messages of one visit go out one after another. */
  readonly visit: string;
  readonly path: string;
  readonly prefer?: string | undefined;
  readonly body: unknown;
  /** Of path and body as they came. */
  readonly contentHash: string;
  readonly at: string;
}

/** A dynamic code that was read here. */
export interface ReadCode {
  /** SHA-256 of the code's nonce. */
  readonly id: string;
  /** Empty once the platform knows of it. */
  readonly code: string;
  /** The visit that it was read for. */
  readonly visitNumber?: string | undefined;
  /** By the platform's time. */
  readonly readAt: string;
  /** The message that brings it to the platform; absent: the node asks by itself. */
  readonly openedBy?: string | undefined;
}

/** Everything that happens to a node, in order, as its journal has it. */
export type Entry =
  | ({ readonly type: 'taken' } & Sent)
  | ({ readonly type: 'forwarded'; readonly key: string; readonly at: string } & Answer)
  | ({
      readonly type: 'refused';
      readonly key: string;
      readonly at: string;
      /** Its sender had it as the answer. */
      readonly noticed: boolean;
    } & Answer)
  | { readonly type: 'noticed'; readonly key: string }
  | { readonly type: 'discarded'; readonly key: string; readonly at: string; readonly why: string }
  | ({ readonly type: 'read' } & ReadCode)
  | {
      readonly type: 'read-for';
      readonly id: string;
      readonly visitNumber: string;
      readonly openedBy: string;
    }
  | { readonly type: 'read-known'; readonly id: string; readonly personId?: string | undefined }
  | ({ readonly type: 'read-refused'; readonly id: string; readonly at: string } & Answer)
  | { readonly type: 'clock'; readonly offsetMs: number; readonly measuredAt: string };

export interface Message extends Sent {
  readonly state: 'waiting' | 'forwarded' | 'refused' | 'discarded';
  readonly bytes: number;
  readonly answer?: Answer | undefined;
  readonly endedAt?: string | undefined;
  readonly isNoticed?: boolean | undefined;
}

export interface KnownRead extends ReadCode {
  readonly state: 'pending' | 'known' | 'refused';
  readonly personId?: string | undefined;
  readonly answer?: Answer | undefined;
}

/** So long an id of a message, and what came of it, is kept. */
const DONE_MS = 7 * 86_400_000;
/** Longer than the platform takes what was read offline. */
const READ_MS = 8 * 86_400_000;

/** A node as the entries of its journal make it. */
export class State {
  readonly messages = new Map<string, Message>();
  readonly reads = new Map<string, KnownRead>();
  clock: { readonly offsetMs: number; readonly measuredAt: string } | undefined;
  /** Of messages that wait or were refused: they take the place that there is. */
  heldBytes = 0;
  readonly counts = { waiting: 0, refused: 0, pendingReads: 0 };
  /** The latest moment of the platform's time that it knows of. */
  knownMs = -Infinity;

  apply(entry: Entry): void {
    if (entry.type === 'read') this.know(entry.readAt);
    if (entry.type === 'clock') this.know(entry.measuredAt);
    switch (entry.type) {
      case 'taken': {
        const { type: _, ...sent } = entry;
        return this.put({ ...sent, state: 'waiting', bytes: JSON.stringify(sent.body).length });
      }
      case 'forwarded':
        return this.end(entry, 'forwarded', { isNoticed: true });
      case 'refused':
        return this.end(entry, 'refused', { isNoticed: entry.noticed });
      case 'noticed':
        return this.change(entry.key, { isNoticed: true });
      case 'discarded':
        return this.change(entry.key, { state: 'discarded', endedAt: entry.at });
      case 'read': {
        const { type: _, ...read } = entry;
        return this.putRead({ ...read, state: 'pending' });
      }
      case 'read-for': {
        const { visitNumber, openedBy } = entry;
        return this.changeRead(entry.id, { visitNumber, openedBy });
      }
      case 'read-known':
        return this.changeRead(entry.id, { state: 'known', code: '', personId: entry.personId });
      case 'read-refused': {
        const { status, body } = entry;
        return this.changeRead(entry.id, { state: 'refused', code: '', answer: { status, body } });
      }
      case 'clock':
        this.clock = { offsetMs: entry.offsetMs, measuredAt: entry.measuredAt };
    }
  }

  /** Entries that make this state again, without what is over for long enough. */
  entries(now: Date): readonly Entry[] {
    const isOld = (at: string, keptMs: number): boolean => Date.parse(at) < now.getTime() - keptMs;
    const kept: Entry[] = [];
    for (const message of [...this.messages.values()]) {
      const { state, bytes: _, answer, endedAt, isNoticed, ...sent } = message;
      if (endedAt !== undefined && state !== 'refused' && isOld(endedAt, DONE_MS)) {
        this.messages.delete(message.key);
        continue;
      }
      const key = sent.key;
      const at = endedAt ?? sent.at;
      kept.push({ type: 'taken', ...sent });
      if (state === 'forwarded') kept.push({ type: 'forwarded', key, at, ...answer! });
      else if (answer)
        kept.push({ type: 'refused', key, at, noticed: isNoticed === true, ...answer });
      if (state === 'discarded') kept.push({ type: 'discarded', key, at, why: 'kept' });
    }
    for (const read of [...this.reads.values()]) {
      const { state, personId, answer, ...first } = read;
      if (state !== 'pending' && isOld(first.readAt, READ_MS)) {
        this.reads.delete(read.id);
        continue;
      }
      kept.push({ type: 'read', ...first });
      if (state === 'known') kept.push({ type: 'read-known', id: first.id, personId });
      if (state === 'refused')
        kept.push({ type: 'read-refused', id: first.id, at: first.readAt, ...answer! });
    }
    if (this.clock) kept.push({ type: 'clock', ...this.clock });
    return kept;
  }

  private know(at: string): void {
    this.knownMs = Math.max(this.knownMs, Date.parse(at));
  }

  private end(
    { key, at, status, body }: { readonly key: string; readonly at: string } & Answer,
    state: 'forwarded' | 'refused',
    more: Partial<Message>,
  ): void {
    this.change(key, { state, endedAt: at, answer: { status, body }, ...more });
  }

  private change(key: string, changes: Partial<Message>): void {
    const known = this.messages.get(key);
    if (!known) return;
    this.count(known, -1);
    this.messages.set(key, { ...known, ...changes });
    this.count(this.messages.get(key)!, 1);
  }

  private put(message: Message): void {
    const before = this.messages.get(message.key);
    if (before) this.count(before, -1);
    this.messages.delete(message.key);
    this.messages.set(message.key, message);
    this.count(message, 1);
  }

  private count({ state, bytes }: Message, by: 1 | -1): void {
    if (state !== 'waiting' && state !== 'refused') return;
    this.counts[state] += by;
    this.heldBytes += by * bytes;
  }

  private putRead(read: KnownRead): void {
    this.reads.set(read.id, read);
    this.counts.pendingReads += 1;
  }

  private changeRead(id: string, changes: Partial<KnownRead>): void {
    const known = this.reads.get(id);
    if (!known) return;
    if (known.state === 'pending' && changes.state !== undefined) this.counts.pendingReads -= 1;
    this.reads.set(id, { ...known, ...changes });
  }
}
