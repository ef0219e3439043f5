import { type Anchor, type Leaf, signAnchor } from './anchor';
import type { NoteSigner, NoteVerifier } from './note';
import { type AnchorPlace, keepAnchor, type Tail, tailOf } from './place';
import { Frontier } from './tree';

/** A log whose entries are never changed. */
export interface AnchoredLog {
  /** `gapless`: positions count 1, 2, 3, and one that is left out was taken away; `growing`: they do not. */
  readonly positions: 'gapless' | 'growing';
  /** Pages of entries in their order, from a position on, that position included; 0n for all. */
  entries(from: bigint): AsyncIterable<readonly Leaf[]>;
}

/** An anchor covers at most so many entries that the one before it does not: a proof reads no more. */
const ENTRIES_MAX = 10_000;

export interface AnchoringParts {
  readonly log: AnchoredLog;
  /** Says which store the positions are of. */
  readonly store: string;
  readonly places: readonly AnchorPlace[];
  readonly signer: NoteSigner;
  /** The signer's own, and those of the keys before it. */
  readonly verifiers: readonly NoteVerifier[];
  /** Of several processes one anchors. */
  readonly leads: () => boolean;
  /** Hands an anchor to its readers; it may come more than once, or a later one instead. */
  readonly publish: (anchor: Anchor) => Promise<void>;
  /** By which the age of anchors is measured. */
  readonly elapsedMs: () => number;
  /** Anchors say when they were signed: for a log that forgets its beginning in time. */
  readonly now?: () => Date;
}

/** What stands in the log cannot be signed as whole. */
class NotAnchored extends Error {}

/** The log is not the one that was anchored: nothing is signed. */
export class AnchorContradicted extends NotAnchored {
  constructor(size: number, why: string) {
    super(`the anchor of ${size} entries contradicts the log: ${why}`);
    this.name = 'AnchorContradicted';
  }
}

/** Entries were taken out of the log: what is behind them is signed once they are put back. */
export class EntriesMissing extends NotAnchored {
  constructor(after: bigint, before: bigint) {
    super(`entries between ${after} and ${before} are missing: nothing behind them is anchored`);
    this.name = 'EntriesMissing';
  }
}

type Tails = ReadonlyMap<AnchorPlace, Tail>;

/**
 * Signs what the log has grown to and keeps that in every place. It goes on from the newest anchor
 * that is kept, with what is new in the log; nothing of it is in the log's own database. Two
 * processes that anchor at once keep anchors that are both true.
 */
export class Anchoring {
  private newest: Anchor | undefined;
  private publishedTo = 0;
  private currentAtMs: number | undefined;
  private readonly away = new Map<string, string>();
  private contradiction: string | undefined;

  constructor(private readonly parts: AnchoringParts) {}

  /** The newest anchor of this process. */
  get remembered(): Anchor | undefined {
    return this.newest;
  }

  /** Since when the anchors did not cover the whole log; undefined where another process anchors. */
  ageMs(): number | undefined {
    const { leads, elapsedMs } = this.parts;
    if (!leads()) return undefined;
    this.currentAtMs ??= elapsedMs();
    return elapsedMs() - this.currentAtMs;
  }

  /** Why anchors are missing, for an operator, place by place. */
  faults(): readonly string[] {
    const away = [...this.away].map(([place, why]) => `${place}: ${why}`);
    return this.contradiction === undefined ? away : [this.contradiction, ...away];
  }

  /** Anchors what is new. Returns 0: a job that waits for its interval. */
  async runOnce(): Promise<0> {
    const { leads, elapsedMs } = this.parts;
    if (!leads()) {
      this.currentAtMs = undefined;
      return 0;
    }
    this.currentAtMs ??= elapsedMs();
    const beganMs = elapsedMs();
    try {
      await this.anchorAll();
      this.contradiction = undefined;
    } catch (error) {
      if (error instanceof NotAnchored) this.contradiction = error.message;
      throw error;
    }
    if (this.away.size === 0) this.currentAtMs = beganMs;
    return 0;
  }

  private async anchorAll(): Promise<void> {
    const start = this.startFrom(await this.tails());
    const frontier = start?.frontier.copy() ?? Frontier.empty();
    let last = start?.last;
    let missing: EntriesMissing | undefined;
    for await (const { leaf, after } of this.leavesBehind(start)) {
      missing = this.holeBetween(after, leaf.position);
      if (missing) break;
      frontier.push(leaf.hash);
      last = leaf;
      if (frontier.size % ENTRIES_MAX === 0) await this.keep(frontier, last);
    }
    if (last && frontier.size > (this.newest?.size ?? 0)) await this.keep(frontier, last);
    if (this.newest && this.newest.size > this.publishedTo) {
      await this.parts.publish(this.newest);
      this.publishedTo = this.newest.size;
    }
    if (missing) throw missing;
  }

  /** Each with the position before it; undefined where that one is of another store. */
  private async *leavesBehind(
    start: Anchor | undefined,
  ): AsyncGenerator<{ readonly leaf: Leaf; readonly after: bigint | undefined }> {
    const isHere = !start || start.store === this.parts.store;
    let after = isHere ? (start?.last.position ?? 0n) : undefined;
    for await (const page of this.behind(start))
      for (const leaf of page) {
        yield { leaf, after };
        after = leaf.position;
      }
  }

  private holeBetween(after: bigint | undefined, position: bigint): EntriesMissing | undefined {
    if (this.parts.log.positions === 'growing' || after === undefined) return undefined;
    return position === after + 1n ? undefined : new EntriesMissing(after, position);
  }

  private async tails(): Promise<Tails> {
    const { places, verifiers } = this.parts;
    const tails = new Map<AnchorPlace, Tail>();
    this.away.clear();
    for (const place of places)
      await tailOf(place, verifiers).then(
        (tail) => tails.set(place, tail),
        (error: Error) => this.away.set(place.name, error.message),
      );
    if (tails.size === 0) throw new Error('no place of anchors answers');
    return tails;
  }

  /** The newest anchor that is known: a place that has lost it gets the next one. */
  private startFrom(tails: Tails): Anchor | undefined {
    let newest = this.newest;
    for (const { newest: kept } of tails.values()) {
      if (!kept) continue;
      if (kept.size === newest?.size && !kept.root.equals(newest.root))
        throw new AnchorContradicted(kept.size, 'another of the same size has another root');
      if (kept.size > (newest?.size ?? 0)) newest = kept;
    }
    this.newest = newest;
    return newest;
  }

  /** What is new behind an anchor. Throws AnchorContradicted. */
  private async *behind(start: Anchor | undefined): AsyncGenerator<readonly Leaf[]> {
    const { log, store } = this.parts;
    if (!start) return yield* log.entries(0n);
    if (start.store !== store) return yield* this.afterMove(start);
    let isFirst = true;
    for await (const page of log.entries(start.last.position)) {
      if (isFirst && !isSame(page[0], start.last)) break;
      yield isFirst ? page.slice(1) : page;
      isFirst = false;
    }
    if (isFirst)
      throw new AnchorContradicted(start.size, `its last entry is not at ${start.last.position}`);
  }

  /** In another store the entries stand at other places: they are counted, and compared. */
  private async *afterMove(start: Anchor): AsyncGenerator<readonly Leaf[]> {
    const again = Frontier.empty();
    for await (const page of this.parts.log.entries(0n)) {
      const known = page.slice(0, start.size - again.size);
      for (const leaf of known) again.push(leaf.hash);
      if (again.size === start.size && known.length > 0 && !again.root().equals(start.root)) break;
      yield page.slice(known.length);
    }
    if (again.size < start.size || !again.root().equals(start.root))
      throw new AnchorContradicted(start.size, 'what was moved has another root');
  }

  /** Every place that answers gets the anchor; the newest one is what the process knows. */
  private async keep(frontier: Frontier, last: Leaf): Promise<void> {
    const { places, signer, store, verifiers, now } = this.parts;
    const anchor = signAnchor({ frontier, last, store, at: now?.() }, signer);
    let kept = 0;
    for (const place of places)
      try {
        await keepAnchor(place, await tailOf(place, verifiers), anchor);
        kept += 1;
      } catch (error) {
        this.away.set(place.name, (error as Error).message);
      }
    if (kept === 0) throw new Error('no place of anchors answers');
    this.newest = anchor;
  }
}

const isSame = (one: Leaf | undefined, other: Leaf): boolean =>
  one?.position === other.position && Buffer.from(one.hash).equals(other.hash);
