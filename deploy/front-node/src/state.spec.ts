import fc from 'fast-check';
import { type Entry, State } from './state';

const NOW = new Date('2026-03-02T00:00:00Z');
const AT = '2026-03-01T00:00:00.000Z';
const keys = fc.constantFrom('k1', 'k2', 'k3');
const ids = fc.constantFrom('r1', 'r2');
const answer = { at: AT, status: 409, body: { code: 'VISIT_CONFLICT' } };
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    ...{ type: fc.constant('taken' as const), key: keys, visit: keys, body: fc.string() },
    ...{ path: fc.constant('/v1/visits'), contentHash: fc.constant('h'), at: fc.constant(AT) },
  }),
  keys.map((key) => ({ type: 'forwarded' as const, key, ...answer, status: 202 })),
  fc
    .tuple(keys, fc.boolean())
    .map(([key, noticed]) => ({ type: 'refused' as const, key, noticed, ...answer })),
  keys.map((key) => ({ type: 'noticed' as const, key })),
  ids.map((id) => ({ type: 'read' as const, id, code: 'c', readAt: AT })),
  ids.map((id) => ({ type: 'read-for' as const, id, visitNumber: 'V', openedBy: 'k1' })),
  ids.map((id) => ({ type: 'read-known' as const, id, personId: 'p' })),
  ids.map((id) => ({ type: 'read-refused' as const, id, ...answer })),
  fc.constant({ type: 'clock' as const, offsetMs: 5, measuredAt: AT }),
);
const stateOf = (entries: readonly Entry[]): State => {
  const state = new State();
  for (const one of entries) state.apply(one);
  return state;
};
/** A code is read once; a notice is of what was refused. */
const possible = (entries: readonly Entry[]): readonly Entry[] => {
  const state = new State();
  return entries.filter((one) => {
    const isPossible =
      (one.type !== 'read' || !state.reads.has(one.id)) &&
      (one.type !== 'taken' ||
        ['refused', undefined].includes(state.messages.get(one.key)?.state)) &&
      (!['forwarded', 'refused'].includes(one.type) ||
        state.messages.get((one as { key: string }).key)?.state === 'waiting') &&
      (one.type !== 'noticed' || state.messages.get(one.key)?.state === 'refused') &&
      (!one.type.startsWith('read-') ||
        state.reads.get((one as { id: string }).id)?.state === 'pending');
    if (isPossible) state.apply(one);
    return isPossible;
  });
};

test('what is written again makes the same node again', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const state = stateOf(possible(entries));
      const again = stateOf(state.entries(NOW));
      expect([...again.messages]).toEqual([...state.messages]);
      expect([...again.reads]).toEqual([...state.reads]);
      expect([again.clock, again.counts, again.heldBytes]).toEqual([
        state.clock,
        state.counts,
        state.heldBytes,
      ]);
    }),
  );
});

test('what is over goes after a week, what was refused stays, and a read for a day more', () => {
  const sent = { visit: 'V', path: '/v1/visits', body: 1, contentHash: 'h', at: AT };
  const state = stateOf([
    { type: 'taken', key: 'done', ...sent },
    { type: 'forwarded', key: 'done', ...answer, status: 202 },
    { type: 'taken', key: 'refused', ...sent },
    { type: 'refused', key: 'refused', noticed: true, ...answer },
    { type: 'taken', key: 'waits', ...sent },
    { type: 'read', id: 'r', code: 'c', readAt: AT },
    { type: 'read-known', id: 'r' },
  ]);
  const kept = (days: number) =>
    stateOf(state.entries(new Date(Date.parse(AT) + days * 86_400_000)));
  expect([...kept(6).messages.keys()]).toEqual(['done', 'refused', 'waits']);
  expect([...kept(8).messages.keys()]).toEqual(['refused', 'waits']);
  expect([kept(7).reads.size, kept(9).reads.size]).toEqual([1, 0]);
});
