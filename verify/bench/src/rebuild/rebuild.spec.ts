import { rebuildOptionsOf } from './options';

test('without options it rebuilds the views of forty thousand visits', () =>
  expect(rebuildOptionsOf([])).toEqual({ json: false, visits: 40_000, charges: 14 }));

test.each([[['--visits', '10']], [['--bus', 'kafka']]])('%j is not understood', (args) =>
  expect(() => rebuildOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);
