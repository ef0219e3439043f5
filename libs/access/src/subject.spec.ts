import { kindsHeldTogether, type SubjectKind } from './subject';

const held = (...kinds: SubjectKind[]) => kindsHeldTogether(kinds.map((kind) => ({ kind })));

test('a person may be desk, cashier and finance, and one administrator', () => {
  expect(held('Desk', 'Cashier', 'Finance', 'SecurityAdmin')).toEqual([]);
  expect(held('PrivacyOfficer', 'Desk')).toEqual([]);
});

test.each([
  ['SystemAdmin', 'SecurityAdmin'],
  ['SystemAdmin', 'AuditAdmin'],
  ['SecurityAdmin', 'AuditAdmin'],
  ['AuditAdmin', 'PrivacyOfficer'],
] as const)('no one is %s and %s', (one, other) => {
  expect(held(one, 'Desk', other)).toEqual([one, other]);
});
