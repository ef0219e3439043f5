import { fold } from '@caretab/kernel';
import { commandsOf } from '../../test/facts';
import { visit, type VisitCommand } from './visit';
import { evolve, evolveAll } from './visit-evolve';
import type { VisitEvent } from './visit-events';

const { start, authorize, cover, post, takeBack, end } = commandsOf('V1');
const COMMANDS: readonly VisitCommand[] = [
  ...[post('T0'), start, authorize(), post('T1'), post('T2')],
  ...[cover, takeBack('T1'), post('T3', 50_000), post('T4'), end],
];
const FACTS = COMMANDS.reduce<readonly VisitEvent[]>(
  (facts, command) => [...facts, ...visit.decide(command, fold(visit, facts))],
  [],
);

test('facts folded together give the state of facts folded one by one, from wherever they begin', () => {
  const all = FACTS.reduce(evolve, visit.initial);
  expect([...all.charges.values()].map(({ status }) => status)).toEqual(
    expect.arrayContaining(['deferred', 'returned', 'waiting']),
  );
  for (let at = 0; at <= FACTS.length; at += 1)
    expect(evolveAll(evolveAll(visit.initial, FACTS.slice(0, at)), FACTS.slice(at))).toEqual(all);
});

test('the state that facts are folded onto stays as it was', () => {
  for (let at = 0; at <= FACTS.length; at += 1) {
    const before = evolveAll(visit.initial, FACTS.slice(0, at));
    const asItWas = structuredClone(before);
    evolveAll(before, FACTS.slice(at));
    expect(before).toEqual(asItWas);
  }
});
