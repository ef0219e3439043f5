import { faultsIn } from './fate';
import { overloadOptionsOf } from './options';
import { Usage } from '@caretab/command-line';

const outcome = { acceptedNumbers: [1, 2], refusedNumbers: [3, 4], unknownNumbers: [5, 6] };
const on =
  (...times: readonly number[]) =>
  (number: number): number =>
    times[number - 1]!;

test(
  'what was accepted is on the ledger once, what was refused is not, and of what ' +
    'was not answered nobody knows',
  () => {
    expect(faultsIn(on(1, 1, 0, 0, 1, 0), [outcome])).toEqual([]);
  },
);

test.each([
  ['lost', on(0, 1, 0, 0, 1, 0), 'charge 1 was accepted and is on the ledger 0 times'],
  ['doubled', on(1, 2, 0, 0, 1, 0), 'charge 2 was accepted and is on the ledger 2 times'],
  ['refused and there', on(1, 1, 1, 0, 1, 0), 'charge 3 was refused and is on the ledger 1 times'],
  [
    'not answered and doubled',
    on(1, 1, 0, 0, 2, 0),
    'charge 5 was not answered and is on the ledger 2 times',
  ],
])('a charge that is %s is a fault', (_, times, fault) =>
  expect(faultsIn(times, [outcome])).toEqual([fault]),
);

test('options are read, and others refused with the usage', () => {
  expect(overloadOptionsOf(['--seconds', '5', '--times', '3', '--json'])).toEqual({
    bus: 'postgres',
    json: true,
    seconds: 5,
    times: 3,
    visits: 2000,
    partitions: undefined,
  });
  for (const args of [
    ['--window', '3'],
    ['--seconds', '0'],
    ['--bus', 'rabbit'],
  ])
    expect(() => overloadOptionsOf(args)).toThrow(Usage);
});
