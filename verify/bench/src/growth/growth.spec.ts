import { visitOf } from '../charges';
import { growthOptionsOf } from './options';
import { picksOf } from './picks';
import { textOfAnother } from './seed';

test('without options it grows to a hundred thousand visits', () =>
  expect(growthOptionsOf([])).toEqual({
    ...{ json: false, visits: 100_000, charges: 14, seconds: 10, warmUpSeconds: 3, keptMb: 128 },
  }));

test.each([[['--visits', '10']], [['--charges', '0']], [['--bus', 'kafka']]])(
  '%j is not understood',
  (args) => expect(() => growthOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('four of five charges are for a fifth of the visits, or all visits get alike', () => {
  const hotOf = (access: '80/20' | 'uniform'): number => {
    const picks = picksOf(1_000, 20_000, { access, seed: 1 });
    expect(Math.max(...picks)).toBeLessThan(1_000);
    return picks.filter((place) => place % 5 === 0).length / picks.length;
  };
  expect(hotOf('80/20')).toBeCloseTo(0.84, 1);
  expect(hotOf('uniform')).toBeCloseTo(0.2, 1);
});

test('a visit is made from the text of another one, and numbers that begin alike stay', () => {
  const [from, to] = [visitOf(1, 'spread'), visitOf(1201, 'spread')];
  expect(from.institutionId).toBe(to.institutionId);
  const renamed = textOfAnother(from, to);
  expect(renamed(`visit-${from.visitId} ${from.personId} V12 "V1"`)).toBe(
    `visit-${to.visitId} ${to.personId} V12 "V1201"`,
  );
});
