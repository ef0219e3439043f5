import { allRoutes, KEY_SCOPES } from '@caretab/contracts';
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { ACTIONS, allPolicies, faultsOf, permittedBy, policiesIn } from './cedar';
import { decide, scopesOf } from './decide';
import { isInScope, scopeOfKey } from './key-scopes';
import { COLUMNS, matrix } from './matrix';
import { OWNERS, type Resource } from './resource';
import { ATTRIBUTES_OF, type Role, type Subject, SUBJECT_KINDS, type SubjectKind } from './subject';

const policies = policiesIn(allPolicies());

test('the policies fit the kinds of subjects and the routes’ actions', () => {
  expect(faultsOf(allPolicies())).toEqual([]);
});

test.each([
  ['an action that no route has', 'action == Action::"visits.forget", resource', ''],
  ['an unknown kind', 'action, resource', 'when { principal is Visitor }'],
  ['an attribute of no kind', 'action, resource', 'when { principal.room == "1" }'],
])('%s is a fault of a policy', (_, scope, when) => {
  expect(faultsOf(`@id("wrong")\npermit (principal, ${scope}) ${when};`)).not.toEqual([]);
});

test('a policy has an id of its own', () => {
  expect(() => policiesIn('permit (principal, action, resource);')).toThrow('begins with its id');
  const one = '@id("one")\npermit (principal, action, resource);';
  expect(() => policiesIn(`${one}\n${one}`)).toThrow('no two policies have one id');
});

/** Texts that a policy compares something with. */
const literalsIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(literalsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'Value' && typeof part === 'string' ? [part] : literalsIn(part),
  );
};

test('no policy looks at the value of an attribute but at a service’s name, so one decision serves all', () => {
  const compared = Object.entries(policies).flatMap(([id, text]) => {
    const json = policyToJson(text);
    expect(json.type).toBe('success');
    return literalsIn(json).map((literal) => [/^(service|carried)-/.test(id), literal]);
  });
  expect(compared.length).toBeGreaterThan(3);
  expect(compared.filter(([isService]) => !isService)).toEqual([]);
});

test('each action of a route may be done by someone, and public things are the routes’ that say so', () => {
  const rows = new Map(matrix().map((row) => [row.action, row]));
  for (const { action, whose } of allRoutes) {
    const { own, anyones } = rows.get(action)!;
    expect([action, own.length + anyones.length > 0]).toEqual([action, whose !== 'public']);
    expect(decide(undefined, action, { isPublic: whose === 'public' }).allowed).toBe(
      whose === 'public',
    );
  }
});

const texts = fc.constantFrom('HZ001', 'HZ002', 'p-1', 'payer-1');
const roles = fc
  .constantFrom(...SUBJECT_KINDS)
  .chain((kind) =>
    fc
      .record(
        Object.fromEntries(
          ATTRIBUTES_OF[kind].map((name) => [
            name,
            name === 'service' ? fc.constantFrom('gateway', 'payment') : texts,
          ]),
        ),
        { requiredKeys: [] },
      )
      .map((attributes): Role => ({ kind, ...attributes })),
  );
const things = fc.record(
  { ...Object.fromEntries(OWNERS.map((owner) => [owner, texts])), isPublic: fc.boolean() },
  { requiredKeys: [] },
) as fc.Arbitrary<Resource>;

test('a remembered decision is the one that Cedar makes of the very values', () =>
  fc.assert(
    fc.property(
      roles,
      fc.constantFrom(...ACTIONS),
      things,
      fc.boolean(),
      fc.constantFrom<Subject['by'][]>('machine', 'operator-key', undefined),
      fc.constantFrom('gateway', 'payment', undefined),
      fc.constantFrom(scopeOfKey(KEY_SCOPES), undefined),
      (role, action, thing, hasSecondFactor, by, through, scope) => {
        const { kind, ...attributes } = role;
        const asking = { hasSecondFactor, ...(by && { by }) };
        const isNamed = isInScope(scope ?? [], action);
        const principal = { kind, attributes, ...asking, isNamed, through };
        const isOut = scope !== undefined && !isNamed;
        const byCedar = isOut ? [] : permittedBy(principal, action, thing);
        const subject = { id: 'it', roles: [role], ...asking, ...(scope && { scope }) };
        const decided = decide(through ? { ...subject, through } : subject, action, thing);
        expect(decided).toEqual({ allowed: byCedar.length > 0, policyIds: byCedar });
      },
    ),
    { numRuns: 300 },
  ));

test('scopes hold exactly what is permitted', () => {
  const hospital: Role = { kind: 'HospitalSystem', institution: 'HZ001' };
  const subject = (...held: Role[]) => ({ id: 'it', roles: held, hasSecondFactor: false });
  expect(scopesOf(subject(hospital), 'claims.read').scopes).toEqual([{ institution: 'HZ001' }]);
  expect(scopesOf(subject(hospital), 'clearings.make').scopes).toEqual([]);
  expect(scopesOf(subject(hospital, { kind: 'Finance' }), 'claims.read')).toEqual({
    scopes: [{}],
    policyIds: ['finance'],
  });
  const both = subject(hospital, { kind: 'Insurer', payer: 'city' });
  expect(scopesOf(both, 'claims.read')).toEqual({
    scopes: [{ institution: 'HZ001' }, { payer: 'city' }],
    policyIds: ['hospital-own-money', 'insurer-own'],
  });
});

test('the index of a hospital is its own; other domains and what is similar are the platform’s desk’s', () => {
  const own: Role[] = [
    { kind: 'HospitalSystem', institution: 'HZ001' },
    { kind: 'Desk', institution: 'HZ001' },
  ];
  const may = (role: Role, action: string, institution?: string): boolean =>
    decide({ id: 'it', roles: [role], hasSecondFactor: true }, action, {
      institution,
      person: 'p-1',
    }).allowed;
  const others = ['domain-records.register', 'domain-records.find', 'person-records.list'];
  const review = [
    'match-cases.list',
    'match-cases.read',
    'match-cases.decide',
    'record-links.undo',
    'persons.merge',
    'merges.undo',
    'merges.list',
  ];
  for (const role of own) {
    for (const action of ['source-records.register', 'source-records.find']) {
      expect(may(role, action, 'HZ001')).toBe(true);
      expect(may(role, action, 'HZ002')).toBe(false);
    }
    for (const action of [...others, ...review]) expect(may(role, action, 'HZ001')).toBe(false);
  }
  for (const action of [...others, ...review]) {
    expect(may({ kind: 'Desk' }, action)).toBe(true);
    expect(may({ kind: 'Citizen', person: 'p-1' }, action)).toBe(false);
    expect(may({ kind: 'SystemAdmin' }, action)).toBe(false);
  }
});

test('citizens see their cards and report them lost; what makes one valid is the platform’s desk’s', () => {
  const may = (role: Role, action: string): boolean =>
    decide({ id: 'it', roles: [role], hasSecondFactor: true }, action, {
      ...{ institution: 'HZ001', person: 'p-1' },
    }).allowed;
  const own = ['cards.list', 'cards.report-lost'];
  const desk = [
    'cards.change',
    'card-batches.submit',
    'card-batches.review',
    'card-files.send',
    'card-files.read',
  ];
  for (const action of own) {
    expect(may({ kind: 'Citizen', person: 'p-1' }, action)).toBe(true);
    expect(may({ kind: 'Guardian', person: 'p-1' }, action)).toBe(true);
    expect(may({ kind: 'Citizen', person: 'p-2' }, action)).toBe(false);
  }
  for (const action of ['cards.issue', ...desk]) {
    expect(may({ kind: 'Desk' }, action)).toBe(true);
    expect(may({ kind: 'Citizen', person: 'p-1' }, action)).toBe(false);
    expect(may({ kind: 'HospitalSystem', institution: 'HZ001' }, action)).toBe(false);
  }
  for (const action of desk)
    expect(may({ kind: 'Desk', institution: 'HZ001' }, action)).toBe(false);
  for (const kind of ['Citizen', 'Guardian'] as const)
    expect(may({ kind, person: 'p-1' }, 'codes.issue')).toBe(true);
  expect(may({ kind: 'Citizen', person: 'p-2' }, 'codes.issue')).toBe(false);
  expect(may({ kind: 'Desk' }, 'codes.issue')).toBe(false);
});

test('a person’s visits at every hospital are listed at the platform’s desk, and at none of a hospital', () => {
  const may = (role: Role, action: string, through?: string): boolean =>
    decide(
      { id: 'it', roles: [role], hasSecondFactor: true, ...(through && { through }) },
      action,
      { person: 'p-1' },
    ).allowed;
  for (const [action, through] of [
    ['visits.list', undefined],
    ['ledger-visits.list', undefined],
    ['ledger-visits.list', 'gateway'],
  ] as const) {
    expect(may({ kind: 'Desk' }, action, through)).toBe(true);
    expect(may({ kind: 'Desk', institution: 'HZ001' }, action, through)).toBe(false);
  }
});

test('no kind is left out of the matrix', () => {
  expect(new Set(COLUMNS.map(({ role }) => role.kind))).toEqual(new Set(SUBJECT_KINDS));
});

test('who asks through a service may do what carried policies permit, and nothing else', () => {
  const asked = (role: Role, action: string, institution: string, through?: string) =>
    decide(
      { id: 'it', roles: [role], hasSecondFactor: true, ...(through && { through }) },
      action,
      { institution },
    ).allowed;
  const hospital: Role = { kind: 'HospitalSystem', institution: 'HZ001' };
  expect(asked(hospital, 'ledger-visits.read', 'HZ001', 'gateway')).toBe(true);
  expect(asked(hospital, 'ledger-visits.read', 'HZ002', 'gateway')).toBe(false);
  // What the hospital may do itself is not done through a service that has no such question.
  expect(asked(hospital, 'claims.read', 'HZ001')).toBe(true);
  expect(asked(hospital, 'claims.read', 'HZ001', 'gateway')).toBe(false);
  expect(asked(hospital, 'ledger-visits.read', 'HZ001', 'notification')).toBe(false);
  expect(asked({ kind: 'SecurityAdmin' }, 'institutions.put', 'HZ001', 'gateway')).toBe(false);
  // Nor does the gateway read a hospital's visits for itself.
  const gateway: Role = { kind: 'Service', service: 'gateway' };
  expect(asked(gateway, 'ledger-visits.read', 'HZ001')).toBe(false);
  expect(asked(gateway, 'institutions.authenticate', '')).toBe(true);
});

const OFFICES: readonly SubjectKind[] = [
  ...(['SystemAdmin', 'SecurityAdmin', 'AuditAdmin'] as const),
  ...(['PrivacyOfficer', 'Finance', 'CreditAuthority'] as const),
  'Bureau',
];
const FACTOR = { hasSecondFactor: true };
const NO_FACTOR = { hasSecondFactor: false };

test('people of the platform’s offices change nothing without a second factor, and read as before', () => {
  const writes = new Set<string>(
    allRoutes.filter((each) => each.method !== 'GET').map((it) => it.action),
  );
  const may = (role: Role, action: string, asking: Pick<Subject, 'hasSecondFactor' | 'by'>) =>
    decide({ id: 'it', roles: [role], ...asking }, action, {}).allowed;
  const refused: string[] = [];
  for (const kind of SUBJECT_KINDS)
    for (const action of ACTIONS) {
      if (!may({ kind }, action, FACTOR)) continue;
      const isFree = may({ kind }, action, NO_FACTOR);
      const isApproval = action === 'approvals.decide';
      const isHeld = isApproval || (OFFICES.includes(kind) && writes.has(action));
      expect([kind, action, isFree]).toEqual([kind, action, !isHeld]);
      // What has no second factor to show is named in the policy.
      for (const by of ['machine', 'operator-key'] as const) {
        const isLet = may({ kind }, action, { ...NO_FACTOR, by });
        expect([kind, action, by, isLet]).toEqual([kind, action, by, !isApproval]);
      }
      if (isHeld) refused.push(kind);
    }
  expect(new Set(refused)).toEqual(
    new Set([...OFFICES.filter((it) => it !== 'AuditAdmin'), 'Desk', 'Insurer']),
  );
  expect(refused.length).toBeGreaterThan(40);
});

test('through the gateway no office changes anything: there the second factor is not asked for', () => {
  const through = OFFICES.map((kind) => `${kind} through gateway`);
  const changed = matrix().filter(
    ({ action, own, anyones }) =>
      allRoutes.some((each) => each.action === action && each.method !== 'GET') &&
      [...own, ...anyones].some((name) => through.includes(name)),
  );
  expect(changed).toEqual([]);
});
