import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { approveTried, bureauPlan, INSURER, insurerPlan } from '../../test/insurer-plan';
import type { Owner } from './owner';
import { PlanDesk } from './plan-desk';

let store: MemoryStore;
let desk: PlanDesk;
const clock = fixedClock('2026-03-02T12:00:00Z');
beforeEach(() => {
  store = new MemoryStore();
  desk = new PlanDesk(store, clock);
});

const put = (content = insurerPlan(), owner: Parameters<PlanDesk['put']>[0] = INSURER) =>
  desk.put(owner, content, 'actuary');
const approve = (owner: Owner, version: string, by: string) =>
  approveTried({ store, clock }, owner, version, by);
const versionOf = async (...given: Parameters<typeof put>): Promise<string> =>
  (await put(...given)).document!.version;

test('a document without faults is kept, once, and is in force from its day after an approval', async () => {
  const first = await put(insurerPlan({ from: '2026-03-04' }));
  expect(first).toMatchObject({
    ...{ created: true, findings: [] },
    document: { name: 'sunrise-care', state: 'checked', putBy: 'actuary', approvedBy: null },
  });
  const { version } = first.document!;
  expect((await put(insurerPlan({ from: '2026-03-04' }))).created).toBe(false);
  const approved = await approve(INSURER, version, 'second');
  expect(approved).toMatchObject({ state: 'approved', approvedBy: 'second' });
  expect(await approve(INSURER, version, 'third')).toEqual(approved);
  const messages = await store.unpublished(10);
  expect(messages.map(({ topic, key }) => [topic, key])).toEqual([['adjudication.plans', version]]);
  expect(JSON.parse((messages[0]!.value as { file: string }).file)).toEqual(
    insurerPlan({ from: '2026-03-04' }),
  );
  const later = new PlanDesk(store, fixedClock('2026-03-04T12:00:00Z'));
  expect((await later.show(INSURER, version)).document.state).toBe('in-force');
});

test('a document is shown with its content, and in words', async () => {
  const { content, explanation } = await desk.show(INSURER, await versionOf());
  expect(content).toEqual(insurerPlan());
  expect(explanation.zh.join('\n')).toContain('半额给付');
  expect(explanation.en.join('\n')).toContain('50%');
});

test('a later document supersedes an earlier one from its day', async () => {
  const first = await versionOf(insurerPlan({ from: '2026-03-04' }));
  const second = await versionOf(insurerPlan({ from: '2026-04-01' }));
  for (const version of [first, second]) await approve(INSURER, version, 'second');
  const statesOn = async (day: string) => {
    const { documents } = await new PlanDesk(store, fixedClock(`${day}T04:00:00Z`)).list(INSURER);
    return Object.fromEntries(documents.map(({ version, state }) => [version, state]));
  };
  expect(await statesOn('2026-03-31')).toEqual({ [first]: 'in-force', [second]: 'approved' });
  expect(await statesOn('2026-04-01')).toEqual({ [first]: 'superseded', [second]: 'in-force' });
});

test.each([
  ['an example that is not exact', { examples: [example('11.00')] }, '/examples/0/expect/fund'],
  ['no example', { examples: [] }, '/examples'],
  ['an unknown field', { colour: 'red' }, '/colour'],
  ['a fact that no visit says', { when: { diagnosis: 'I10' } }, '/when/diagnosis'],
  ['a level that no hospital has', { when: { hospitalLevel: '3A' } }, '/when/hospitalLevel'],
  ['a stay settled in two parts', { year: { by: 'admission', split: true } }, '/year/split'],
  ['another schema', { schema: 'caretab-plan/9' }, '/schema'],
  [
    'a plan of a table that changes within the year',
    { plan: 'evergreen-supplement', payer: 'evergreen-health', from: '2026-05-01' },
    '/from',
  ],
])('a document with a fault is not kept, and the fault is named: %s', async (_, changes, path) => {
  const { document, findings } = await put(insurerPlan(changes));
  expect(document).toBeNull();
  expect(findings.map((each) => each.path)).toContain(path);
  for (const { why, remedy } of findings) expect([why, remedy].join(' ')).toMatch(/\w+/);
  expect((await desk.list(INSURER)).documents).toEqual([]);
});

function example(fund: string) {
  const claim = { facts: {}, totals: { inScope: '30.00' } };
  return { name: 'one', claim, expect: { fund } };
}

describe('whose a plan is', () => {
  const REFUSED = 'PLAN_OF_ANOTHER';
  test('an insurer puts no plan of another payer, no basic plan, and no order of payers', async () => {
    await expect(put(insurerPlan({ payer: 'other-health' }))).rejects.toThrow(REFUSED);
    await expect(put(bureauPlan(), { payerId: 'city-fund' })).rejects.toThrow(REFUSED);
    const basic = { plan: 'employee-basic', payer: 'city-employee', from: '2099-01-01' };
    await expect(put(insurerPlan(basic), { payerId: 'city-employee' })).rejects.toThrow(REFUSED);
    const shipped = { plan: 'evergreen-supplement', payer: 'sunrise-health' };
    await expect(put(insurerPlan(shipped))).rejects.toThrow(REFUSED);
  });

  test('a plan’s id is its payer’s once it was approved', async () => {
    await approve(INSURER, await versionOf(), 'second');
    const taken = insurerPlan({ payer: 'other-health', from: '2099-02-01' });
    await expect(put(taken, { payerId: 'other-health' })).rejects.toThrow(REFUSED);
  });

  test('what one insurer put another neither sees nor approves nor drops', async () => {
    const version = await versionOf();
    const other = { payerId: 'other-health' };
    expect((await desk.list(other)).documents).toEqual([]);
    await expect(desk.show(other, version)).rejects.toThrow('PLAN_DOCUMENT_UNKNOWN');
    await expect(approve(other, version, 'second')).rejects.toThrow('PLAN_DOCUMENT_UNKNOWN');
    await desk.drop(other, version);
    expect((await desk.list(INSURER)).documents).toHaveLength(1);
    expect((await desk.list('bureau')).documents).toEqual([]);
  });

  test('the bureau puts basic plans and the order of payers', async () => {
    expect((await put(bureauPlan(), 'bureau')).created).toBe(true);
    const order = {
      ...{ schema: 'caretab-coordination/1', region: '330100', name: { zh: '次序', en: 'order' } },
      ...{ from: '2099-01-01', to: null, source: { title: 'own', url: null, grade: 'C' } },
      order: [{ plan: 'sunrise-care' }, { plan: 'city-basic', when: { care: 'inpatient' } }],
    };
    expect((await put(order, 'bureau')).document).toMatchObject({ kind: 'coordination' });
  });
});

test('a day that has begun is too late, and two of one plan never begin on one day', async () => {
  const today = await versionOf(insurerPlan({ from: '2026-03-02' }));
  await expect(approve(INSURER, today, 'second')).rejects.toThrow('PLAN_DOCUMENT_TOO_LATE');
  await approve(INSURER, await versionOf(), 'second');
  const other = await versionOf(insurerPlan({ name: { zh: '改名', en: 'renamed' } }));
  await expect(approve(INSURER, other, 'second')).rejects.toThrow('PLAN_DOCUMENT_DAY_TAKEN');
});

test('what is approved is never dropped; the rest is, and may be put again', async () => {
  const version = await versionOf();
  await desk.drop(INSURER, version);
  await desk.drop(INSURER, version);
  expect(await versionOf()).toBe(version);
  await approve(INSURER, version, 'second');
  await expect(desk.drop(INSURER, version)).rejects.toThrow('PLAN_DOCUMENT_APPROVED');
});
