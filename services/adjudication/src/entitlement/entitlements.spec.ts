import { join } from 'node:path';
import { MemoryStore } from '@caretab/store';
import { entitlementsSuite } from '../../test/entitlements.suite';
import { readEntitlementPolicy } from './entitlement-policy';

describe('entitlement in memory', () => entitlementsSuite(async () => new MemoryStore()));

test('the shipped rule goes by memberships', () =>
  expect(readEntitlementPolicy(join(__dirname, '../../data/entitlement-policy.json')).basic).toBe(
    'membership',
  ));
