import fc from 'fast-check';
import { type Decider, fold } from '.';

const counter: Decider<number, 'add', number> = {
  initial: 0,
  decide: () => [1],
  evolve: (state, event) => state * 31 + event,
};

test('nothing folds to the initial state', () => expect(fold(counter, [])).toBe(0));

test('folding the rest from where the beginning ended is folding all, so a state may be kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }),
      fc.nat(8),
      (events, at) => {
        expect(fold(counter, events.slice(at), fold(counter, events.slice(0, at)))).toBe(
          fold(counter, events),
        );
      },
    ),
  );
});

test('folds in order, from any iterable, without changing it', () => {
  const events = new Set([1, 2, 3]);
  expect(fold(counter, events)).toBe((1 * 31 + 2) * 31 + 3);
  expect([...events]).toEqual([1, 2, 3]);
});
