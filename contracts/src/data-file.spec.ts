import { Type } from '@sinclair/typebox';
import { dataOf } from './data-file';
import { BusinessDate } from './schemas';

const Plans = Type.Object({
  plans: Type.Array(
    Type.Object({
      planId: Type.String({ minLength: 1 }),
      from: BusinessDate,
      rateBps: Type.Integer({ minimum: 0, maximum: 10_000 }),
    }),
  ),
});
const plan = { planId: 'p', from: '2026-01-01', rateBps: 8200 };
const read = (...plans: object[]) =>
  dataOf('plans.json', JSON.stringify({ about: 'plans', plans }), Plans);

test('a sound data file is what it says', () =>
  expect(read(plan)).toEqual({ about: 'plans', plans: [plan] }));

test.each<[string, () => unknown, string]>([
  ['cut off', () => dataOf('plans.json', '{"plans": [', Plans), 'plans.json is no JSON'],
  [
    'without its list',
    () => dataOf('plans.json', '{}', Plans),
    'plans.json is wrong at /plans: Expected required property',
  ],
  [
    'with a rate above the whole',
    () => read(plan, { ...plan, rateBps: 10_001 }),
    'plans.json is wrong at /plans/1/rateBps',
  ],
  [
    'with a number in words',
    () => read({ ...plan, rateBps: '8200' }),
    'plans.json is wrong at /plans/0/rateBps: Expected integer',
  ],
  [
    'with a day that no calendar has',
    () => read({ ...plan, from: '2026-02-30' }),
    'plans.json is wrong at /plans/0/from: no calendar has such a day',
  ],
])('one that is %s is refused in a sentence that names file and field', (_what, work, sentence) =>
  expect(work).toThrow(sentence),
);
