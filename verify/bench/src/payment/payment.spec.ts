import { paymentOptionsOf } from './options';
import { clearingFaultsOf } from './rows';

test('without options it collects five thousand visits, and clears up to a hundred thousand', () =>
  expect(paymentOptionsOf([])).toEqual({
    json: false,
    clearsOnly: false,
    visits: 100_000,
    collections: 5000,
    reads: 20,
  }));

test.each([[['--visits', '10']], [['--reads', '0']], [['--bus', 'kafka']]])(
  '%j is not understood',
  (args) => expect(() => paymentOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('a clearing that is a fen short is a fault', () => {
  const parties = [
    { party: 'institution', amountFen: 4_000_000 },
    { party: 'insurer', amountFen: -3_000_000 },
    { party: 'channel', amountFen: -899_000 },
    { party: 'funder', amountFen: -101_000 },
  ];
  const right = { visits: 1000, balanceFen: 0, parties };
  expect(clearingFaultsOf(right, 1000)).toEqual([]);
  const [first, ...others] = parties;
  const short = { ...right, parties: [{ ...first!, amountFen: 3_999_999 }, ...others] };
  expect(clearingFaultsOf(short, 1000)).toEqual([
    'the clearing of 1000 visits: institutions is 3999999, not 4000000',
  ]);
});
