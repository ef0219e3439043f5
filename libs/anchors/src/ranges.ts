import { type Anchor, readAnchor } from './anchor';
import {
  type AnchorReport,
  compareAll,
  type ComparisonParts,
  Faults,
  placesOf,
} from './comparison';
import { NoteRefused } from './note';
import type { AnchorPlace } from './place';
import { Frontier, type Inclusion, inclusionOf } from './tree';

/** Two anchors that follow each other in a place; without a first one, from the log's beginning. */
interface Range {
  readonly place: string;
  readonly before: Anchor | undefined;
  readonly end: Anchor;
}

/** The positions are of another store: the log was moved since. */
class Moved extends Error {}

/** Where the last entry of a line's anchor stands, as the line says. */
const placeOf = (line: string): { position: bigint; store: string } | undefined => {
  try {
    const { position, store } = JSON.parse(line) as { position: string; store: string };
    return { position: BigInt(position), store };
  } catch {
    return undefined;
  }
};

/** Finds the anchors around positions in one place, and reads no more files than it must. */
class AnchorsAround {
  private files: readonly string[] | undefined;
  private readonly read = new Map<string, readonly string[]>();

  constructor(
    private readonly place: AnchorPlace,
    private readonly parts: ComparisonParts,
  ) {}

  /** Undefined where no anchor covers the position. Throws NoteRefused and Moved. */
  async around(position: bigint): Promise<Range | undefined> {
    this.files ??= await this.place.files();
    let [low, high] = [0, this.files.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.positionIn((await this.linesOf(middle)).at(-1)!);
      if (last < position) low = middle + 1;
      else high = middle;
    }
    if (low === this.files.length) return undefined;
    const lines = [...(await this.linesOf(low))].sort((one, other) =>
      this.positionIn(one) < this.positionIn(other) ? -1 : 1,
    );
    const at = lines.findIndex((line) => this.positionIn(line) >= position);
    const before = lines[at - 1] ?? (low > 0 ? (await this.linesOf(low - 1)).at(-1) : undefined);
    const { verifiers } = this.parts;
    return {
      place: this.place.name,
      before: before === undefined ? undefined : readAnchor(before, verifiers),
      end: readAnchor(lines[at]!, verifiers),
    };
  }

  private async linesOf(index: number): Promise<readonly string[]> {
    const file = this.files![index]!;
    const lines = this.read.get(file) ?? (await this.place.lines(file)).filter(placeOf);
    this.read.set(file, lines);
    if (lines.length === 0) throw new NoteRefused('a file of anchors has none');
    return lines;
  }

  private positionIn(line: string): bigint {
    const { position, store } = placeOf(line)!;
    if (store !== this.parts.store) throw new Moved();
    return position;
  }
}

/** The hashes of the entries that an anchor covers and the one before it does not. */
const leavesIn = async (
  { before, end }: Range,
  { log }: ComparisonParts,
): Promise<readonly { readonly position: bigint; readonly hash: Uint8Array }[]> => {
  const after = before?.last.position ?? 0n;
  const leaves = [];
  for await (const page of log.entries(after)) {
    const within = page.filter(({ position }) => position <= end.last.position);
    leaves.push(...within.filter(({ position }) => position > after));
    if (within.length < page.length) break;
  }
  return leaves;
};

const frontierOf = ({ before }: Range): Frontier => before?.frontier.copy() ?? Frontier.empty();

/**
 * Compares what stands at these positions with the anchors around them: bounded reads of the log,
 * but for one that was moved since.
 */
export const compareAt = async (
  positions: readonly bigint[],
  parts: ComparisonParts,
): Promise<AnchorReport> => {
  const faults = new Faults();
  const places = await placesOf(parts, faults);
  const covered = new Set<bigint>();
  const judged = new Map<string, boolean>();
  try {
    for (const place of parts.places) {
      const anchors = new AnchorsAround(place, parts);
      for (const position of positions) {
        const range = await anchors.around(position).catch((error: unknown) => {
          if (error instanceof Moved) throw error;
          faults.add(error instanceof NoteRefused ? 'refused' : 'away', place.name);
          return undefined;
        });
        if (!range) continue;
        covered.add(position);
        const { before, end } = range;
        const key = `${before?.note} ${end.note}`;
        if (!judged.has(key)) judged.set(key, await isAsAnchored(range, parts));
        if (!judged.get(key))
          faults.add('rewritten', place.name, {
            ...{ size: end.size, after: before?.last.position ?? 0n, upTo: end.last.position },
          });
      }
    }
  } catch (error) {
    if (error instanceof Moved) return compareAll(parts);
    throw error;
  }
  return { anchored: covered.size, places, faults: faults.all };
};

const isAsAnchored = async (range: Range, parts: ComparisonParts): Promise<boolean> => {
  const frontier = frontierOf(range);
  for (const { hash } of await leavesIn(range, parts)) frontier.push(hash);
  return frontier.size === range.end.size && frontier.root().equals(range.end.root);
};

/** That an entry is in a log, for a reader that has the key of its anchors. */
export interface InclusionProof {
  readonly index: number;
  readonly way: Inclusion;
  /** The signed checkpoint that the way leads to. */
  readonly note: string;
}

/** Undefined where no anchor covers the position yet, or none that fits the log. */
export const proveInclusion = async (
  position: bigint,
  parts: ComparisonParts,
): Promise<InclusionProof | undefined> => {
  for (const place of parts.places) {
    const range = await new AnchorsAround(place, parts).around(position).catch(() => undefined);
    if (!range) continue;
    const leaves = await leavesIn(range, parts);
    const at = leaves.findIndex((leaf) => leaf.position === position);
    if (at < 0 || !(await isAsAnchored(range, parts))) continue;
    const before = frontierOf(range);
    const index = before.size + at;
    const way = inclusionOf(
      before,
      leaves.map(({ hash }) => hash),
      index,
    );
    return { index, way, note: range.end.note };
  }
  return undefined;
};
