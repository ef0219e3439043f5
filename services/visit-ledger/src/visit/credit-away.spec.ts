import fc from 'fast-check';
import { authorize, charge, cover, post, sent, start } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';

const HELD_FEN = 30_000;

/** A visit with its first hold; from then on credit answers nothing. */
const tab = () => {
  let state = visit.initial;
  const facts: VisitEvent[] = [];
  const take = (command: VisitCommand): void => {
    const decided = visit.decide(command, state);
    facts.push(...decided);
    state = decided.reduce(visit.evolve, state);
  };
  for (const command of [start, authorize(HELD_FEN), cover]) take(command);
  const chargesOf = (type: 'ChargeDeferred' | 'ChargeWaiting' | 'ChargeNotDeferred') =>
    facts.flatMap((fact) => (fact.type === type ? [fact.data.charge.chargeId] : []));
  return { take, facts, chargesOf, increase: () => 'increase' in state && state.increase };
};

const amounts = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 12 });

test('while credit does not answer, charges are deferred within the hold, the others wait, and none is refused', () => {
  fc.assert(
    fc.property(amounts, (amountsFen) => {
      const { take, facts, chargesOf } = tab();
      let [usedFen, isFull] = [0, false];
      const [fitting, waiting]: [string[], string[]] = [[], []];
      for (const [index, amountFen] of amountsFen.entries()) {
        const id = `T${index}`;
        take(sent(post(charge(id, amountFen)), `m${index}`));
        // Each waits its turn, so that nothing depends on how fast an answer is.
        isFull ||= usedFen + amountFen > HELD_FEN;
        if (!isFull) usedFen += amountFen;
        (isFull ? waiting : fitting).push(id);
      }
      expect(chargesOf('ChargeDeferred')).toEqual(fitting);
      expect(chargesOf('ChargeWaiting')).toEqual(waiting);
      expect(chargesOf('ChargeNotDeferred')).toEqual([]);
      expect(facts.filter(({ type }) => type === 'HoldIncreaseRequested').length).toBeLessThan(2);
    }),
  );
});

test('once credit answers, what waited is decided as if it had answered at once', () => {
  fc.assert(
    fc.property(amounts, (amountsFen) => {
      const { take, chargesOf, increase } = tab();
      for (const [index, amountFen] of amountsFen.entries())
        take(sent(post(charge(`T${index}`, amountFen)), `m${index}`));
      for (let asked = increase(); asked; asked = increase())
        take({ type: 'RecordIncrease', data: { requestId: asked.requestId, heldFen: 1_000_000 } });
      expect(chargesOf('ChargeDeferred')).toEqual(amountsFen.map((_, index) => `T${index}`));
    }),
  );
});
