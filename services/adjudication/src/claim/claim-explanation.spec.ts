import { adjudicate, plansOfTerms } from '@caretab/benefits';
import { explain, verdictView } from '@caretab/plans';
import { MemoryStore } from '@caretab/store';
import { AdjudicationStage, employee, escort, evergreen, mesh, personId } from '../../test/claims';
import { surgery } from '../../test/claims';
import { claimAnswer } from './claim-answer';
import { claimTable } from './claim.table';

const visit = 'HZ01-1001';
const lines = [surgery, mesh, escort];
let stage: AdjudicationStage;
beforeEach(async () => {
  stage = new AdjudicationStage(new MemoryStore());
  await stage.registerHospital();
  await stage.memberships.replace(personId, [
    { ...employee, personalAccountYuan: '100.00' },
    evergreen,
  ]);
  await stage.open(visit);
  await stage.close(visit, 1, lines);
});

test('a claim says which rule of which version took what, as the command does, in both languages', async () => {
  const { explanation, coverage, patientDueFen } = await claimAnswer(stage.store, visit, [{}]);
  const { verdict } = adjudicate(coverage, lines);
  const expected = { ...verdict, claim: visit };
  expect(verdict.patientFen).toBe(patientDueFen);
  expect(explanation!.verdict).toEqual(JSON.parse(JSON.stringify(verdictView(expected))));
  const plans = plansOfTerms(coverage);
  expect(explanation!.zh).toEqual(explain(expected, plans, 'zh'));
  expect(explanation!.en).toEqual(explain(expected, plans, 'en'));
  const [zh, en] = [explanation!.zh.join('\n'), explanation!.en.join('\n')];
  expect(zh).toContain('待遇政策 职工基本医疗保险');
  expect(zh).toContain('− 起付线 800.00');
  expect(zh).toContain('明细 escort 220.00: 自费 220.00 (own-expense)');
  expect(en).toContain('Plan Employee basic medical insurance (employee-basic, version ');
  expect(en).toContain('Account employee-basic (balance 100.00): pays 100.00');
});

test('an insurer reads what its own plans took, and nothing of another’s', async () => {
  const { explanation } = await claimAnswer(stage.store, visit, [{ payer: 'evergreen-health' }]);
  expect(explanation!.verdict.plans.map(({ plan }) => plan)).toEqual(['evergreen-supplement']);
  expect(explanation!.verdict.accounts).toEqual([]);
  for (const text of [...explanation!.zh, ...explanation!.en])
    expect(text).not.toContain('employee-basic');
});

test('a claim of an earlier release has none', async () => {
  await stage.store.transact(async (transaction) => {
    const claims = transaction.rows(claimTable);
    const claim = await claims.get({ visitId: visit, revision: 1 });
    await claims.save({ ...claim!, verdict: null });
  });
  expect(await claimAnswer(stage.store, visit, [{}])).not.toHaveProperty('explanation');
});
