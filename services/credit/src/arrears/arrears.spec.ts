import { MemoryStore } from '@caretab/store';
import { arrearsSuite } from '../../test/arrears.suite';
import { arrearsPolicy, policyFaults } from './arrears-policy';

describe('arrears in memory', () => arrearsSuite(async () => new MemoryStore()));

const { reminders, report } = arrearsPolicy;
test.each([
  ['as it ships', {}, 0],
  ['reminders that go back', { reminders: reminders.toReversed() }, 1],
  ['no days for an objection', { report: { ...report!, announceAfterDays: 25 } }, 1],
  ['a source that is not named', { freeze: { ...arrearsPolicy.freeze!, source: 'elsewhere' } }, 1],
])('a policy: %s', (_what, changes, count) => {
  expect(policyFaults({ ...arrearsPolicy, ...changes })).toHaveLength(count);
});
