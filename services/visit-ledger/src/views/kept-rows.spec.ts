import { KeptRows } from './kept-rows';

test('rows are as they were last kept, until they are forgotten', () => {
  const rows = new KeptRows<{ n: number }>(10);
  rows.keep(
    new Map([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
    ]),
  );
  rows.keep(new Map([['a', { n: 3 }]]));
  expect([rows.get('a'), rows.get('b'), rows.get('c')]).toEqual([{ n: 3 }, { n: 2 }, undefined]);
  rows.forget();
  expect(rows.get('a')).toBeUndefined();
});

test('the rows that were kept longest ago make room', () => {
  const rows = new KeptRows<{ n: number }>(2);
  rows.keep(
    new Map([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
    ]),
  );
  rows.keep(
    new Map([
      ['a', { n: 3 }],
      ['c', { n: 4 }],
    ]),
  );
  expect([rows.get('a'), rows.get('b'), rows.get('c')]).toEqual([{ n: 3 }, undefined, { n: 4 }]);
});
