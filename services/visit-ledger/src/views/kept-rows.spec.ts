import { KeptRows } from './kept-rows';

const BYTES_OF_ROW = '{"n":1}'.length;
const changed = (rows: Record<string, object>, table = 'visit') =>
  new Map([[table, new Map(Object.entries(rows))]]);

test('rows are as they were last kept, until they are forgotten', () => {
  const rows = new KeptRows(10 * BYTES_OF_ROW);
  const valuesOf = (...keys: string[]) => keys.map((key) => rows.get('visit', key));
  rows.keep(changed({ a: { n: 1 }, b: { n: 2 } }));
  rows.keep(changed({ a: { n: 3 } }));
  expect(valuesOf('a', 'b', 'c')).toEqual([{ n: 3 }, { n: 2 }, undefined]);
  expect(rows.get('person_visit', 'a')).toBeUndefined();
  rows.forget();
  expect(valuesOf('a')).toEqual([undefined]);
});

test('rows that were kept longest ago make room, by their size', () => {
  const rows = new KeptRows(2 * BYTES_OF_ROW);
  const valuesOf = (...keys: string[]) => keys.map((key) => rows.get('visit', key));
  rows.keep(changed({ a: { n: 1 }, b: { n: 2 } }));
  rows.keep(changed({ a: { n: 3 }, c: { n: 4 } }));
  expect(valuesOf('a', 'b', 'c')).toEqual([{ n: 3 }, undefined, { n: 4 }]);
  rows.keep(changed({ d: { n: 5, text: 'longer than any other' } }));
  expect(valuesOf('a', 'c', 'd')).toEqual([undefined, undefined, undefined]);
  rows.keep(changed({ a: { n: 6 }, b: { n: 7 } }));
  expect(valuesOf('a', 'b')).toEqual([{ n: 6 }, { n: 7 }]);
});
