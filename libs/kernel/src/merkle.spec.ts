import { createHash } from 'node:crypto';
import { leafDigest, merkleTree, nodeDigest, wayToRoot } from './merkle';

const leaves = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => leafDigest(`message ${index}`));

/** RFC 6962, 2.1, as it is written there: divided at the largest power of two below the size. */
const asDefined = (contents: readonly string[]): Buffer => {
  const sha256 = (...parts: readonly (string | Buffer)[]): Buffer =>
    parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest();
  if (contents.length === 1) return sha256(Buffer.of(0), contents[0]!);
  const at = 2 ** Math.ceil(Math.log2(contents.length) - 1);
  return sha256(Buffer.of(1), asDefined(contents.slice(0, at)), asDefined(contents.slice(at)));
};

describe('a tree of messages', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 20, 33])('of %i has the root that RFC 6962 defines', (count) => {
    const contents = Array.from({ length: count }, (_, index) => `message ${index}`);
    expect(Buffer.from(merkleTree(leaves(count)).root, 'latin1')).toEqual(asDefined(contents));
  });

  test.each([1, 2, 3, 5, 8, 20, 33])('of %i proves each of its leaves', (size) => {
    const all = leaves(size);
    const { root, proofOf } = merkleTree(all);
    for (const [index, leaf] of all.entries())
      expect(wayToRoot({ leaf, index, size, proof: proofOf(index) })?.at(-1)).toBe(root);
  });

  test('proves no other leaf, place, size or path', () => {
    const all = leaves(5);
    const { root, proofOf } = merkleTree(all);
    const sound = { leaf: all[2]!, index: 2, size: 5, proof: proofOf(2) };
    const ends = (change: object): string | undefined => wayToRoot({ ...sound, ...change })?.at(-1);
    expect(ends({})).toBe(root);
    for (const change of [
      { leaf: leafDigest('another') },
      { index: 3 },
      { index: 5 },
      { size: 2 },
      { proof: sound.proof.slice(1) },
      { proof: [...sound.proof, all[0]!] },
      { proof: [...sound.proof].reverse() },
      { proof: sound.proof.map((node) => node.slice(1)) },
    ])
      expect(ends(change)).not.toBe(root);
  });

  test('takes two nodes for no leaf', () => {
    const [left, right] = leaves(2) as [string, string];
    expect(leafDigest(left + right)).not.toBe(nodeDigest(left, right));
  });
});
