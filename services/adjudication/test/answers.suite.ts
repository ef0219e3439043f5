import type { InsurerAnswer } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { deductionTable } from '../src/answer/answer.table';
import { Answers } from '../src/answer/answers';
import { claimAnswer } from '../src/claim/claim-answer';
import * as sample from './claims';

const { bed, employee, evergreen, institutionId, mesh, personId, surgery } = sample;
const visitId = 'HZ01-A';
const query: InsurerAnswer = {
  ...{ answerId: 'q-1', kind: 'query', reason: 'OUT_OF_RESTRICTION', text: 'Which diagnosis?' },
};
const remit = (amountFen: number, day = '2026-03-02'): InsurerAnswer => ({
  ...{ answerId: `m-${amountFen}`, kind: 'remit', amountFen, reference: 'B-1', day },
});
const adjust = (chargeId: string, amountFen: number): InsurerAnswer => ({
  ...{ answerId: `d-${amountFen}`, kind: 'adjust', reason: 'ABOVE_STANDARD' },
  deductions: [{ chargeId, amountFen }],
});

/** What holds of answers, on the real store and its twin. */
export const answersSuite = (
  name: string,
  open: () => Promise<{ readonly store: Store; readonly end: () => Promise<void> }>,
): void =>
  describe(`answers of insurers: ${name}`, () => {
    let stage: sample.AdjudicationStage;
    let answers: Answers;
    let end: () => Promise<void>;
    beforeEach(async () => {
      const opened = await open();
      end = opened.end;
      stage = new sample.AdjudicationStage(opened.store);
      answers = new Answers(opened.store, stage.clock);
      await stage.registerHospital();
      await stage.memberships.replace(personId, [employee, evergreen]);
      await stage.open(visitId);
      await stage.close(visitId, 1, [surgery, mesh, bed]);
    });
    afterEach(() => end());

    /** The settlement of the plan's last revision, with the side that answers it. */
    const settled = async (planId = 'employee-basic') => {
      const posted = (await stage.published()).filter(
        ({ type, data }) => type === 'SettlementPosted' && data.planId === planId && !data.cancels,
      );
      const { topic, data } = posted.at(-1)!;
      const payer = { payerId: topic.split('.')[1]! };
      const give = (answer: InsurerAnswer) =>
        answers.give(payer, data.settlementId, answer, 'insurer:1');
      const lineOf = (chargeId: string): number =>
        data.lines.find((each: { chargeId: string }) => each.chargeId === chargeId).payersFen;
      return {
        id: data.settlementId as string,
        fen: data.postedFen as number,
        payer,
        give,
        lineOf,
      };
    };
    const deductions = () => stage.read((transaction) => transaction.rows(deductionTable).find({}));

    test('a settlement is submitted, queried, replied to, adjusted, and remitted in parts', async () => {
      const { id, fen, payer, give } = await settled();
      const hospital = { institutionId };
      const { settlements } = await answers.list(payer, 'submitted');
      expect(settlements).toMatchObject([{ settlementId: id, postedFen: fen, openFen: fen }]);
      await give(query);
      expect((await answers.list(hospital, 'queried')).settlements).toMatchObject([
        { settlementId: id },
      ]);
      const reply = { kind: 'reply' as const, answerId: 'p-1', text: 'As in the record' };
      await answers.give(hospital, id, reply, 'hospital:1');
      await give(adjust('surgery', 1000));
      await give(remit(4000));
      const rest = fen - 5000;
      expect((await give(remit(rest))).settlement).toMatchObject({
        ...{ state: 'remitted', deductedFen: 1000, remittedFen: 4000 + rest, openFen: 0 },
      });
      const shown = await answers.of(hospital, id);
      expect(shown.answers.map(({ by, kind }) => [by, kind])).toEqual([
        ['insurer', 'query'],
        ['hospital', 'reply'],
        ['insurer', 'adjust'],
        ['insurer', 'remit'],
        ['insurer', 'remit'],
      ]);
      expect(await deductions()).toMatchObject([
        { settlementId: id, chargeId: 'surgery', amountFen: 1000, endedAt: null, institutionId },
      ]);
    });

    test('the same answer again changes nothing, and other content under its id is a conflict', async () => {
      const { id, payer, give } = await settled();
      const first = await give(query);
      expect(await give(query)).toEqual(first);
      await expect(give({ ...query, text: 'Which other?' } as never)).rejects.toThrow(
        'ANSWER_CONFLICT',
      );
      expect(await answers.of(payer, id)).toEqual(first);
    });

    test('whatever insurers answer, the claim, its postings and what the citizen owes stay', async () => {
      const before = [await claimAnswer(stage.store, visitId, [{}]), await stage.published()];
      for (const planId of ['employee-basic', 'evergreen-supplement']) {
        const { give } = await settled(planId);
        await give({ answerId: 'r-1', kind: 'reject', reason: 'IDLE_STAY' });
      }
      expect([await claimAnswer(stage.store, visitId, [{}]), await stage.published()]).toEqual(
        before,
      );
    });

    test('a later verdict takes the place of the earlier: its deductions alone count', async () => {
      const { fen, give } = await settled();
      await give({ answerId: 'r-1', kind: 'reject', reason: 'SPLIT_STAY' });
      await give(adjust('surgery', 1000));
      const counting = (await deductions()).filter(({ endedAt }) => endedAt === null);
      expect(counting).toMatchObject([{ amountFen: 1000 }]);
      const { settlement } = await give({ answerId: 'a-1', kind: 'accept' });
      expect(settlement).toMatchObject({ state: 'accepted', deductedFen: 0, openFen: fen });
      expect((await deductions()).every(({ endedAt }) => endedAt !== null)).toBe(true);
    });

    test('of a line at most its own part is deducted, and of no line of another claim', async () => {
      const { give, lineOf } = await settled();
      const part = lineOf('surgery');
      for (const [chargeId, fen] of [
        ['surgery', part + 1],
        ['another', 1],
      ] as const)
        await expect(give(adjust(chargeId, fen))).rejects.toMatchObject({
          ...{ code: 'ANSWER_ABOVE_POSTED', details: { field: '/deductions/0' } },
        });
      const twice = [{ chargeId: 'surgery', amountFen: part }];
      await expect(
        give({ ...adjust('surgery', 1), deductions: [...twice, ...twice] } as never),
      ).rejects.toThrow('ANSWER_ABOVE_POSTED');
      expect(await deductions()).toEqual([]);
      expect((await give(adjust('surgery', part))).settlement.deductedFen).toBe(part);
    });

    test('another insurer, and another hospital, find no such settlement', async () => {
      const { id } = await settled();
      const other = await settled('evergreen-supplement');
      for (const side of [other.payer, { institutionId: 'HZ02' }]) {
        await expect(answers.of(side, id)).rejects.toThrow('SETTLEMENT_UNKNOWN');
        await expect(answers.give(side, id, query, 'x:1')).rejects.toThrow('SETTLEMENT_UNKNOWN');
        const { settlements } = await answers.list(side, 'submitted');
        expect(settlements.map(({ settlementId }) => settlementId)).not.toContain(id);
      }
    });

    test('what is paid on a later day is not remitted yet', async () => {
      const { give } = await settled();
      await give({ answerId: 'a-1', kind: 'accept' });
      await expect(give(remit(1, '2026-03-03'))).rejects.toThrow('ANSWER_DAY_TO_COME');
    });

    test('a further revision takes it back with its deductions; what was remitted is owed back', async () => {
      const { id, payer, give } = await settled();
      await give(adjust('surgery', 1000));
      await give(remit(4000));
      await stage.close(visitId, 2, [surgery]);
      expect((await answers.of(payer, id)).settlement).toMatchObject({
        ...{ state: 'cancelled', postedFen: 0, deductedFen: 0, remittedFen: 4000, openFen: -4000 },
      });
      expect((await deductions()).every(({ endedAt }) => endedAt !== null)).toBe(true);
      await expect(give({ answerId: 'a-9', kind: 'accept' })).rejects.toThrow(
        'SETTLEMENT_NOT_CURRENT',
      );
      const next = await settled();
      expect(next.id).not.toBe(id);
      expect((await answers.of(payer, next.id)).settlement).toMatchObject({
        ...{ state: 'submitted', revision: 2, openFen: next.fen },
      });
    });

    test('two remittances at one moment never pay more than is open', async () => {
      const { fen, give } = await settled();
      await give({ answerId: 'a-1', kind: 'accept' });
      const more = Math.floor(fen / 2) + 1;
      const ends = await Promise.allSettled([give(remit(more)), give(remit(more + 1))]);
      expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });
  });
