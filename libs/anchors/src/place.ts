import { type Anchor, lineOf, readAnchor } from './anchor';
import { NoteRefused, type NoteVerifier } from './note';

/**
 * Where anchors are kept, outside of the database of their log. Files of lines; a line is never
 * changed. Every call may fail: the place is away.
 */
export interface AnchorPlace {
  readonly name: string;
  /** In the order in which they were begun. */
  files(): Promise<readonly string[]>;
  /** The whole lines of a file, in order; what a failure cut off at the end is one, too. */
  lines(file: string): Promise<readonly string[]>;
  /** Puts a line behind the others, or begins the file; durable when it resolves. */
  append(file: string, line: string): Promise<void>;
}

/** A file is read as a whole. */
const LINES_MAX = 1_000;

/** Lines whose signatures are verified at once, from the end on: two processes may have written last. */
const LOOKED_AT = 4;

/** So that the names of files are in the order of the sizes with which they begin. */
const fileFrom = (size: number): string => `${String(size).padStart(20, '0')}.jsonl`;

/** Lines of a file as anchors in the order of their sizes, and those that are none. */
export interface ReadLines {
  readonly anchors: readonly Anchor[];
  /** Why a line is no anchor, and whether it is the last one. */
  readonly refused: readonly { readonly why: string; readonly isLast: boolean }[];
}

export const readLines = (
  lines: readonly string[],
  verifiers: readonly NoteVerifier[],
): ReadLines => {
  const anchors: Anchor[] = [];
  const refused: ReadLines['refused'][number][] = [];
  lines.forEach((line, index) => {
    try {
      anchors.push(readAnchor(line, verifiers));
    } catch (error) {
      if (!(error instanceof NoteRefused)) throw error;
      refused.push({ why: error.message, isLast: index === lines.length - 1 });
    }
  });
  return { anchors: anchors.sort((one, other) => one.size - other.size), refused };
};

export interface Tail {
  readonly newest: Anchor | undefined;
  /** The file that goes on, and how many lines it has. */
  readonly file: string | undefined;
  readonly lines: number;
}

/** The newest anchor of a place. */
export const tailOf = async (
  place: AnchorPlace,
  verifiers: readonly NoteVerifier[],
): Promise<Tail> => {
  const files = await place.files();
  const file = files.at(-1);
  let lines = 0;
  for (const each of [...files].reverse()) {
    const found = await place.lines(each);
    if (each === file) lines = found.length;
    for (let end = found.length; end > 0; end -= LOOKED_AT) {
      const newest = readLines(
        found.slice(Math.max(0, end - LOOKED_AT), end),
        verifiers,
      ).anchors.at(-1);
      if (newest) return { newest, file, lines };
    }
  }
  return { newest: undefined, file, lines };
};

/** Keeps an anchor behind the others of a place. */
export const keepAnchor = async (
  place: AnchorPlace,
  { file, lines }: Pick<Tail, 'file' | 'lines'>,
  anchor: Anchor,
): Promise<void> => {
  const goesOn = file !== undefined && lines < LINES_MAX;
  await place.append(goesOn ? file : fileFrom(anchor.size), lineOf(anchor));
};

/** The twin: what is in it is lost with it. */
export class MemoryPlace implements AnchorPlace {
  readonly kept = new Map<string, string[]>();
  /** The place is away. */
  isAway = false;

  constructor(readonly name: string) {}

  async files(): Promise<readonly string[]> {
    this.assertThere();
    return [...this.kept.keys()].sort();
  }

  async lines(file: string): Promise<readonly string[]> {
    this.assertThere();
    return [...(this.kept.get(file) ?? [])];
  }

  async append(file: string, line: string): Promise<void> {
    this.assertThere();
    this.kept.set(file, [...(this.kept.get(file) ?? []), line]);
  }

  private assertThere(): void {
    if (this.isAway) throw new Error('the place is away');
  }
}
