import type { Assignment } from 'kafkajs';
import * as fc from 'fast-check';
import { assignSticky } from './kafka-assigner';

const member = (id: string, topics: readonly string[] = ['visits'], owned: Assignment = {}) => ({
  id,
  topics,
  owned,
});
const sizeOf = (assignment: Assignment | undefined): number =>
  Object.values(assignment ?? {}).flat().length;

describe('the sticky assignment of partitions', () => {
  test('a newcomer takes its fair share and no more; the others keep the rest', () => {
    const assigned = assignSticky(new Map([['visits', 6]]), [
      member('a', ['visits'], { visits: [0, 1, 2] }),
      member('b', ['visits'], { visits: [3, 4, 5] }),
      member('c'),
    ]);
    expect(assigned.get('a')).toEqual({ visits: [0, 1] });
    expect(assigned.get('b')).toEqual({ visits: [3, 4] });
    expect(assigned.get('c')).toEqual({ visits: [2, 5] });
  });

  test('what a member leaves behind goes to the others, which keep all they had', () => {
    const assigned = assignSticky(new Map([['visits', 6]]), [
      member('a', ['visits'], { visits: [0, 1] }),
      member('b', ['visits'], { visits: [3, 4] }),
    ]);
    expect(assigned.get('a')!['visits']).toEqual(expect.arrayContaining([0, 1]));
    expect(assigned.get('b')!['visits']).toEqual(expect.arrayContaining([3, 4]));
  });

  test('a partition goes only to members that subscribed to its topic', () => {
    const assigned = assignSticky(
      new Map([
        ['visits', 4],
        ['payments', 2],
      ]),
      [member('old', ['visits']), member('new', ['visits', 'payments'])],
    );
    expect(assigned.get('old')!['payments']).toBeUndefined();
    expect(assigned.get('new')!['payments']).toEqual([0, 1]);
  });

  test(
    'whatever members claim, every partition has exactly one owner and the shares ' +
      'of a topic differ by one at most',
    () => {
      const claims = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 14 })), {
        minLength: 1,
        maxLength: 6,
      });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 12 }), claims, (partitions, owned) => {
          const assigned = assignSticky(
            new Map([['visits', partitions]]),
            owned.map((visits, index) => member(`m${index}`, ['visits'], { visits })),
          );
          const all = [...assigned.values()]
            .flatMap((share) => share['visits'] ?? [])
            .sort((a, b) => a - b);
          expect(all).toEqual(Array.from({ length: partitions }, (_, partition) => partition));
          const sizes = [...assigned.values()].map(sizeOf);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }),
      );
    },
  );

  test('an assignment that is balanced stays as it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        (partitions, count) => {
          const ids = Array.from({ length: count }, (_, index) => member(`m${index}`));
          const once = assignSticky(new Map([['visits', partitions]]), ids);
          const again = assignSticky(
            new Map([['visits', partitions]]),
            ids.map(({ id }) => member(id, ['visits'], once.get(id))),
          );
          for (const [id, share] of once)
            expect([...(again.get(id)!['visits'] ?? [])].sort()).toEqual(
              [...(share['visits'] ?? [])].sort(),
            );
        },
      ),
    );
  });
});
