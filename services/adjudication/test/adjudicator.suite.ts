import { MemoryStore } from '@caretab/store';
import type { Adjudicator } from '../src/adjudicator/adjudicator';
import { claimAnswer } from '../src/claim/claim-answer';
import { AdjudicationStage, employee, evergreen, mesh, personId, surgery } from './claims';

const visitId = 'HZ01-A';

/** What holds for all who may decide; `decideNow`: from here on its verdicts are there. */
export const adjudicatorSuite = (
  name: string,
  make: () => { readonly adjudicator: Adjudicator; readonly decideNow: () => void },
): void =>
  describe(`an adjudicator: ${name}`, () => {
    const world = async () => {
      const { adjudicator, decideNow } = make();
      const stage = new AdjudicationStage(new MemoryStore(), adjudicator);
      await stage.registerHospital();
      await stage.memberships.replace(personId, [employee, evergreen]);
      await stage.open(visitId);
      return { stage, decideNow };
    };

    test('its verdict is settled, posted, and adds up', async () => {
      const { stage, decideNow } = await world();
      decideNow();
      await stage.close(visitId, 1, [surgery, mesh]);
      const claim = await claimAnswer(stage.store, visitId, [{}]);
      const borne = claim.payers.reduce((sum, { amountFen }) => sum + amountFen, 0);
      expect(borne).toBeGreaterThan(0);
      expect(borne + claim.patientDueFen).toBe(claim.totals.grossFen);
      const sumOf = (field: 'payersFen' | 'patientFen') =>
        claim.lines.reduce((sum, line) => sum + line[field], 0);
      expect([sumOf('payersFen'), sumOf('patientFen')]).toEqual([borne, claim.patientDueFen]);
      const posted = (await stage.published()).filter(({ type }) => type === 'SettlementPosted');
      expect(posted.reduce((sum, { data }) => sum + data.postedFen, 0)).toBe(borne);
    });

    test('the same closing again changes nothing', async () => {
      const { stage, decideNow } = await world();
      decideNow();
      await stage.close(visitId, 1, [surgery, mesh]);
      const before = await stage.published();
      await stage.close(visitId, 1, [surgery, mesh]);
      expect(await stage.published()).toEqual(before);
    });
  });
