import fc from 'fast-check';
import {
  allocate,
  BASIS_POINTS,
  DomainError,
  extend,
  formatDecimal,
  formatYuan,
  InvariantViolation,
  parseDecimal,
  parseYuan,
  share,
} from '.';

/** Of every size: amounts that floats count exactly, and those that need big integers. */
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: -max, max });
const amount = fc.oneof(upTo(1000), upTo(10_000_000), upTo(100_000_000_000));
const rate = fc.integer({ min: 0, max: BASIS_POINTS });
const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof DomainError ? `${error.kind} ${error.code}` : String(error);
  }
  return 'nothing thrown';
};

describe('a share', () => {
  test.each([
    [1, 5000, 1],
    [3, 5000, 2],
    [-1, 5000, -1],
    [-3, 5000, -2],
    [10_001, 5000, 5001],
    [1, 4999, 0],
    [-1, 4999, 0],
    [12_345, 7600, 9382],
    [100, 0, 0],
    [100, 10_000, 100],
  ])(
    'of %i fen at %i basis points is %i fen: half goes up, away from zero',
    (amountFen, rateBps, expected) => expect(share(amountFen, rateBps)).toBe(expected),
  );

  test('of a credit mirrors the share of its charge', () => {
    fc.assert(
      fc.property(amount, rate, (amountFen, rateBps) =>
        expect(share(-amountFen, rateBps) + share(amountFen, rateBps)).toBe(0),
      ),
    );
  });

  test('is never more than half a fen away from the exact value, and never more than the whole', () => {
    fc.assert(
      fc.property(amount, rate, (amountFen, rateBps) => {
        const errorTimesRate =
          BigInt(share(amountFen, rateBps)) * BigInt(BASIS_POINTS) -
          BigInt(amountFen) * BigInt(rateBps);
        expect(
          errorTimesRate <= BigInt(BASIS_POINTS / 2) && errorTimesRate >= BigInt(-BASIS_POINTS / 2),
        ).toBe(true);
        expect(Math.abs(share(amountFen, rateBps))).toBeLessThanOrEqual(Math.abs(amountFen));
      }),
    );
  });

  test('is exact where the product leaves 2^53', () =>
    expect(share(9_007_199_254_740_991, 10_000)).toBe(9_007_199_254_740_991));
  test('stops on amounts that are not whole fen', () =>
    expect(() => share(0.5, 100)).toThrow(InvariantViolation));
});

describe('a decimal', () => {
  test.each([
    ['1.5', 4, 15_000n],
    ['0', 2, 0n],
    ['-0.05', 2, -5n],
    ['+2', 2, 200n],
    ['007.10', 1, 71n],
    ['1.2300000', 2, 123n],
    ['999999999999999', 0, 999_999_999_999_999n],
  ])('%s with %i decimals is %s', (text, scale, expected) =>
    expect(parseDecimal(text, scale)).toBe(expected),
  );
  test.each([
    '',
    '.',
    '1.',
    '.5',
    '1,5',
    '1e3',
    '0x10',
    ' 1',
    '1\n',
    '--1',
    '1.234',
    '１',
    'NaN',
    '1234567890123456',
  ])('%j is refused, and the refusal does not quote it', (text) => {
    expect(codeOf(() => parseDecimal(text, 2))).toBe('invalid NOT_A_DECIMAL');
    try {
      parseDecimal(`${text}#secret`, 2);
    } catch (error) {
      expect((error as Error).message).not.toContain('secret');
    }
  });
  test('that a hospital sends too large is its fault, not a broken invariant of ours', () => {
    expect(codeOf(() => parseYuan('999999999999999.00'))).toBe('invalid AMOUNT_TOO_LARGE');
    expect(codeOf(() => extend('999999999', '999999999'))).toBe('invalid AMOUNT_TOO_LARGE');
  });
});

describe('yuan', () => {
  test.each([
    [0, '0.00'],
    [-0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [123_450, '1234.50'],
    [-100, '-1.00'],
  ])('%i fen is written %s', (fen, text) => expect(formatYuan(fen)).toBe(text));
  test('reads back what it wrote', () => {
    fc.assert(fc.property(amount, (fen) => expect(parseYuan(formatYuan(fen))).toBe(fen)));
  });
});

describe('quantity times price', () => {
  test.each([
    ['1', '20.00', 2000],
    ['3', '0.333333', 100],
    ['0.5', '0.01', 1],
    ['0.4999', '0.01', 0],
    ['-0.5', '0.01', -1],
    ['1.5', '12.345', 1852],
    ['2.0000', '0.005', 1],
  ])('%s × %s yuan is %i fen, rounded once', (quantity, price, fen) =>
    expect(extend(quantity, price)).toBe(fen),
  );
  test('agrees with exact arithmetic', () => {
    const digits = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(digits, digits, (quantity, price) => {
        const exact = (BigInt(quantity) * BigInt(price) * 2n + 10n ** 8n) / (2n * 10n ** 8n);
        expect(
          extend(
            `${Math.floor(quantity / 10_000)}.${String(quantity % 10_000).padStart(4, '0')}`,
            `${Math.floor(price / 1_000_000)}.${String(price % 1_000_000).padStart(6, '0')}`,
          ),
        ).toBe(Number(exact));
      }),
    );
  });
});

describe('an allocation', () => {
  const weights = fc
    .array(amount.map(Math.abs), { minLength: 1, maxLength: 12 })
    .filter((all) => sum(all) > 0);

  test.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [0, 1, 0], [0, 5, 0]],
    [1, [1, 2], [0, 1]],
    [0, [0, 0], [0, 0]],
    [2, [1, 1, 1], [1, 1, 0]],
  ])('of %i fen over %j is %j', (total, over, parts) =>
    expect(allocate(total, over)).toEqual(parts),
  );

  test('adds up exactly, charge or credit', () => {
    fc.assert(
      fc.property(amount, weights, (total, over) => expect(sum(allocate(total, over))).toBe(total)),
    );
  });
  test('gives nobody a fen more or less than the exact part, and nothing for nothing', () => {
    fc.assert(
      fc.property(amount, weights, (total, over) => {
        const all = BigInt(sum(over));
        allocate(total, over).forEach((part, index) => {
          const error = BigInt(part) * all - BigInt(total) * BigInt(over[index]!);
          expect(error < all && error > -all).toBe(true);
          if (over[index] === 0) expect(part).toBe(0);
        });
      }),
    );
  });
  /** Two factors whose product lies at the edge of what floats count exactly. */
  const edge = fc
    .tuple(fc.integer({ min: 2, max: 100_000_000 }), fc.integer({ min: -2, max: 2 }))
    .map(([weight, off]) => [Math.floor(2 ** 53 / weight) + off, weight] as const);
  test('gives the largest remainders first, in floats and in big integers alike', () => {
    const byBigIntegers = (total: number, over: readonly number[]): number[] => {
      const all = over.reduce((found, weight) => found + BigInt(weight), 0n);
      const parts = over.map((weight) => (BigInt(total) * BigInt(weight)) / all);
      const rest = over.map((weight) => (BigInt(total) * BigInt(weight)) % all);
      for (let left = total - Number(parts.reduce((a, b) => a + b)); left > 0; left--) {
        const first = rest.reduce((best, each, at) => (each > rest[best]! ? at : best), 0);
        parts[first]! += 1n;
        rest[first] = -1n;
      }
      return parts.map(Number);
    };
    const check = (total: number, over: readonly number[]): void =>
      expect(allocate(total, over)).toEqual(byBigIntegers(total, over));
    fc.assert(fc.property(amount.map(Math.abs), weights, check));
    fc.assert(
      fc.property(edge, weights, ([total, weight], over) => check(total, [weight, ...over])),
    );
  });
  test('of a credit mirrors that of its charge', () => {
    fc.assert(
      fc.property(amount, weights, (total, over) =>
        expect(allocate(-total, over).map((part) => 0 - part)).toEqual(allocate(total, over)),
      ),
    );
  });
  test('stops where there is nobody to bear an amount, or a weight is no weight', () => {
    expect(() => allocate(1, [0, 0])).toThrow(InvariantViolation);
    expect(() => allocate(1, [])).toThrow(InvariantViolation);
    expect(() => allocate(1, [2, -1])).toThrow(InvariantViolation);
    expect(() => allocate(1, [0.5])).toThrow(InvariantViolation);
  });
});

test.each([
  [15_000n, '1.5'],
  [-5n, '-0.0005'],
  [20_000n, '2'],
  [0n, '0'],
])('writes %s ten-thousandths as %s', (value, text) => expect(formatDecimal(value, 4)).toBe(text));
