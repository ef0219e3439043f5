import fc from 'fast-check';
import type { RecordedEvent } from './event-store';
import { RecentEvents, type Sized } from './recent-events';

const sized = (position: number, bytes = 10): Sized => ({
  event: {
    stream: 's',
    revision: position,
    position: BigInt(position),
    id: `e${position}`,
    type: 'T',
    data: {},
    metadata: {},
    recordedAt: new Date(0),
  } as RecordedEvent,
  bytes,
});
const positions = (events: readonly RecordedEvent[] | undefined): number[] | undefined =>
  events?.map(({ position }) => Number(position));
const stretch = (from: number, to: number): Sized[] =>
  Array.from({ length: to - from + 1 }, (_, index) => sized(from + index));

test('of another log nothing is remembered: what is read next begins a stretch of its own', () => {
  const recent = new RecentEvents({ countMax: 10, bytesMax: 10_000 });
  recent.add(
    0n,
    [1, 2, 3].map((position) => sized(position)),
  );
  recent.clear();
  expect(recent.read(0n, 5)).toBeUndefined();
  recent.add(
    0n,
    [1, 2].map((position) => sized(position)),
  );
  expect(positions(recent.read(0n, 5))).toEqual([1, 2]);
});

test('a follower close behind is given what another one read', () => {
  const recent = new RecentEvents({ countMax: 100, bytesMax: 10_000 });
  recent.add(0n, stretch(1, 5));
  recent.add(5n, stretch(6, 9));
  expect(positions(recent.read(0n, 100))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(positions(recent.read(3n, 2))).toEqual([4, 5]);
});

test('who is at the end, or behind what is kept, asks the log', () => {
  const recent = new RecentEvents({ countMax: 4, bytesMax: 10_000 });
  expect(recent.read(0n, 10)).toBeUndefined();
  recent.add(0n, stretch(1, 6));
  expect(recent.read(1n, 10)).toBeUndefined();
  expect(positions(recent.read(2n, 10))).toEqual([3, 4, 5, 6]);
  expect(recent.read(6n, 10)).toBeUndefined();
});

test('large events push older ones out, and the largest is not kept at all', () => {
  const recent = new RecentEvents({ countMax: 100, bytesMax: 25 });
  recent.add(0n, stretch(1, 3));
  expect(positions(recent.read(1n, 10))).toEqual([2, 3]);
  recent.add(3n, [sized(4, 1000)]);
  expect(recent.read(3n, 10)).toBeUndefined();
  recent.add(4n, [sized(5)]);
  expect(positions(recent.read(4n, 10))).toEqual([5]);
});

test('whatever is read in whatever order, nobody is ever given a stretch with a hole', () => {
  const read = fc.record({
    after: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(
      fc.array(read, { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      (reads, countMax) => {
        // A log with gaps: every third position does not exist.
        const log = Array.from({ length: 60 }, (_, index) => index + 1).filter(
          (position) => position % 3 !== 0,
        );
        const after = (position: number, count: number): number[] =>
          log.filter((one) => one > position).slice(0, count);
        const recent = new RecentEvents({ countMax, bytesMax: 10_000 });
        for (const { after: from, count } of reads) {
          const known = positions(recent.read(BigInt(from), count));
          if (known === undefined)
            recent.add(
              BigInt(from),
              after(from, count).map((position) => sized(position)),
            );
          else expect(known).toEqual(after(from, known.length));
          if (known !== undefined) expect(known.length).toBeGreaterThan(0);
        }
      },
    ),
  );
});
