import type { ContractEvent, Entitlement, hospitalVisitEvents } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { claimAnswer } from '../src/claim/claim-answer';
import { Claims } from '../src/claim/claims';
import { Estimates } from '../src/claim/estimates';
import type { CentreAnswer, CentreQuestion } from '../src/entitlement/centre';
import type { EntitlementPolicy } from '../src/entitlement/entitlement-policy';
import { Entitlements } from '../src/entitlement/entitlements';
import { AdjudicationStage, employee, evergreen, institutionId, personId, surgery } from './claims';

type VisitStarted = ContractEvent<typeof hospitalVisitEvents, 'VisitStarted'>;

export const good: Entitlement = {
  ...{ insuranceType: '310', insuredStatus: '1', insuredPlace: '330100', entitled: true },
  ...{ msgid: 'H3301-20260302-0001', answeredAt: '2026-03-02T01:00:00.000Z' },
};
const waiting: Entitlement = { ...good, entitled: false, reason: '待遇等待期' };
const ASKED: EntitlementPolicy = { basic: 'asked', unanswered: 'self-pay', waitMs: 600_000 };
const MINUTE_MS = 60_000;

const worldOn = async (store: Store, policy: Partial<EntitlementPolicy> = {}) => {
  const stage = new AdjudicationStage(store);
  const clock = fixedClock('2026-03-02T01:00:00Z');
  await stage.registerHospital();
  await stage.memberships.replace(personId, [employee, evergreen]);
  const asked: CentreQuestion[] = [];
  const answers: CentreAnswer[] = [];
  const counted: string[] = [];
  const entitlements = new Entitlements({
    ...{ store, clock, policy: { ...ASKED, ...policy } },
    centre: {
      ask: async (question) => {
        asked.push(question);
        return answers.shift() ?? { status: 'no-answer' };
      },
    },
    count: (outcome) => void counted.push(outcome),
  });
  const claims = new Claims(clock, entitlements);
  const opens = (visitId: string, changes = {}) =>
    store.transact((transaction) => claims.determine(stage.opened(visitId, changes), transaction));
  const forwards = (visitId: string, entitlement: Entitlement, whose = personId) =>
    store.transact((transaction) => {
      const event: VisitStarted = {
        ...{ id: derivedId('VisitStarted', visitId), type: 'VisitStarted' },
        ...{ time: '2026-03-02T01:00:00.000Z', source: `hospital/${institutionId}` },
        data: {
          ...{ visitId, institutionId, visitNumber: visitId.slice(5), personId: whose },
          ...{ visitClass: 'inpatient', startedAt: '2026-03-02T01:00:00.000Z', entitlement },
        },
      };
      return entitlements.note(event, transaction);
    });
  const closes = (visitId: string) =>
    store.transact((transaction) =>
      claims.adjudicate(stage.closed(visitId, 1, [surgery]), transaction),
    );
  /** The plans of the coverage that the ledger got; undefined: none yet. */
  const plansOf = async (visitId: string) => {
    const found = (await stage.published()).find(
      ({ type, data }) => type === 'CoverageDetermined' && data.visitId === visitId,
    );
    const coverage = found?.data.coverage;
    return coverage && [coverage.plans.map(({ planId }: any) => planId), coverage.withheld];
  };
  const later = async (ms: number) => {
    clock.advance(ms);
    await entitlements.runOnce();
  };
  return {
    ...{ store, stage, clock, entitlements, opens, forwards, closes, plansOf, later },
    ...{ asked, answers, counted },
  };
};

const BOTH = [['employee-basic', 'evergreen-supplement'], undefined];
const withheld = (reason: string) => [
  ...[['evergreen-supplement'], [{ planId: 'employee-basic', reason }]],
];

/** Who is entitled at each visit, held by both stores. */
export const entitlementsSuite = (open: () => Promise<Store>): void => {
  test.each<[string, Entitlement, unknown]>([
    ['who is entitled', good, BOTH],
    ['insured, and not entitled that day', waiting, withheld('NOT_ENTITLED')],
    ['who is not insured now', { ...good, insuredStatus: '2' }, withheld('NOT_INSURED')],
    ['whose time is over', { ...good, until: '2026-03-01' }, withheld('NOT_ENTITLED')],
    ['whose time begins tomorrow', { ...good, from: '2026-03-03' }, withheld('NOT_ENTITLED')],
  ])('what the hospital forwards decides about the basic plan: %s', async (_, said, expected) => {
    const { opens, forwards, plansOf, asked } = await worldOn(await open());
    await forwards('HZ01-1', said);
    await opens('HZ01-1');
    expect(await plansOf('HZ01-1')).toEqual(expected);
    // The ledger's topic may be the faster one.
    await opens('HZ01-2');
    expect(await plansOf('HZ01-2')).toBeUndefined();
    await forwards('HZ01-2', said);
    expect(await plansOf('HZ01-2')).toEqual(expected);
    expect(asked).toEqual([]);
  });

  test('the verdict is self-pay where the person is not entitled, and says why', async () => {
    const { store, stage, opens, forwards, closes } = await worldOn(await open());
    await stage.memberships.replace(personId, [employee]);
    await forwards('HZ01-1', waiting);
    await opens('HZ01-1');
    await closes('HZ01-1');
    expect(await claimAnswer(store, 'HZ01-1', [{ person: personId }])).toMatchObject({
      ...{ patientDueFen: surgery.amountFen, payers: [] },
      coverage: { withheld: [{ planId: 'employee-basic', reason: 'NOT_ENTITLED' }] },
    });
  });

  test('the centre is asked where nothing is forwarded; silence and contradictions are asked again', async () => {
    const { opens, plansOf, later, asked, answers, counted } = await worldOn(await open());
    answers.push(
      ...([
        { status: 'no-answer' },
        { status: 'contradiction', reason: 'PERSON_DIFFERS' },
      ] as const),
      { status: 'answered', entitlement: waiting },
    );
    await opens('HZ01-1');
    await later(500);
    expect(asked).toEqual([]);
    await later(1_000);
    for (let at = 0; at < 2; at++) {
      expect(await plansOf('HZ01-1')).toBeUndefined();
      await later(MINUTE_MS);
    }
    expect(await plansOf('HZ01-1')).toEqual(withheld('NOT_ENTITLED'));
    expect(counted).toEqual(['no-answer', 'PERSON_DIFFERS', 'answered']);
    expect(asked[0]).toEqual({
      ...{ visitId: 'HZ01-1', personId, institutionId, careDate: '2026-03-02' },
      visitClass: 'inpatient',
    });
    await later(MINUTE_MS);
    expect(asked).toHaveLength(3);
  });

  test.each([
    ['self-pay', withheld('ENTITLEMENT_UNANSWERED')],
    ['membership', BOTH],
  ] as const)(
    'without an answer in time it is %s, as the region says',
    async (unanswered, plans) => {
      const { opens, plansOf, later, counted } = await worldOn(await open(), { unanswered });
      await opens('HZ01-1');
      for (let at = 0; at < 12; at++) await later(MINUTE_MS);
      expect(await plansOf('HZ01-1')).toEqual(plans);
      expect(counted.at(-1)).toBe('gave-up');
    },
  );

  test('a visit that closes waits no longer, and its verdict stands when the answer comes', async () => {
    const { store, opens, closes, forwards, plansOf } = await worldOn(await open());
    await opens('HZ01-1');
    await closes('HZ01-1');
    expect(await plansOf('HZ01-1')).toEqual(withheld('ENTITLEMENT_UNANSWERED'));
    const before = await claimAnswer(store, 'HZ01-1', [{}]);
    await forwards('HZ01-1', good);
    expect(await claimAnswer(store, 'HZ01-1', [{}])).toEqual(before);
  });

  test('the first answer counts, and what is said of another person says nothing', async () => {
    const { opens, forwards, plansOf } = await worldOn(await open());
    await forwards('HZ01-1', waiting);
    await forwards('HZ01-1', good);
    await opens('HZ01-1');
    expect(await plansOf('HZ01-1')).toEqual(withheld('NOT_ENTITLED'));
    const other = 'p-00000000-0000-4000-8000-000000000002';
    await forwards('HZ01-2', good, other);
    await opens('HZ01-2');
    expect(await plansOf('HZ01-2')).toEqual(withheld('ENTITLEMENT_UNANSWERED'));
  });

  test('of who has no basic plan nothing is asked, and their visit waits for nothing', async () => {
    const { stage, opens, plansOf, later, asked } = await worldOn(await open());
    await stage.memberships.replace(personId, [evergreen]);
    await opens('HZ01-1');
    expect(await plansOf('HZ01-1')).toEqual([['evergreen-supplement'], undefined]);
    await later(MINUTE_MS);
    expect(asked).toEqual([]);
  });

  test('an estimate of that day goes by what the centre last said of the person', async () => {
    const { store, clock, entitlements, forwards } = await worldOn(await open());
    const estimates = new Estimates({ store, clock, entitlements });
    const { itemCode, quantity, amountFen } = surgery;
    const request = (careDate: string) => ({
      ...{
        personId,
        careDate,
        visitClass: 'inpatient' as const,
        hospitalLevel: 'level-3' as const,
      },
      lines: [{ itemCode, quantity, amountFen }],
    });
    await forwards('HZ01-1', waiting);
    expect(await estimates.of(request('2026-03-02'), [{}])).toMatchObject({
      withheld: [{ planId: 'employee-basic', reason: 'NOT_ENTITLED' }],
    });
    expect(await estimates.of(request('2026-03-01'), [{}])).not.toHaveProperty('withheld');
  });
};
