import { adjudicate } from '@caretab/benefits';
import { MemoryStore } from '@caretab/store';
import { adjudicatorSuite } from '../../test/adjudicator.suite';
import { AdjudicationStage, employee, personId, surgery } from '../../test/claims';
import { GivenAdjudicator } from '../../test/given-adjudicator';
import { claimAnswer } from '../claim/claim-answer';
import { EngineAdjudicator } from './engine';
import type { VerdictQuestion } from './adjudicator';

const visitId = 'HZ01-A';
const asEngine = ({ coverage, lines, days }: VerdictQuestion) => adjudicate(coverage, lines, days);

adjudicatorSuite('our engine', () => ({
  adjudicator: new EngineAdjudicator(),
  decideNow: () => undefined,
}));
adjudicatorSuite('another, in memory', () => {
  const adjudicator = new GivenAdjudicator();
  return { adjudicator, decideNow: () => adjudicator.give(visitId, asEngine) };
});

describe('another than our engine decides', () => {
  const world = async () => {
    const adjudicator = new GivenAdjudicator();
    const stage = new AdjudicationStage(new MemoryStore(), adjudicator);
    await stage.registerHospital();
    await stage.memberships.replace(personId, [employee]);
    await stage.open(visitId);
    return { adjudicator, stage };
  };

  test('until it has, the visit waits alone, and nothing is settled or collected', async () => {
    const { stage } = await world();
    const before = await stage.published();
    await expect(stage.close(visitId, 1, [surgery])).rejects.toMatchObject({
      ...{ code: 'VERDICT_AWAITED', kind: 'awaited', details: { visitId, revision: 1 } },
    });
    expect(await stage.published()).toEqual(before);
    await expect(claimAnswer(stage.store, visitId, [{}])).rejects.toThrow('CLAIM_UNKNOWN');
  });

  test('its verdict is the verdict, not what our engine would say', async () => {
    const { adjudicator, stage } = await world();
    adjudicator.give(visitId, (question) =>
      asEngine({ ...question, coverage: { ...question.coverage, plans: [] } }),
    );
    await stage.close(visitId, 1, [surgery]);
    expect(await claimAnswer(stage.store, visitId, [{}])).toMatchObject({
      ...{ payers: [], patientDueFen: surgery.amountFen },
    });
  });

  test.each([
    ['payers and patient', { patientDueFen: 1 }],
    ['lines', { lines: [] }],
  ])('a verdict whose %s do not add up is refused as ours to put right', async (_what, wrong) => {
    const { adjudicator, stage } = await world();
    adjudicator.give(visitId, (question) => ({ ...asEngine(question), ...wrong }));
    const before = await stage.published();
    await expect(stage.close(visitId, 1, [surgery])).rejects.toThrow('a verdict adds up');
    expect(await stage.published()).toEqual(before);
  });
});
