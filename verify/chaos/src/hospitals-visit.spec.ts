import { businessDateOf } from '@caretab/contracts';
import { readIdNumber } from '@caretab/kernel';
import { seededRandom } from '@caretab/doubles';
import { citizensOf, INSTITUTIONS, secretsOf } from './hospitals-people';
import { type ChaosVisit, planVisit } from './hospitals-visit';

const NOW = new Date('2026-03-02T04:00:00Z');
const plans = (count: number, seed = 7): ChaosVisit[] => {
  const random = seededRandom(seed);
  const citizens = citizensOf(random);
  return Array.from({ length: count }, (_, index) =>
    planVisit(random, {
      visitNumber: `S${seed}.${index}`,
      institution: INSTITUTIONS[index % 3]!,
      citizen: random.pick(citizens),
      others: citizens,
      now: NOW,
    }),
  );
};
const visits = plans(600);
const kindsOf = ({ actions }: ChaosVisit): string[] => actions.map(({ kind }) => kind);

test('the same seed gives the same citizens and visits', () => {
  expect(plans(20)).toEqual(plans(20));
  expect(plans(20, 8)).not.toEqual(plans(20));
});

test('every visit is opened once, and ended or cancelled once', () => {
  for (const visit of visits) {
    const kinds = kindsOf(visit);
    expect(kinds.filter((kind) => kind === 'start')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'end' || kind === 'cancel')).toHaveLength(1);
  }
});

test(
  'every trouble of a hospital occurs: early and late charges, repeats, ' +
    'conflicts, returns, cancellations, and what is sent in error',
  () => {
    const count = (wanted: (visit: ChaosVisit) => boolean): number => visits.filter(wanted).length;
    const after = (visit: ChaosVisit, kind: string): boolean =>
      kindsOf(visit).slice(kindsOf(visit).indexOf('end')).includes(kind) &&
      kindsOf(visit).includes('end');
    const ids = ({ actions }: ChaosVisit): string[] =>
      actions.flatMap((action) =>
        action.kind === 'charges' ? action.charges.map(({ chargeId }) => chargeId) : [],
      );
    expect(count((visit) => kindsOf(visit)[0] === 'charges')).toBeGreaterThan(10);
    expect(count((visit) => after(visit, 'charges'))).toBeGreaterThan(5);
    expect(count((visit) => after(visit, 'return'))).toBeGreaterThan(30);
    expect(count((visit) => after(visit, 'pay'))).toBeGreaterThan(20);
    expect(count((visit) => kindsOf(visit).includes('cancel'))).toBeGreaterThan(10);
    expect(count(({ actions }) => actions.some(({ again }) => again))).toBeGreaterThan(60);
    expect(count((visit) => new Set(ids(visit)).size < ids(visit).length)).toBeGreaterThan(10);
    expect(count(({ actions }) => actions.some(({ isBad }) => isBad))).toBeGreaterThan(3);
    expect(count(({ actions }) => actions.some(({ other }) => other))).toBeGreaterThan(3);
    expect(
      count(({ actions }) =>
        actions.some((action) => action.kind === 'return' && action.returnedToPharmacy),
      ),
    ).toBeGreaterThan(3);
  },
);

test('of a charge that is taken back nothing else is said: which content came first is nobody’s to know', () => {
  for (const { actions } of visits) {
    const contents = new Map<string, Set<string>>();
    for (const action of actions)
      if (action.kind === 'charges')
        for (const charge of action.charges)
          contents.set(
            charge.chargeId,
            (contents.get(charge.chargeId) ?? new Set()).add(JSON.stringify(charge)),
          );
    for (const action of actions)
      if (action.kind === 'return' && contents.has(action.charge.chargeId))
        expect(contents.get(action.charge.chargeId)!.size).toBe(1);
  }
});

test('message ids are unique, charge ids within their visit, and everything happened before it is told', () => {
  const keys = visits.flatMap(({ actions }) => actions.map(({ key }) => key));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { startedAt, actions } of visits) {
    expect(businessDateOf(startedAt)).toBe('2026-03-02');
    for (const { at } of actions) expect(Date.parse(at)).toBeLessThanOrEqual(NOW.getTime());
  }
});

test('citizens have real ID numbers of their own, children guardians, and accounts every behaviour', () => {
  const citizens = citizensOf(seededRandom(1));
  for (const { idNumber } of citizens) readIdNumber(idNumber, '2026-03-02');
  for (const field of ['idNumber', 'mobile', 'email', 'name'] as const)
    expect(new Set(citizens.map((citizen) => citizen[field])).size).toBe(citizens.length);
  const children = citizens.filter(({ guardian }) => guardian);
  expect(children.length).toBeGreaterThan(0);
  for (const { guardian, account } of children) {
    expect(account).toBeNull();
    expect(citizens.find(({ citizen }) => citizen === guardian)).toMatchObject({
      openService: true,
      account: expect.anything(),
    });
  }
  expect(
    new Set(citizens.flatMap(({ account }) => (account ? [account.token.split(':')[1]] : []))).size,
  ).toBeGreaterThan(5);
  expect(secretsOf(citizens[0]!)).toEqual([
    citizens[0]!.name,
    expect.stringContaining('^'),
    citizens[0]!.idNumber,
    citizens[0]!.mobile,
    citizens[0]!.email,
  ]);
});
