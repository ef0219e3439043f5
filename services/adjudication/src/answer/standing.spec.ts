import { DomainError } from '@caretab/kernel';
import fc from 'fast-check';
import { type Answer, answered, cancelledOf, openFen, type Standing } from './standing';

const submitted: Standing = {
  ...{ state: 'submitted', postedFen: 10_000, deductedFen: 0, remittedFen: 0 },
};
const query: Answer = {
  ...{ answerId: 'q', kind: 'query', reason: 'OUT_OF_RESTRICTION', text: 'which diagnosis' },
};
const reply: Answer = { answerId: 'p', kind: 'reply', text: 'as in the record' };
const accept: Answer = { answerId: 'a', kind: 'accept' };
const reject: Answer = { answerId: 'r', kind: 'reject', reason: 'IDLE_STAY' };
const adjust = (amountFen: number): Answer => ({
  ...{ answerId: 'd', kind: 'adjust', reason: 'CHARGED_TWICE', deductions: [{ amountFen }] },
});
const remit = (amountFen: number): Answer => ({
  ...{ answerId: 'm', kind: 'remit', amountFen, reference: 'B-1', day: '2026-03-31' },
});
const after = (...answers: readonly Answer[]): Standing => answers.reduce(answered, submitted);

test.each([
  ['queried', [query], 'queried', 0, 0],
  ['replied to', [query, reply], 'replied', 0, 0],
  ['queried once more', [query, reply, query], 'queried', 0, 0],
  ['decided without a reply', [query, accept], 'accepted', 0, 0],
  ['adjusted', [adjust(2500)], 'adjusted', 2500, 0],
  ['adjusted after all', [accept, adjust(2500)], 'adjusted', 2500, 0],
  ['accepted after an appeal', [reject, accept], 'accepted', 0, 0],
  ['rejected', [reject], 'rejected', 10_000, 0],
  ['remitted in part', [accept, remit(4000)], 'accepted', 0, 4000],
  ['remitted', [adjust(2500), remit(4000), remit(3500)], 'remitted', 2500, 7500],
] as const)('a settlement is %s', (_what, answers, state, deductedFen, remittedFen) => {
  expect(after(...answers)).toEqual({ state, postedFen: 10_000, deductedFen, remittedFen });
});

test.each([
  ['a reply to no question', [], reply, 'ANSWER_NOT_POSSIBLE'],
  ['a second question before the reply', [query], query, 'ANSWER_NOT_POSSIBLE'],
  ['a question after the verdict', [accept], query, 'ANSWER_NOT_POSSIBLE'],
  ['a remittance before the verdict', [], remit(1), 'ANSWER_NOT_POSSIBLE'],
  ['a remittance of what is rejected', [reject], remit(1), 'ANSWER_NOT_POSSIBLE'],
  ['an acceptance after a remittance', [adjust(1), remit(1)], accept, 'ANSWER_NOT_POSSIBLE'],
  ['a deduction after a remittance', [accept, remit(1)], adjust(1), 'ANSWER_NOT_POSSIBLE'],
  ['a remittance after all is remitted', [accept, remit(10_000)], remit(1), 'ANSWER_NOT_POSSIBLE'],
  ['more than is open', [adjust(2500)], remit(7501), 'ANSWER_ABOVE_POSTED'],
  ['a deduction of more than was posted', [], adjust(10_001), 'ANSWER_ABOVE_POSTED'],
  ['a deduction of all', [], adjust(10_000), 'ANSWER_ABOVE_POSTED'],
] as const)('%s is refused', (_what, before, answer, code) => {
  expect(() => answered(after(...before), answer)).toThrow(code);
});

test('what a further revision took back takes no answer, and what was remitted is owed back', () => {
  const cancelled = cancelledOf(after(adjust(2500), remit(4000)));
  expect(openFen(cancelled)).toBe(-4000);
  for (const answer of [query, reply, accept, adjust(1), reject, remit(1)])
    expect(() => answered(cancelled, answer)).toThrow('SETTLEMENT_NOT_CURRENT');
});

test('whatever an insurer answers: remitted + deducted + open = posted, and none is negative', () => {
  const amounts = fc.integer({ min: 1, max: 12_000 });
  const any = fc.oneof(
    fc.constantFrom(query, reply, accept, reject),
    amounts.map(adjust),
    amounts.map(remit),
  );
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (answers) => {
      let standing = submitted;
      for (const answer of answers)
        try {
          standing = answered(standing, answer);
          taken += 1;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          refused += 1;
        }
      const { postedFen, deductedFen, remittedFen, state } = standing;
      expect(postedFen).toBe(10_000);
      expect(remittedFen + deductedFen + openFen(standing)).toBe(postedFen);
      expect(Math.min(remittedFen, deductedFen, openFen(standing))).toBeGreaterThanOrEqual(0);
      if (state === 'remitted' || state === 'rejected') expect(openFen(standing)).toBe(0);
    }),
  );
  expect(Math.min(refused, taken)).toBeGreaterThan(0);
});
