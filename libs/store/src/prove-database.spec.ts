import { type Server, serverFault } from './prove-database';

const URL = 'postgres://credit:p@db.example:5432/credit?sslmode=verify-full';
const GOOD: Server = {
  ...{ version: 15, replica: false, readonly: false, readonlyBy: 'default', encoding: 'UTF8' },
};

test('a server of the oldest release that was tried has no fault', () =>
  expect(serverFault(GOOD, URL)).toBeUndefined());

test('an older release is refused', () =>
  expect(serverFault({ ...GOOD, version: 14 }, URL)).toBe(
    'PostgreSQL 14 at db.example is too old: use 15 or later',
  ));
