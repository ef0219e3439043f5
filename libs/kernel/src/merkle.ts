import { hash } from 'node:crypto';
import { assert } from './errors';

/** SHA-256 as 32 characters, one per byte: cheaper to make, keep and compare than a Buffer. */
export type Digest = string;

export const DIGEST_BYTES = 32;

/** What is hashed for a leaf never equals what is hashed for two nodes (RFC 6962, 2.1). */
const [LEAF, NODE] = ['\0', 1];

export const leafDigest = (content: string): Digest => hash('sha256', LEAF + content, 'binary');

const pair = Buffer.alloc(1 + 2 * DIGEST_BYTES, NODE);

export const nodeDigest = (left: Digest, right: Digest): Digest => {
  pair.write(left, 1, 'latin1');
  pair.write(right, 1 + DIGEST_BYTES, 'latin1');
  return hash('sha256', pair, 'binary');
};

/** A Merkle tree over leaves, as in RFC 6962: its root, and the proof that a leaf is in it. */
export interface MerkleTree {
  readonly root: Digest;
  /** The siblings on the way from a leaf to the root, from below. */
  proofOf(index: number): readonly Digest[];
}

export const merkleTree = (leaves: readonly Digest[]): MerkleTree => {
  assert(leaves.length > 0, 'a tree has a leaf');
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, index) => {
      const [left, right] = [below[2 * index]!, below[2 * index + 1]];
      // The last of an odd level goes up as it is.
      return right === undefined ? left : nodeDigest(left, right);
    });
  }
  return {
    root: levels.at(-1)![0]!,
    proofOf: (index) =>
      levels.slice(0, -1).flatMap((level, height) => {
        const sibling = level[(index >> height) ^ 1];
        return sibling === undefined ? [] : [sibling];
      }),
  };
};

/** Where a leaf is said to be, and what is said to stand beside its way to the root. */
export interface Inclusion {
  readonly leaf: Digest;
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  readonly proof: readonly Digest[];
}

/** Of a log's positions, which outgrow 32 bits. */
const half = (whole: number): number => Math.floor(whole / 2);

/**
 * The nodes from the leaf to the root that the proof leads to (RFC 9162, 2.1.3.2), the leaf first;
 * undefined for a proof that fits no tree of that size.
 */
export const wayToRoot = ({ leaf, index, size, proof }: Inclusion): Digest[] | undefined => {
  if (index >= size) return undefined;
  const way = [leaf];
  let used = 0;
  for (let at = index, last = size - 1; last > 0; at = half(at), last = half(last)) {
    if (at === last && at % 2 === 0) continue;
    const sibling = proof[used];
    if (sibling?.length !== DIGEST_BYTES) return undefined;
    used += 1;
    const node = way.at(-1)!;
    way.push(at % 2 === 0 ? nodeDigest(node, sibling) : nodeDigest(sibling, node));
  }
  return used === proof.length ? way : undefined;
};
