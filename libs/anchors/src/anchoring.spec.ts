import { createHash } from 'node:crypto';
import { type Anchor, type Leaf, openCheckpoint } from './anchor';
import { AnchorContradicted, type AnchoredLog, Anchoring } from './anchoring';
import { compareAll, type ComparisonParts } from './comparison';
import { signerOf } from './note';
import { MemoryPlace } from './place';
import { compareAt, proveInclusion } from './ranges';
import { rootFrom } from './tree';

const { signer } = signerOf('caretab/test', Buffer.alloc(32, 1));
const FILE = '00000000000000000003.jsonl';

/** A log whose owner can do anything to it. */
class Log implements AnchoredLog {
  leaves: Leaf[] = [];
  positions: AnchoredLog['positions'] = 'growing';
  /** Pages that were read, by the position from which on. */
  readonly reads: bigint[] = [];

  grow(count: number): void {
    const step = this.positions === 'gapless' ? 1n : 10n;
    for (let added = 0; added < count; added += 1) {
      const position = (this.leaves.at(-1)?.position ?? 0n) + step;
      this.leaves.push({ position, hash: hashOf(`entry at ${position}`) });
    }
  }

  alter(index: number): void {
    const { position } = this.leaves[index]!;
    this.leaves[index] = { position, hash: hashOf(`altered ${position}`) };
  }

  async *entries(from: bigint): AsyncGenerator<readonly Leaf[]> {
    this.reads.push(from);
    const wanted = this.leaves.filter(({ position }) => position >= from);
    for (let at = 0; at < wanted.length; at += 4) yield wanted.slice(at, at + 4);
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const world = (log = new Log(), places = [new MemoryPlace('one'), new MemoryPlace('two')]) => {
  const published: Anchor[] = [];
  const clock = { now: 0 };
  const parts = { log, store: 'twin', places, signer, verifiers: [signer.verifier] };
  const start = (more: Partial<ConstructorParameters<typeof Anchoring>[0]> = {}): Anchoring =>
    new Anchoring({
      ...parts,
      leads: () => true,
      publish: async (anchor) => void published.push(anchor),
      elapsedMs: () => clock.now,
      ...more,
    });
  const compared = (more: Partial<ComparisonParts> = {}) => compareAll({ ...parts, ...more });
  return { log, places, published, clock, parts, start, compared };
};

/** Three anchors, of 3, 7 and 12 entries. */
const anchored = async () => {
  const made = world();
  const anchoring = made.start();
  for (const count of [3, 4, 5]) {
    made.log.grow(count);
    await anchoring.runOnce();
  }
  return { ...made, anchoring };
};
const sizesIn = (place: MemoryPlace): number[] =>
  [...place.kept.values()]
    .flat()
    .map((line) => Number((JSON.parse(line) as { note: string }).note.split('\n')[1]));

test('what is new is anchored in every place and handed on; a log that did not grow is not', async () => {
  const { anchoring, places, published, compared, log } = await anchored();
  await anchoring.runOnce();
  for (const place of places) expect(sizesIn(place)).toEqual([3, 7, 12]);
  expect(published.map(({ size }) => size)).toEqual([3, 7, 12]);
  expect(openCheckpoint(published[1]!.note, [signer.verifier])).toMatchObject({
    origin: 'caretab/test',
    size: 7,
  });
  log.grow(2);
  expect(await compared()).toEqual({
    anchored: 12,
    places: [
      { place: 'one', size: 12 },
      { place: 'two', size: 12 },
    ],
    faults: [],
  });
});

test('a process that starts goes on from what is kept, and reads only what is new', async () => {
  const { log, places, start, compared } = await anchored();
  log.grow(2);
  log.reads.length = 0;
  await start().runOnce();
  expect(log.reads).toEqual([120n]);
  expect(sizesIn(places[0]!)).toEqual([3, 7, 12, 14]);
  expect((await compared()).faults).toEqual([]);
});

test('a log that was there before is anchored in parts, so that a proof reads a part of it', async () => {
  const { log, places, start, parts } = world();
  log.grow(25_000);
  await start().runOnce();
  expect(sizesIn(places[0]!)).toEqual([10_000, 20_000, 25_000]);
  log.reads.length = 0;
  expect((await compareAt([150_000n], parts)).faults).toEqual([]);
  expect(log.reads).toEqual([100_000n]);
});

test('a process that does not lead anchors nothing', async () => {
  const { log, places, start } = world();
  log.grow(3);
  const standby = start({ leads: () => false });
  await standby.runOnce();
  expect(places[0]!.kept.size).toBe(0);
  expect(standby.ageMs()).toBeUndefined();
});

test('an entry that was rewritten is found between two anchors, in every place, and hides no other', async () => {
  const { log, compared, parts } = await anchored();
  log.alter(4);
  const found = (place: string) => ({
    ...{ kind: 'rewritten', place, size: 7, after: 30n, upTo: 70n },
  });
  expect((await compared()).faults).toEqual([found('one'), found('two')]);
  expect((await compareAt([50n], parts)).faults).toEqual([found('one'), found('two')]);
  // An entry of another time is as it was.
  expect((await compareAt([20n, 80n], parts)).faults).toEqual([]);
  log.alter(0);
  expect((await compared()).faults.map(({ size }) => size)).toEqual([3, 3, 7, 7]);
});

test.each([
  ['taken out', (log: Log) => log.leaves.splice(4, 1)],
  ['put in between', (log: Log) => log.leaves.splice(4, 0, { position: 45n, hash: hashOf('new') })],
  ['the last before an anchor, and altered', (log: Log) => log.alter(6)],
])('an entry that was %s is found where it was', async (_what, meddle) => {
  const { log, compared } = await anchored();
  meddle(log);
  expect((await compared()).faults.map(({ kind, size }) => [kind, size])).toEqual([
    ['rewritten', 7],
    ['rewritten', 7],
  ]);
});

test('a log that ends before an anchor is found, and nothing more is signed', async () => {
  const { log, compared, start, places } = await anchored();
  log.leaves.length = 9;
  expect((await compared()).faults).toEqual([
    { kind: 'shorter', place: 'one', size: 12, after: 70n, upTo: 120n },
    { kind: 'shorter', place: 'two', size: 12, after: 70n, upTo: 120n },
  ]);
  log.grow(9);
  log.alter(11);
  const anchoring = start();
  await expect(anchoring.runOnce()).rejects.toThrow(AnchorContradicted);
  expect(anchoring.faults()).toEqual([expect.stringContaining('the anchor of 12 entries')]);
  expect(sizesIn(places[0]!)).toEqual([3, 7, 12]);
});

test('what is behind entries that were taken out is anchored once they are back, what is before at once', async () => {
  const { log, compared, start, places } = world();
  log.positions = 'gapless';
  log.grow(4);
  const anchoring = start();
  await anchoring.runOnce();
  log.grow(6);
  const taken = log.leaves.splice(6, 2);
  const why = 'entries between 6 and 9 are missing: nothing behind them is anchored';
  for (const process of [anchoring, start()]) {
    await expect(process.runOnce()).rejects.toThrow(why);
    expect(process.faults()).toEqual([why]);
  }
  expect(sizesIn(places[0]!)).toEqual([4, 6]);
  log.leaves.splice(6, 0, ...taken);
  await anchoring.runOnce();
  expect(anchoring.faults()).toEqual([]);
  expect(sizesIn(places[0]!)).toEqual([4, 6, 10]);
  expect((await compared()).faults).toEqual([]);
});

test('a log that begins behind its first entry is anchored nowhere', async () => {
  const { log, start, places } = world();
  log.positions = 'gapless';
  log.grow(4);
  log.leaves.shift();
  await expect(start().runOnce()).rejects.toThrow('entries between 0 and 2 are missing');
  expect(places[0]!.kept.size).toBe(0);
});

test('a place that lost its newest anchors is found, also where both did while the process lives', async () => {
  const { places, compared, anchoring } = await anchored();
  const cut = (place: MemoryPlace): void =>
    void place.kept.set(FILE, place.kept.get(FILE)!.slice(0, 2));
  cut(places[0]!);
  const behind = (place: string) => ({
    ...{ kind: 'behind', place, size: 12, after: null, upTo: null },
  });
  expect((await compared()).faults).toEqual([behind('one')]);
  cut(places[1]!);
  expect((await compared()).faults).toEqual([]);
  const remembered = (): Anchor | undefined => anchoring.remembered;
  expect((await compared({ remembered })).faults).toEqual([behind('one'), behind('two')]);
});

test('what another key signed, and a line that was cut, is found', async () => {
  const { places, compared, parts } = await anchored();
  const { signer: thief } = signerOf('caretab/test', Buffer.alloc(32, 2));
  const forged = world(new Log(), [new MemoryPlace('forged')]);
  forged.log.grow(12);
  await forged.start({ signer: thief, verifiers: [thief.verifier] }).runOnce();
  places[0]!.kept.set(FILE, [...forged.places[0]!.kept.values()].flat());
  const lines = places[1]!.kept.get(FILE)!;
  places[1]!.kept.set(FILE, [...lines.slice(0, 2), lines[2]!.slice(0, 80)]);
  const found = (await compared()).faults.map(({ kind, place }) => `${kind} ${place}`);
  expect(found).toEqual(['behind one', 'refused one', 'refused two']);
  expect((await compareAt([10n], parts)).faults).toContainEqual(
    expect.objectContaining({ kind: 'refused', place: 'one' }),
  );
});

test('two anchors that contradict each other are found, and nothing more is signed', async () => {
  const { places, compared, start } = await anchored();
  const other = world(new Log(), [new MemoryPlace('other')]);
  other.log.grow(12);
  other.log.alter(9);
  await other.start().runOnce();
  places[1]!.kept.set('00000000000000000012.jsonl', [...other.places[0]!.kept.values()].flat());
  const found = (await compared()).faults.map(
    ({ kind, place, size }) => `${kind} ${place} ${size}`,
  );
  expect(found).toEqual(['fork two 12', 'rewritten two 12']);
  await expect(start().runOnce()).rejects.toThrow(AnchorContradicted);
});

test('a place that is away is said, the others are written, and it goes on when it is back', async () => {
  const { log, places, compared, anchoring, clock } = await anchored();
  places[0]!.isAway = true;
  log.grow(1);
  clock.now = 60_000;
  await anchoring.runOnce();
  expect(anchoring.faults()).toEqual(['one: the place is away']);
  expect(anchoring.ageMs()).toBe(60_000);
  expect((await compared()).faults).toEqual([
    { kind: 'away', place: 'one', size: null, after: null, upTo: null },
  ]);
  places[0]!.isAway = false;
  expect((await compared()).faults.map(({ kind }) => kind)).toEqual(['behind']);
  log.grow(1);
  await anchoring.runOnce();
  expect(anchoring.faults()).toEqual([]);
  expect(anchoring.ageMs()).toBe(0);
  expect((await compared()).faults).toEqual([]);
  expect(sizesIn(places[0]!)).toEqual([3, 7, 12, 14]);
});

test('a ledger that was moved to another store keeps its anchors, though its entries stand elsewhere', async () => {
  const { log, start, parts, compared } = await anchored();
  log.leaves = log.leaves.map(({ hash }, index) => ({ position: BigInt(index + 1), hash }));
  log.grow(2);
  const moved = { store: 'another' };
  await start(moved).runOnce();
  expect(await compared(moved)).toMatchObject({ anchored: 14, faults: [] });
  expect((await compareAt([5n], { ...parts, ...moved })).faults).toEqual([]);
  log.alter(4);
  expect((await compareAt([5n], { ...parts, ...moved })).faults).toMatchObject([
    { kind: 'rewritten', size: 7, place: 'one' },
    { kind: 'rewritten', size: 7, place: 'two' },
  ]);
  await expect(start({ store: 'a third' }).runOnce()).rejects.toThrow(AnchorContradicted);
});

test('one entry is proven with the key alone, once an anchor covers it', async () => {
  const { log, parts } = await anchored();
  log.grow(1);
  for (const { position, hash } of log.leaves.slice(0, 12)) {
    const { index, way, note } = (await proveInclusion(position, parts))!;
    const { size, root } = openCheckpoint(note, [signer.verifier]);
    expect(rootFrom(hash, { index, size }, way)).toEqual(root);
  }
  expect(await proveInclusion(130n, parts)).toBeUndefined();
  log.alter(4);
  expect(await proveInclusion(60n, parts)).toBeUndefined();
});

describe('a log that forgets its beginning', () => {
  const DAY_MS = 86_400_000;
  const at = (day: number): Date => new Date(day * DAY_MS);
  /** Three anchors, of 3, 7 and 12 entries, signed on days 1, 2 and 3. */
  const daily = async () => {
    const made = world();
    made.log.positions = 'gapless';
    let day = 0;
    const anchoring = made.start({ now: () => at(day) });
    for (const count of [3, 4, 5]) {
      day += 1;
      made.log.grow(count);
      await anchoring.runOnce();
    }
    const forget = (count: number, forgottenUntil: Date) => {
      made.log.leaves = made.log.leaves.slice(count);
      const keptFrom = made.log.leaves[0]!.position;
      return made.compared({ keptFrom, forgottenUntil });
    };
    return { ...made, forget };
  };

  test('what is left is compared, whether the cut lies at an anchor or between two', async () => {
    for (const count of [3, 5]) {
      const { forget, log } = await daily();
      const kept = await forget(count, at(2));
      expect(kept.faults).toEqual([]);
      log.alter(log.leaves.length - 1);
      expect((await forget(0, at(2))).faults).toMatchObject([
        { kind: 'rewritten', place: 'one', size: 12 },
        { kind: 'rewritten', place: 'two', size: 12 },
      ]);
    }
  });

  test('what it forgot too early is found by the time of the anchors', async () => {
    const { forget } = await daily();
    expect((await forget(7, at(1))).faults).toMatchObject([
      { kind: 'forgotten', place: 'one', size: 7 },
      { kind: 'forgotten', place: 'two', size: 7 },
    ]);
  });
});
