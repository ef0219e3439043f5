import { type Charge, FEN_MAX } from '@caretab/contracts';
import fc from 'fast-check';
import { commandOf, decideQuietly, type Happening, happenings } from '../../test/happenings';
import { postingsOf } from './postings';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { assertPublishable } from './visit.publisher';
import type { OpenedVisit, Visit } from './visit-state';

const run = (
  happenings: readonly Happening[],
  check: (state: Visit, facts: readonly VisitEvent[]) => void,
): void => {
  let state = visit.initial;
  const facts: VisitEvent[] = [];
  for (const happened of happenings) {
    const command = commandOf(happened, state);
    if (!command) continue;
    let decided: readonly VisitEvent[] = [];
    try {
      decided = visit.decide(command, state);
    } catch (error) {
      if ((error as Error).name !== 'DomainError') throw error;
    }
    const next = decided.reduce(visit.evolve, state);
    if (decided.length > 0) expect(decideQuietly(command, next)).toEqual([]);
    state = next;
    facts.push(...decided);
    check(state, facts);
  }
};

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

test('no visit closes in its grace time, and one that has ended closes once it is over', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (state.status === 'closed') expect(state.graceUntil).toBeUndefined();
        if (state.status !== 'open' || !state.endedAt || state.graceUntil) return;
        const isAnswered =
          state.authorization.state === 'declined' ||
          (state.authorization.state === 'granted' && state.coverage !== undefined);
        expect(isAnswered && state.waiting.length === 0).toBe(false);
      }),
    ),
  );
});

test('in every visit debits equal credits, after every fact', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (_, facts) =>
        expect(sum(facts.flatMap(postingsOf).map(({ amountFen }) => amountFen))).toBe(0),
      ),
    ),
  );
});

test('a charge is on the ledger exactly once, whatever is repeated, and a repeated command yields nothing', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state, facts) => {
        const decisions = facts
          .filter(({ type }) => type === 'ChargeDeferred' || type === 'ChargeNotDeferred')
          .map(({ data }) => (data as { charge: Charge }).charge.chargeId);
        expect(new Set(decisions).size).toBe(decisions.length);
        expect(new Set(state.waiting).size).toBe(state.waiting.length);
        if (state.status !== 'cancelled')
          expect(state.totals.grossFen).toBe(
            sum(
              [...state.charges.values()]
                .filter(({ status }) => status === 'deferred')
                .map((recorded) => recorded.left.amountFen),
            ),
          );
        for (const [chargeId, recorded] of state.charges) {
          const taken = [...state.returns.values()].filter((each) => each.chargeId === chargeId);
          expect(sum(taken.map(({ amountFen }) => amountFen))).toBeLessThanOrEqual(
            recorded.charge.amountFen,
          );
        }
      }),
    ),
  );
});

test('no charge is deferred beyond the hold', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state, facts) => {
        const last = facts.at(-1);
        if (last?.type === 'ChargeDeferred')
          expect(last.data.patientEstimateFen).toBeLessThanOrEqual((state as OpenedVisit).heldFen);
      }),
    ),
  );
});

test('a settled visit is even: due = paid − refunded, and gross = insurers + patient', () => {
  let settled = 0;
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (state.status !== 'settled') return;
        settled += 1;
        const { grossFen, payers, patientDueFen } = state.verdict;
        expect(patientDueFen).toBe(state.paidFen - state.refundedFen);
        expect(grossFen).toBe(sum(payers.map(({ amountFen }) => amountFen)) + patientDueFen);
        expect(grossFen).toBe(state.totals.grossFen);
      }),
    ),
  );
  expect(settled).toBeGreaterThan(0);
});

test('an ended visit whose answers have come leaves no charge waiting', () => {
  fc.assert(
    fc.property(happenings, (all) =>
      run(all, (state) => {
        if (
          state.status === 'closed' ||
          state.status === 'adjudicated' ||
          state.status === 'settled'
        )
          expect(state.waiting).toEqual([]);
      }),
    ),
  );
});

/** The same with amounts that the contract still takes, one by one. */
const enlarged = (happened: Happening, factor: number): Happening =>
  happened.kind === 'charge'
    ? { ...happened, amountFen: Math.min(happened.amountFen * factor, FEN_MAX) }
    : happened;
const withLargeHold = (
  command: VisitCommand | undefined,
  factor: number,
): VisitCommand | undefined =>
  command?.type === 'RecordAuthorization'
    ? {
        ...command,
        data: { ...command.data, heldFen: Math.min(command.data.heldFen * factor, FEN_MAX) },
      }
    : command?.type === 'RecordIncrease'
      ? {
          ...command,
          data: { ...command.data, heldFen: Math.min(command.data.heldFen * factor, FEN_MAX) },
        }
      : command;

test('whatever becomes of a visit can be told to others, however large its amounts are', () => {
  fc.assert(
    fc.property(happenings, fc.constantFrom(1, 1_000_000, 3_000_000), (all, factor) => {
      let state = visit.initial;
      for (const happened of all) {
        const command = withLargeHold(commandOf(enlarged(happened, factor), state), factor);
        const decided = command ? decideQuietly(command, state) : [];
        for (const fact of decided) assertPublishable(fact);
        state = decided.reduce(visit.evolve, state);
      }
    }),
    { numRuns: 300 },
  );
});

test('a command that comes again later, whatever came between, yields nothing new', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      let state = visit.initial;
      const effective: VisitCommand[] = [];
      for (const happened of all) {
        const command = commandOf(happened, state);
        const decided = command ? decideQuietly(command, state) : [];
        if (decided.length > 0) effective.push(command!);
        state = decided.reduce(visit.evolve, state);
      }
      // A moment that is reached is no message: it may be that of another end by then.
      const messages = effective.filter(({ type }) => type !== 'ReachTime');
      for (const command of messages)
        expect([command.type, decideQuietly(command, state)]).toEqual([command.type, []]);
    }),
  );
});
