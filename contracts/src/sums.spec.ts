import { extend } from '@caretab/kernel';
import * as fc from 'fast-check';
import { sumFault } from './sums';

test.each([
  ['2', '10.00', 2000, undefined],
  ['0.5', '0.01', 1, undefined],
  ['0.3333', '10.005', 333, undefined],
  ['1', '0', 0, undefined],
  ['2', '10.00', 500, 'amountFen'],
  ['2', '10.00', 2001, 'amountFen'],
  ['1', '0.00', 1, 'amountFen'],
  ['0', '10.00', 0, 'quantity'],
  ['0.0000', '10.00', 500, 'quantity'],
  ['999999999', '999999999.999999', 0, 'amountFen'],
])('%s at %s yuan is %s fen: the fault is of %s', (quantity, unitPriceYuan, amountFen, field) => {
  expect(sumFault({ quantity, unitPriceYuan, amountFen })?.field).toBe(field);
});

test('of all amounts only the product has no fault', () => {
  const tenThousandths = fc.integer({ min: 1, max: 10 ** 8 });
  fc.assert(
    fc.property(tenThousandths, tenThousandths, fc.integer(), (pieces, price, off) => {
      const [quantity, unitPriceYuan] = [(pieces / 1e4).toFixed(4), (price / 1e4).toFixed(4)];
      const amountFen = extend(quantity, unitPriceYuan);
      expect(sumFault({ quantity, unitPriceYuan, amountFen })).toBeUndefined();
      const other = sumFault({ quantity, unitPriceYuan, amountFen: amountFen + off });
      expect(other?.code).toBe(off === 0 ? undefined : 'AMOUNT_MISMATCH');
    }),
  );
});
