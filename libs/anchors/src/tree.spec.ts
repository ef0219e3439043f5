import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Frontier, inclusionOf, leafHash, rootFrom } from './tree';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sha256 = (...parts: Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962 §2.1, word by word. */
const rootOf = (leaves: readonly Buffer[]): Buffer => {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(hex('00'), leaves[0]!);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(hex('01'), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
};
const leavesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`));
const grown = (leaves: readonly Buffer[]): Frontier => {
  const frontier = Frontier.empty();
  for (const leaf of leaves) frontier.push(leaf);
  return frontier;
};

test('the root of the published test vectors of Certificate Transparency comes out', () => {
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map(hex);
  expect(grown(leaves).root().toString('hex')).toBe(
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  );
  expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

test('a frontier that grows entry by entry has the root of the whole tree, and as many hashes as it has bits', () => {
  for (let count = 0; count <= 70; count += 1) {
    const leaves = leavesOf(count);
    const frontier = grown(leaves);
    expect(frontier.root()).toEqual(rootOf(leaves));
    expect(frontier.nodes).toHaveLength(count.toString(2).replaceAll('0', '').length);
    expect(Frontier.of(count, frontier.nodes)?.root()).toEqual(rootOf(leaves));
    expect(Frontier.of(count, [...frontier.nodes, Buffer.alloc(32)])).toBeUndefined();
  }
});

test('each entry behind a frontier is proven to be in the tree, and no other one by the same way', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 40 }), fc.nat(), (known, added, pick) => {
      const leaves = leavesOf(known + added);
      const size = leaves.length;
      const index = known + (pick % added);
      const way = inclusionOf(grown(leaves.slice(0, known)), leaves.slice(known), index);
      const place = { index, size };
      expect(rootFrom(leaves[index]!, place, way)).toEqual(rootOf(leaves));
      expect(rootFrom(Buffer.from('another'), place, way)).not.toEqual(rootOf(leaves));
      expect(rootFrom(leaves[index]!, place, [...way, way[0] ?? leaves[0]!])).toBeUndefined();
      if (size > 1) {
        const beside = { index: index === 0 ? 1 : index - 1, size };
        expect(rootFrom(leaves[index]!, beside, way)).not.toEqual(rootOf(leaves));
      }
      expect(rootFrom(leaves[index]!, { index: size, size }, way)).toBeUndefined();
    }),
  );
});
