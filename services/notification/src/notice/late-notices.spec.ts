import { MemoryStore } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { afterSettlement, missedIn, notTheirs } from './late-notices';
import { Notices } from './notices';

const ITEM = { itemCode: '250101015', occurredAt: '2026-03-02T01:15:00Z' };

const charge = (reason: string) => ({
  ...{
    visitId: 'H1-V1',
    institutionId: 'H1',
    personId: 'p-patient',
    chargeId: 'T1',
    amountFen: 900,
    reason,
    ...ITEM,
  },
});

/** The notice of a charge, after these of its visit, to who had them. */
const toldTo = async (reader: string, reason: string, ...templates: readonly string[]) => {
  const notices = new Notices(fixedClock('2026-03-02T09:00:00Z'), 'email');
  return new MemoryStore().transact(async (transaction) => {
    for (const template of templates)
      await notices.notifyAccount(transaction, reader, {
        ...{ eventId: template, time: '2026-03-02T09:00:00Z', template },
        facts: { visitId: 'H1-V1' },
      });
    return afterSettlement(transaction, charge(reason));
  });
};

const told = (reason: string, ...templates: readonly string[]) =>
  toldTo('p-patient', reason, ...templates);

test('a charge that is not deferred after the settlement is told to who read of that', async () => {
  expect(await told('ITEM_UNKNOWN', 'visit-settled')).toEqual({
    ...{ recipientId: 'p-patient', template: 'late-not-deferred' },
    facts: {
      ...{ visitId: 'H1-V1', audience: 'patient', amountFen: 900, reason: 'ITEM_UNKNOWN' },
      ...ITEM,
    },
  });
  expect(await told('ITEM_UNKNOWN')).toBeUndefined();
  expect(await told('ITEM_UNKNOWN', 'late-charge')).toBeUndefined();
});

test('who pays for another person’s visit is not told why a charge is not deferred', async () => {
  expect(await toldTo('p-payer', 'ITEM_UNKNOWN', 'visit-settled')).toEqual({
    ...{ recipientId: 'p-payer', template: 'late-not-deferred' },
    facts: { visitId: 'H1-V1', audience: 'payer', amountFen: 900 },
  });
});

test('an agreed late charge that a later claim stands against is told as not collected', async () => {
  expect(await told('LATER_CLAIM_EXISTS', 'late-charge')).toMatchObject({
    template: 'late-in-question',
  });
});

test.each(['LATE_CHARGE_REFUSED', 'LATE_CHARGE_HOSPITAL_BEARS', 'PERSON_DIFFERS'])(
  'what is %s is not asked of the patient',
  async (reason) => expect(await told(reason, 'visit-settled')).toBeUndefined(),
);

test('a settlement does not name what the hospital bears', () => {
  expect(['LATE_CHARGE_REFUSED', 'OVER_LINE'].map((reason) => notTheirs({ reason }))).toEqual([
    ...[true, false],
  ]);
});

test('of a failed payment the patient learns the tab and what is not on it, the payer amounts alone', () => {
  const theirs = { chargeId: 'C1', itemCode: '250101015', amountFen: 2000, reason: 'OVER_LINE' };
  const borne = { ...theirs, chargeId: 'C2', reason: 'LATE_CHARGE_HOSPITAL_BEARS' };
  const onTab = [{ itemCode: '250101015', amountFen: 900, occurredAt: '2026-03-02T01:15:00Z' }];
  const data = {
    ...{ visitId: 'H1-1', institutionId: 'H1', personId: 'p-1', accountPersonId: 'p-1' },
    ...{ owedFen: 500, reason: 'INSUFFICIENT_FUNDS', grossFen: 900 },
    ...{ notDeferred: [theirs, borne], onTab, onTabCount: 1 },
  } as unknown as Parameters<typeof missedIn>[0]['data'];
  const amounts = { owedFen: 500, grossFen: 900, notDeferredCount: 1, notDeferredFen: 2000 };
  const patient = missedIn({ data });
  expect(patient).toMatchObject({ ...amounts, notDeferred: [theirs], onTab, onTabCount: 1 });
  const payer = missedIn({ data: { ...data, accountPersonId: 'p-2' as never } });
  expect(payer).toMatchObject({ ...amounts, audience: 'payer' });
  expect(JSON.stringify(payer)).not.toContain('250101015');
  // Of an earlier release.
  const { grossFen, notDeferred, onTab: _tab, onTabCount, ...older } = data;
  expect(Object.keys(missedIn({ data: older })).sort()).toEqual([
    'audience',
    'owedFen',
    'reason',
    'visitId',
  ]);
  void [grossFen, notDeferred, onTabCount];
});
