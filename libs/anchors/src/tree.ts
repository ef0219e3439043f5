import { hash } from 'node:crypto';
import { assert, wayToRoot } from '@caretab/kernel';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  hash('sha256', Buffer.concat(parts), 'buffer');

/** The Merkle tree of RFC 6962: SHA-256, with a byte before that says leaf or node. */
export const leafHash = (leaf: Uint8Array): Buffer => sha256(LEAF, leaf);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);

/** Of a whole number above 1: the largest power of two below it. */
const splitOf = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

const bitsOf = (size: number): number => {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
};

/**
 * The right edge of a tree: the roots of its complete subtrees, the largest first. It is all that is
 * needed to go on, and as many hashes as the size has bits that are 1.
 */
export class Frontier {
  private constructor(
    private count: number,
    private readonly roots: Buffer[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** Undefined where so many roots are no tree of this size. */
  static of(size: number, roots: readonly Buffer[]): Frontier | undefined {
    const isOne = Number.isSafeInteger(size) && size >= 0 && bitsOf(size) === roots.length;
    return isOne ? new Frontier(size, [...roots]) : undefined;
  }

  get size(): number {
    return this.count;
  }

  get nodes(): readonly Buffer[] {
    return this.roots;
  }

  copy(): Frontier {
    return new Frontier(this.count, [...this.roots]);
  }

  push(leaf: Uint8Array): void {
    let node = leafHash(leaf);
    for (let rest = this.count; rest % 2 === 1; rest = Math.floor(rest / 2))
      node = nodeHash(this.roots.pop()!, node);
    this.roots.push(node);
    this.count += 1;
  }

  root(): Buffer {
    const [last, ...left] = [...this.roots].reverse();
    return left.reduce((right, node) => nodeHash(node, right), last ?? sha256());
  }
}

/** The hashes beside the way from a leaf to the root, the lowest first. */
export type Inclusion = readonly Buffer[];

/**
 * Proves that a leaf is in the tree that a frontier and the leaves after it make. The leaf is among
 * those: what lies left of its way is in the frontier.
 */
export const inclusionOf = (
  before: Frontier,
  leaves: readonly Uint8Array[],
  index: number,
): Inclusion => {
  const size = before.size + leaves.length;
  assert(index >= before.size && index < size, 'the leaf is behind the frontier');
  const complete = new Map<string, Buffer>();
  let start = 0;
  for (const node of before.nodes) {
    let width = 1;
    while (width * 2 <= before.size - start) width *= 2;
    complete.set(`${start}-${start + width}`, node);
    start += width;
  }
  const rootOf = (from: number, to: number): Buffer => {
    const known = complete.get(`${from}-${to}`);
    if (known) return known;
    if (to - from === 1) return leafHash(leaves[from - before.size]!);
    const middle = from + splitOf(to - from);
    return nodeHash(rootOf(from, middle), rootOf(middle, to));
  };
  const way: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    way.push(index < middle ? rootOf(middle, to) : rootOf(from, middle));
    if (index < middle) to = middle;
    else from = middle;
  }
  return way.reverse();
};

/** The root that a leaf at a place has with these hashes beside its way; undefined: they fit no tree. */
export const rootFrom = (
  leaf: Uint8Array,
  place: { readonly index: number; readonly size: number },
  way: Inclusion,
): Buffer | undefined => {
  const { index, size } = place;
  if (index < 0) return undefined;
  const proof = way.map((beside) => beside.toString('latin1'));
  const root = wayToRoot({ leaf: leafHash(leaf).toString('latin1'), index, size, proof })?.at(-1);
  return root === undefined ? undefined : Buffer.from(root, 'latin1');
};
