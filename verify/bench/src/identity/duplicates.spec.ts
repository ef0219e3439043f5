import { faultsOf, searchDuplicates } from './duplicates';
import { labelledSet } from './labelled';

test.each([1, 2, 3])(
  'among families, twins and namesakes duplicates are found, and hardly anyone else (seed %d)',
  (seed) => {
    let ms = 0;
    const found = searchDuplicates(labelledSet(2_000, seed), () => ++ms);
    expect(found.records).toBeGreaterThan(1_000);
    expect(faultsOf(found)).toEqual([]);
  },
);

test('a search that finds too little, too much or the wrong one is void', () => {
  const good = { records: 1, recall: 0.96, precision: 0.995, wrongLinks: 0, perSecond: 1 };
  expect(faultsOf(good)).toEqual([]);
  expect(faultsOf({ ...good, recall: 0.9 })).toHaveLength(1);
  expect(faultsOf({ ...good, precision: 0.98 })).toHaveLength(1);
  expect(faultsOf({ ...good, wrongLinks: 1 })).toHaveLength(1);
});
