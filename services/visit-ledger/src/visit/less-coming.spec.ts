import fc from 'fast-check';
import { after, at, authorize, charge, cover, end, post, ref, start } from '../../test/one-visit';
import { publicOf } from './public-events';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { evolveAll } from './visit-evolve';
import type { OpenedVisit } from './visit-state';

const DAY_MS = 86_400_000;
const says = (holdMaxFen: number, moment = at): VisitCommand => ({
  type: 'UpdateVisit',
  data: { personId: ref.personId, holdMaxFen, updatedAt: moment },
});
const opened = [start, authorize(30_000), cover, post(charge('C1', 2_000))];
const typesOf = (facts: readonly VisitEvent[]) => facts.map(({ type }) => type);
const stateOf = (facts: readonly VisitEvent[]) => evolveAll(visit.initial, facts) as OpenedVisit;
const later = (ms: number): string => new Date(Date.parse(at) + ms).toISOString();

test('where less is coming the hold is lowered at once, and others hear how much is left', () => {
  const facts = after(...opened, says(5_000));
  expect(publicOf(facts.at(-1)!)).toMatchObject({ type: 'HoldLowered', data: { heldFen: 5_000 } });
  expect(stateOf(facts).heldFen).toBe(5_000);
});

test('never below what is decided, never up, and of an earlier report nothing', () => {
  const state = stateOf(after(...opened, says(0, later(1_000))));
  expect(state.heldFen).toBe(2_000);
  for (const again of [says(0, later(1_000)), says(0, later(500)), says(90_000, later(2_000))])
    expect(visit.decide(again, state)).toEqual([]);
});

test('an increase that is out counts no more; the charge that waits asks anew', () => {
  const facts = after(...opened, post(charge('C2', 40_000)), says(2_500, later(1_000)));
  const asked = facts.filter(({ type }) => type === 'HoldIncreaseRequested');
  expect(asked).toHaveLength(2);
  const [first] = asked;
  const { requestId } = first!.data as { requestId: string };
  const answer = { type: 'RecordIncrease' as const, data: { requestId, heldFen: 60_000 } };
  expect(visit.decide(answer, stateOf(facts))).toEqual([]);
  expect(stateOf(facts).heldFen).toBe(2_500);
});

test('a visit without a hold, or that is over, has nothing to lower', () => {
  expect(typesOf(after(start, cover, says(100)))).not.toContain('HoldLowered');
  const over = stateOf(after(...opened, end));
  expect(visit.decide(says(0, later(1_000)), over)).toEqual([]);
});

test('whatever is charged and lowered, what is on the tab stays within the hold', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40_000), fc.boolean()), { maxLength: 12 }), (steps) => {
      const commands = steps.map(([fen, lowers], index) =>
        lowers ? says(fen, later(index * DAY_MS)) : post(charge(`X${index}`, fen + 1)),
      );
      let state = stateOf(after(...opened));
      for (const command of commands) {
        const before = state.heldFen;
        const facts = visit.decide(command, state);
        state = facts.reduce(visit.evolve, state) as OpenedVisit;
        expect(state.heldFen).toBeLessThanOrEqual(before);
        expect(state.heldFen).toBeGreaterThanOrEqual(state.totals.grossFen);
      }
    }),
  ));
