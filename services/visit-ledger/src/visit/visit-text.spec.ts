import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { commandOf, decideQuietly, type Happening, happenings } from '../../test/happenings';
import { sent } from '../../test/one-visit';
import { KNOWN_TYPES } from './public-events';
import { factOf } from './stored-facts';
import { visit } from './visit';
import type { VisitEvent } from './visit-events';
import { evolveAll } from './visit-evolve';
import { claimLinesOf, notOnTabOf, type Visit } from './visit-state';
import { DECIDER_VERSION, stateOf, textOf } from './visit-text';

const REPORTS = /^(StartVisit|EndVisit|ReopenVisit|CancelVisit|PostCharge|ReturnCharge)$/;

/** As the hospital's messages bring them: then what waits and what is refused are facts, too. */
const factsOf = (all: readonly Happening[], bySubmissions: boolean): VisitEvent[] => {
  let state = visit.initial;
  return all.flatMap((happened, index) => {
    const given = commandOf(happened, state);
    const isSent = bySubmissions && given && REPORTS.test(given.type);
    const command = isSent ? sent(given, `m${index}`) : given;
    const decided = command ? decideQuietly(command, state) : [];
    state = evolveAll(state, decided);
    return decided;
  });
};

/** The order of charges is that of the claim's lines. */
const linesOf = (state: Visit): unknown[] => [
  ...[...state.charges.keys()],
  ...[claimLinesOf(state), notOnTabOf(state), state.waiting],
];

test('a visit that was written down anywhere in its course goes on as it would have', () => {
  const fields = new Set<string>();
  fc.assert(
    fc.property(happenings, fc.nat(), fc.boolean(), (all, place, bySubmissions) => {
      const facts = factsOf(all, bySubmissions);
      const at = place % (facts.length + 1);
      const before = evolveAll(visit.initial, facts.slice(0, at));
      const causes = new Set(facts.slice(0, at).map((_, index) => `m-${index}`));
      const text = textOf({ state: before, causes });
      const read = stateOf(text);
      expect(read).toEqual({ state: before, causes });
      expect(textOf(read)).toBe(text);
      const [one, other] = [read.state, before].map((from) => evolveAll(from, facts.slice(at)));
      expect(one).toEqual(other);
      expect(linesOf(one!)).toEqual(linesOf(other!));
      for (const happened of all) {
        const command = commandOf(happened, other!);
        if (command) expect(decideQuietly(command, one!)).toEqual(decideQuietly(command, other!));
      }
      for (const [field, value] of Object.entries(before) as [string, { size?: number }][])
        if (value?.size) fields.add(field);
    }),
    { numRuns: 200 },
  );
  expect([...fields]).toEqual(
    expect.arrayContaining([
      ...['charges', 'conflicts', 'payments', 'returns', 'submissions', 'waitingReturns'],
    ]),
  );
});

test('what facts are folded to, and how it is written, belongs to the version of the decider', () => {
  const stored = JSON.parse(
    readFileSync(join(__dirname, '../../test/facts-of-0.1.json'), 'utf8'),
  ) as { type: string; data: object }[];
  const courses = [
    stored.map(factOf),
    ...fc
      .sample(happenings, { seed: 49, numRuns: 300 })
      .map((all, index) => factsOf(all, index % 2 === 0)),
  ];
  const digest = createHash('sha256').update([...KNOWN_TYPES].sort().join());
  for (const facts of courses)
    digest.update(textOf({ state: evolveAll(visit.initial, facts), causes: new Set() }));
  // Another digest: raise DECIDER_VERSION, and write the new one here.
  expect([DECIDER_VERSION, digest.digest('hex')]).toEqual([
    '6',
    '68a6b1437ecc5995c1dc9a40fb97396df6f4b82e3e0c2e9039ad59b774ae8e1c',
  ]);
});
