import { NoteRefused, type NoteSigner, type NoteVerifier, openNote, signNote } from './note';
import { Frontier } from './tree';

/** An entry of a log: its place, and the hash that stands for it. */
export interface Leaf {
  readonly position: bigint;
  readonly hash: Uint8Array;
}

/** What is said of a log at a time: so many entries, and the root of the tree over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** When it was signed, where its log says so. */
  readonly at?: Date | undefined;
}

/** A checkpoint that was signed, and what is kept beside it to go on from there. */
export interface Anchor extends Checkpoint {
  /** C2SP tlog-checkpoint in a signed note. */
  readonly note: string;
  readonly frontier: Frontier;
  /** The last entry, where it stands, and in which store. Unsigned: a hint of where to look. */
  readonly last: Leaf;
  readonly store: string;
}

const ROOT_BYTES = 32;

/** The text of a checkpoint (C2SP tlog-checkpoint). */
const bodyOf = ({ origin, size, root, at }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n${at ? `${at.toISOString()}\n` : ''}`;

/** Throws NoteRefused. */
export const openCheckpoint = (note: string, verifiers: readonly NoteVerifier[]): Checkpoint => {
  const [origin = '', count = '', encoded = '', time] = openNote(note, verifiers).split('\n');
  const [size, root] = [Number(count), Buffer.from(encoded, 'base64')];
  if (!/^(0|[1-9]\d*)$/.test(count) || !Number.isSafeInteger(size) || root.length !== ROOT_BYTES)
    throw new NoteRefused('the note is no checkpoint of a log');
  // Further lines are the log's own: ours has a time there.
  const at = new Date(time ?? '');
  return { origin, size, root, ...(!Number.isNaN(at.getTime()) && { at }) };
};

export const signAnchor = (
  { frontier, last, store, at }: Pick<Anchor, 'frontier' | 'last' | 'store' | 'at'>,
  signer: NoteSigner,
): Anchor => {
  const checkpoint = {
    ...(at && { at }),
    origin: signer.verifier.name,
    size: frontier.size,
    root: frontier.root(),
  };
  const note = signNote(bodyOf(checkpoint), signer);
  return { ...checkpoint, note, frontier: frontier.copy(), last, store };
};

/** An anchor as one line of a file. */
export const lineOf = ({ note, frontier, last, store }: Anchor): string =>
  JSON.stringify({
    note,
    store,
    position: last.position.toString(),
    last: Buffer.from(last.hash).toString('base64'),
    frontier: frontier.nodes.map((node) => node.toString('base64')),
  });

interface Line {
  readonly note: string;
  readonly store: string;
  readonly position: string;
  readonly last: string;
  readonly frontier: readonly string[];
}

/** Throws NoteRefused, also where what is beside the note does not fit it. */
export const readAnchor = (line: string, verifiers: readonly NoteVerifier[]): Anchor => {
  const given = parsed(line);
  const checkpoint = openCheckpoint(given.note, verifiers);
  const nodes = given.frontier.map((node) => Buffer.from(node, 'base64'));
  const frontier = Frontier.of(checkpoint.size, nodes);
  if (!frontier?.root().equals(checkpoint.root))
    throw new NoteRefused('what stands beside the note does not fit it');
  const last = { position: BigInt(given.position), hash: Buffer.from(given.last, 'base64') };
  return { ...checkpoint, note: given.note, frontier, last, store: given.store };
};

const parsed = (line: string): Line => {
  try {
    const value = JSON.parse(line) as Partial<Line>;
    const texts = [value.note, value.store, value.last];
    const isWhole =
      texts.every((text) => typeof text === 'string') &&
      /^\d{1,19}$/.test(String(value.position)) &&
      Array.isArray(value.frontier);
    if (isWhole) return value as Line;
  } catch {
    // Said below.
  }
  throw new NoteRefused('the line cannot be read');
};
