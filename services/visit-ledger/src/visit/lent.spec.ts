import type { VisitLender } from '@caretab/contracts';
import fc from 'fast-check';
import {
  after,
  at,
  authorize,
  charge,
  cover,
  end,
  pay,
  post,
  start,
  takeBack,
} from '../../test/one-visit';
import { owedFen } from './owed';
import { postingsOf } from './postings';
import { publicOf } from './public-events';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { evolveAll } from './visit-evolve';
import type { OpenedVisit } from './visit-state';
import { personVisitsView } from '../views/person-visits.view';
import { visitView } from '../views/visit.view';

const BANK: VisitLender = { kind: 'bank', lenderId: 'city-bank' };
const verdict = (revision: number, grossFen: number, patientDueFen: number): VisitCommand => ({
  type: 'RecordVerdict',
  data: {
    ...{ revision, grossFen, patientDueFen, adjudicatedAt: at },
    payers: [{ payerId: 'employee', amountFen: grossFen - patientDueFen }],
  },
});
const lentBy = (lender: VisitLender): VisitCommand => {
  const authorized = authorize();
  return { ...authorized, data: { ...authorized.data, lender } } as VisitCommand;
};
const ended = [start, lentBy(BANK), cover, post(charge('C1', 2000)), post(charge('C2', 500)), end];
const booksOf = (facts: readonly VisitEvent[]): Readonly<Record<string, number>> => {
  const books: Record<string, number> = {};
  for (const { account, amountFen } of facts.flatMap(postingsOf))
    books[account] = (books[account] ?? 0) + amountFen;
  return books;
};
/** As the views show it, which read each fact as it was recorded. */
const shown = (facts: readonly VisitEvent[]) =>
  [visitView, personVisitsView].map((view) =>
    facts.reduce<unknown>((row, fact, index) => {
      const recorded = { ...fact, recordedAt: new Date(at), position: index } as never;
      const [key] = view.keysOf(recorded);
      return key === undefined ? row : view.apply(row as never, recorded, key);
    }, undefined),
  );

test('a bank’s visit is settled with its verdict, and says who lends', () => {
  const facts = after(...ended, verdict(1, 2500, 900));
  const settled = facts.at(-1)!;
  expect(publicOf(settled)).toMatchObject({
    type: 'VisitSettled',
    data: { patientDueFen: 900, paidFen: 0, refundedFen: 0, lender: BANK },
  });
  expect(booksOf(facts)).toMatchObject({ 'bank:city-bank': 900, 'payer:employee': 1600 });
  expect(booksOf(facts)).not.toHaveProperty('patients');
  const [row, personRow] = shown(facts);
  expect(row).toMatchObject({ status: 'settled', lender: BANK, patientDueFen: 900, paidFen: 0 });
  expect(personRow).toMatchObject({ status: 'settled', patientDueFen: 900, owedFen: 0 });
});

test('what is taken back afterwards lowers what the bank is owed, and nothing goes to the patient', () => {
  const facts = after(...ended, verdict(1, 2500, 900), takeBack('C2', 500), verdict(2, 2000, 700));
  expect(facts.filter(({ type }) => type === 'VisitSettled')).toHaveLength(2);
  expect(facts.at(-1)!.data).toMatchObject({ revision: 2, again: true, lender: BANK });
  expect(booksOf(facts)).toMatchObject({ 'bank:city-bank': 700 });
});

test('a payment of a bank’s visit cannot be, and none is missed', () => {
  const state = evolveAll(visit.initial, after(...ended, verdict(1, 2500, 900)));
  expect(() => visit.decide(pay(900), state)).toThrow('MESSAGE_IMPOSSIBLE');
  const missed = { paymentId: 'P1', attempt: 1, reason: 'INSUFFICIENT_FUNDS' };
  expect(visit.decide({ type: 'RecordPaymentMissed', data: missed }, state)).toEqual([]);
});

test('whoever lends, the due is owed by one, and the books of a visit balance', () =>
  fc.assert(
    fc.property(
      fc.constantFrom<VisitLender>(BANK, { kind: 'hospital' }, { kind: 'fund', lenderId: 'f-1' }),
      fc.array(fc.nat(2000), { minLength: 1, maxLength: 4 }),
      (lender, dues) => {
        const opened = [start, lentBy(lender), cover];
        const charges = dues.map((_, index) => post(charge(`C${index}`, 2000)));
        const facts = after(...opened, ...charges, end, verdict(1, 2000 * dues.length, dues[0]!));
        const state = evolveAll(visit.initial, facts) as OpenedVisit;
        const isBank = lender.kind === 'bank';
        expect(owedFen(state)).toBe(isBank ? 0 : dues[0]!);
        const books = booksOf(facts);
        expect(books['bank:city-bank'] ?? 0).toBe(isBank ? dues[0]! : 0);
        expect(books['patients'] ?? 0).toBe(isBank ? 0 : dues[0]!);
        expect(Object.values(books).reduce((sum, amount) => sum + amount, 0)).toBe(0);
        expect(facts.some(({ type }) => type === 'VisitSettled')).toBe(isBank || dues[0] === 0);
      },
    ),
  ));
