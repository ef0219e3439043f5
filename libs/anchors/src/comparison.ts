import type { Anchor, Leaf } from './anchor';
import type { AnchoredLog } from './anchoring';
import type { NoteVerifier } from './note';
import { type AnchorPlace, readLines, tailOf } from './place';
import { Frontier } from './tree';

/**
 * `rewritten`: the entries that an anchor covers and the one before it does not are others than it
 * says; `shorter`: the log ends before them; `fork`: two anchors contradict each other; `refused`:
 * what is kept has no signature of a known key, or is not whole; `behind`: the place has lost what
 * another still has; `away`: the place cannot be read; `forgotten`: the log has no more what it should.
 */
export interface AnchorFault {
  readonly kind: 'rewritten' | 'shorter' | 'fork' | 'refused' | 'behind' | 'away' | 'forgotten';
  readonly place: string;
  /** Entries that the anchor covers; null where it is about a place. */
  readonly size: number | null;
  /** The entries in question stand after this position, and up to the other one. */
  readonly after: bigint | null;
  readonly upTo: bigint | null;
}

export interface AnchorReport {
  /** How many of the entries in question an anchor covers. */
  readonly anchored: number;
  /** Entries that the newest anchor of each place covers; null where there is none. */
  readonly places: readonly { readonly place: string; readonly size: number | null }[];
  /** At most FAULTS_MAX; none means that nothing contradicts. */
  readonly faults: readonly AnchorFault[];
}

const FAULTS_MAX = 100;

export interface ComparisonParts {
  readonly log: AnchoredLog;
  readonly store: string;
  readonly places: readonly AnchorPlace[];
  readonly verifiers: readonly NoteVerifier[];
  /** The first position that a gapless log still has, which forgets its beginning in time. */
  readonly keptFrom?: bigint | undefined;
  /** What it forgot is covered by anchors up to this time: a later one is a fault, `forgotten`. */
  readonly forgottenUntil?: Date | undefined;
  /** The newest anchor that this process has made or found. */
  readonly remembered?: (() => Anchor | undefined) | undefined;
}

interface Kept {
  readonly place: string;
  readonly anchor: Anchor;
}

/** What is known in the memory of the process is a place, too. */
const MEMORY = 'memory';

export class Faults {
  private readonly found: AnchorFault[] = [];

  add(kind: AnchorFault['kind'], place: string, about: Partial<AnchorFault> = {}): void {
    const fault = { kind, place, size: null, after: null, upTo: null, ...about };
    const isKnown = this.found.some(
      (one) => one.kind === kind && one.place === place && one.size === fault.size,
    );
    if (!isKnown && this.found.length < FAULTS_MAX) this.found.push(fault);
  }

  get all(): readonly AnchorFault[] {
    return this.found;
  }
}

/** Anchors of one place in the order of their sizes; what is none is a fault. */
async function* anchorsOf(
  place: AnchorPlace,
  verifiers: readonly NoteVerifier[],
  faults: Faults,
): AsyncGenerator<Kept> {
  try {
    for (const file of await place.files()) {
      const { anchors, refused } = readLines(await place.lines(file), verifiers);
      if (refused.length > 0) faults.add('refused', place.name);
      for (const anchor of anchors) yield { place: place.name, anchor };
    }
  } catch {
    faults.add('away', place.name);
  }
}

/** The anchors of all places that are of one size, the smallest size first. */
async function* groupsOf(sources: readonly AsyncGenerator<Kept>[]): AsyncGenerator<Kept[]> {
  const next = async (source: AsyncGenerator<Kept>): Promise<Kept | undefined> => {
    const { value, done } = await source.next();
    return done ? undefined : value;
  };
  const heads = await Promise.all(sources.map(next));
  for (;;) {
    const sizes = heads.flatMap((head) => (head ? [head.anchor.size] : []));
    if (sizes.length === 0) return;
    const size = Math.min(...sizes);
    const group: Kept[] = [];
    for (const [index, source] of sources.entries())
      while (heads[index]?.anchor.size === size) {
        group.push(heads[index]);
        heads[index] = await next(source);
      }
    yield group;
  }
}

/** Reads a log entry by entry, and waits only where a page ends. */
class Cursor {
  private page: readonly Leaf[] = [];
  private at = 0;
  private readonly pages: AsyncIterator<readonly Leaf[]>;

  constructor(entries: AsyncIterable<readonly Leaf[]>) {
    this.pages = entries[Symbol.asyncIterator]();
  }

  get current(): Leaf | undefined {
    return this.page[this.at];
  }

  advance(): void {
    this.at += 1;
  }

  async fill(): Promise<boolean> {
    while (this.current === undefined) {
      const { value, done } = await this.pages.next();
      if (done) return false;
      [this.page, this.at] = [value, 0];
    }
    return true;
  }

  async end(): Promise<void> {
    await this.pages.return?.();
  }
}

/** What anchors of one size say, beside what the entries up to there come to. */
const judge = (
  group: readonly Kept[],
  found: { readonly frontier: Frontier; readonly isEnd: boolean; readonly after: bigint },
  faults: Faults,
): void => {
  const root = found.frontier.root();
  for (const { place, anchor } of group) {
    if (!anchor.root.equals(group[0]!.anchor.root))
      faults.add('fork', place, { size: anchor.size });
    if (found.frontier.size === anchor.size && root.equals(anchor.root)) continue;
    const isShort = found.isEnd && found.frontier.size < anchor.size;
    faults.add(isShort ? 'shorter' : 'rewritten', place, {
      ...{ size: anchor.size, after: found.after, upTo: anchor.last.position },
    });
  }
};

/** The newest anchors of the places; one that has less than another has lost it. */
export const placesOf = async (
  { places, verifiers, remembered }: ComparisonParts,
  faults: Faults,
): Promise<AnchorReport['places']> => {
  const sizes = await Promise.all(
    places.map(async (place) => {
      try {
        const { newest } = await tailOf(place, verifiers);
        return { place: place.name, size: newest?.size ?? null };
      } catch {
        faults.add('away', place.name);
        return { place: place.name, size: null, isAway: true };
      }
    }),
  );
  const most = Math.max(remembered?.()?.size ?? 0, ...sizes.map(({ size }) => size ?? 0));
  for (const { place, size, isAway } of sizes as readonly ((typeof sizes)[number] & {
    isAway?: boolean;
  })[])
    if (!isAway && (size ?? 0) < most) faults.add('behind', place, { size: most });
  return sizes.map(({ place, size }) => ({ place, size }));
};

/**
 * Compares a whole log with every anchor that is kept, in one pass over both. What lies between two
 * anchors is compared with them alone, so that a fault is where it is, and hides none behind it.
 */
export const compareAll = async (parts: ComparisonParts): Promise<AnchorReport> => {
  const faults = new Faults();
  const remembered = parts.remembered?.();
  const places = await placesOf(parts, faults);
  const sources = parts.places.map((place) => anchorsOf(place, parts.verifiers, faults));
  // What every place has lost.
  if (remembered && places.every(({ size }) => (size ?? 0) < remembered.size))
    sources.push(one({ place: MEMORY, anchor: remembered }));
  const { keptFrom = 0n, forgottenUntil } = parts;
  const cursor = new Cursor(parts.log.entries(keptFrom));
  let before: Anchor | undefined;
  let taken = 0;
  for await (const group of groupsOf(sources)) {
    const end = group[0]!.anchor;
    if (before && end.size <= before.size) {
      for (const { place, anchor } of group)
        if (anchor.size < before.size || !anchor.root.equals(before.root))
          faults.add('fork', place, { size: anchor.size });
      continue;
    }
    const frontier = before?.frontier.copy() ?? Frontier.empty();
    const isWithin = ({ position }: Leaf): boolean =>
      end.store === parts.store ? position <= end.last.position : taken < end.size;
    for (; cursor.current || (await cursor.fill()); cursor.advance()) {
      if (!isWithin(cursor.current!)) break;
      frontier.push(cursor.current!.hash);
      taken += 1;
    }
    const after = before?.last.position ?? 0n;
    const isEnd = !cursor.current;
    // Of what was forgotten, or a part of it, the anchor is believed: it is signed.
    if (after + 1n >= keptFrom) judge(group, { frontier, isEnd, after }, faults);
    else if (isTooYoung(end.last.position < keptFrom ? end : before, forgottenUntil))
      for (const { place } of group)
        faults.add('forgotten', place, { size: end.size, after, upTo: end.last.position });
    before = end;
  }
  await cursor.end();
  return { anchored: taken, places, faults: faults.all };
};

/** Entries that are gone came after the anchor before them, or up to the one that covers them. */
const isTooYoung = (anchor: Anchor | undefined, until: Date | undefined): boolean =>
  anchor?.at !== undefined && until !== undefined && anchor.at > until;

async function* one(kept: Kept): AsyncGenerator<Kept> {
  yield kept;
}
