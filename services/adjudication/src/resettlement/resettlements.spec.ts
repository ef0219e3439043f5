import { MemoryStore } from '@caretab/store';
import { AdjudicationStage, bed, employee, personId, surgery } from '../../test/claims';
import { claimAnswer } from '../claim/claim-answer';
import { openRequests, Resettlements } from './resettlements';

const visitId = 'HZ01-A';
const request = {
  ...{ requestId: 'r-1', visitId, because: 'ADJUSTED' as const, terms: {} },
  requestedBy: 'office:1',
};

describe('a visit is settled again whose charges are as they were', () => {
  const stage = new AdjudicationStage(new MemoryStore());
  const resettlements = new Resettlements(stage.clock);
  const ask = () => stage.read((transaction) => resettlements.request(request, transaction));
  const open = () => stage.read((transaction) => openRequests(transaction, visitId));
  const asked = async () =>
    (await stage.published()).filter(({ type }) => type === 'ResettlementRequested');

  beforeAll(async () => {
    await stage.registerHospital();
    await stage.memberships.replace(personId, [employee]);
  });

  test('what has no claim is not', async () => {
    expect(await ask()).toBe(false);
    expect(await asked()).toEqual([]);
  });

  test('the ledger is asked once, whose next closing carries all that is open', async () => {
    await stage.open(visitId);
    await stage.close(visitId, 1, [surgery, bed]);
    expect([await ask(), await ask()]).toEqual([true, false]);
    expect((await asked()).map(({ data }) => data)).toEqual([
      expect.objectContaining({ visitId, personId, revision: 1, requestId: 'r-1' }),
    ]);
    expect(await open()).toMatchObject([{ requestId: 'r-1', settledRevision: null }]);

    const before = await claimAnswer(stage.store, visitId, [{}]);
    await stage.close(visitId, 2, [surgery, bed]);
    const after = await claimAnswer(stage.store, visitId, [{}]);
    expect(after.patientDueFen).toBe(before.patientDueFen);
    expect(after.revisions[1]!.cause).toMatchObject({
      what: 'requests',
      requests: [{ requestId: 'r-1', because: 'ADJUSTED' }],
    });
    expect(await open()).toEqual([]);
  });

  test('a charge that changed meanwhile is named beside it', async () => {
    await stage.read((transaction) =>
      resettlements.request({ ...request, requestId: 'r-2' }, transaction),
    );
    await stage.close(visitId, 3, [surgery]);
    const { revisions } = await claimAnswer(stage.store, visitId, [{}]);
    expect(revisions[2]!.cause).toMatchObject({
      ...{ what: 'charges', chargesChanged: 1 },
      requests: [{ requestId: 'r-2', because: 'ADJUSTED' }],
    });
  });
});
