import { ChargeRecord, quantile } from './charge-record';
import { isDeferred } from './charges';

const booked = (count: number): ChargeRecord => {
  const book = new ChargeRecord();
  for (let number = 0; number < count; number += 1) book.publish(number);
  return book;
};

test('a charge that is decided once, as it must be, is no fault', () => {
  const book = booked(1000);
  for (let number = 0; number < 1000; number += 1)
    book.decide(number, isDeferred(number), number + 5);
  expect([book.decisions, book.underWay, book.faultsCount]).toEqual([1000, 0, 0]);
  expect(book.decidedAtMs(7) - book.dueAtMs(7)).toBe(5);
});

test('a second decision, one of the wrong kind and one about nothing are faults', () => {
  const book = booked(3);
  book.decide(0, isDeferred(0), 1);
  book.decide(0, isDeferred(0), 2);
  book.decide(1, !isDeferred(1), 2);
  book.decide(3, true, 2);
  book.decide(NaN, true, 2);
  expect(book.faultsCount).toBe(4);
  expect(book.underWay).toBe(1);
});

test('who waits for decisions hears when there are none', async () => {
  await expect(booked(2).next(5)).rejects.toThrow('2 charges are undecided');
});

test('a book grows with its charges', () => {
  const book = booked(300_000);
  book.decide(299_999, isDeferred(299_999), 300_000);
  expect([
    book.dueAtMs(0),
    book.dueAtMs(299_999),
    book.timesDecided(299_999),
    book.timesDecided(0),
  ]).toEqual([0, 299_999, 1, 0]);
});

test('a quantile is a value of the list', () => {
  const values = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([
    50, 99, 100,
  ]);
  expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
});
