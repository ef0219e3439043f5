import { DEFAULT_KEY_SCOPES, KEY_SCOPES } from '@caretab/contracts';
import fc from 'fast-check';
import { ACTIONS } from './cedar';
import { decide, scopesOf } from './decide';
import { ACTIONS_OF_SCOPE, isInScope, narrowingIn, scopeOfKey } from './key-scopes';
import type { Subject } from './subject';

const hospital: Subject = {
  ...{ id: 'hospital/HZ001', hasSecondFactor: false },
  roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
};
const own = { institution: 'HZ001' };
const byAll: Subject = { ...hospital, scope: scopeOfKey(KEY_SCOPES) };
const NAMED = [...ACTIONS_OF_SCOPE.activate, ...ACTIONS_OF_SCOPE.cards];

test('each action of a hospital’s system lies in exactly one scope, and no other action in any', () => {
  const scoped = Object.values(ACTIONS_OF_SCOPE).flat();
  expect([...scoped].sort()).toEqual(
    ACTIONS.filter((action) => decide(byAll, action, own).allowed),
  );
});

test('kiosks and cards are for a credential that names them, however a hospital signs in', () => {
  const may = (subject: Subject): string[] =>
    ACTIONS.filter((action) => decide(subject, action, own).allowed);
  const byKey: Subject = { ...hospital, id: 'machine-1', by: 'machine' };
  const byDefault = { ...hospital, scope: scopeOfKey(DEFAULT_KEY_SCOPES) };
  const rest = may(byAll).filter((action) => !NAMED.includes(action));
  expect(NAMED).toContain('cards.issue-at-kiosk');
  for (const subject of [hospital, byKey, { ...byKey, hasSecondFactor: true }, byDefault]) {
    expect(may(subject)).toEqual(rest);
    expect(NAMED.flatMap((action) => scopesOf(subject, action).scopes)).toEqual([]);
  }
});

test('a key may do what the hospital may, within its scopes', () =>
  fc.assert(
    fc.property(
      fc.subarray([...KEY_SCOPES]),
      fc.constantFrom(...ACTIONS),
      fc.constantFrom('HZ001', 'HZ002'),
      (scopes, action, institution) => {
        const narrow = { ...hospital, scope: scopeOfKey(scopes) };
        const isWithin = scopes.some((scope) => ACTIONS_OF_SCOPE[scope].includes(action));
        const { allowed } = decide(narrow, action, { institution });
        expect(allowed).toBe(isWithin && decide(byAll, action, { institution }).allowed);
        expect(scopesOf(narrow, action).scopes).toEqual(
          isWithin ? scopesOf(byAll, action).scopes : [],
        );
      },
    ),
  ));

test('scopes of another issuer narrow nothing; one of ours that is not known permits nothing', () => {
  expect(narrowingIn('openid profile')).toBeUndefined();
  expect(narrowingIn(undefined)).toBeUndefined();
  expect(narrowingIn('openid hospital:read')).toEqual(['hospital:read']);
  expect(isInScope(narrowingIn('hospital:everything'), 'visits.read')).toBe(false);
});
