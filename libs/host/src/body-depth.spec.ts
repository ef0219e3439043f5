import { checkDepth, isTooDeep } from './body-depth';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test('a body of a hundred thousand brackets is refused, and breaks nothing', () => {
  expect(isTooDeep(nested(100_000))).toBe(true);
  expect(isTooDeep({ charges: nested(100_000) })).toBe(true);
  expect(() => checkDepth({ charges: nested(40) }, '/message')).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID', kind: 'invalid' }),
  );
});

test.each([undefined, null, 'text', 7, {}, [], nested(30), { charges: [{ chargeId: 'C1' }] }])(
  'a body as routes have it goes on: %j',
  (body) => {
    expect(isTooDeep(body)).toBe(false);
  },
);
