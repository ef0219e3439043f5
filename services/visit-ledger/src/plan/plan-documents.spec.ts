import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tabOf } from '@caretab/benefits';
import type { Charge, Coverage } from '@caretab/contracts';
import { versionOf } from '@caretab/plans';
import { MemoryStore } from '@caretab/store';
import { tabWith, tabWithLess } from '../visit/tab';
import type { OpenVisit, RecordedCharge } from '../visit/visit-state';
import { PlanConsumer } from './plan.consumer';
import { PlanDocuments } from './plan-documents';

const file = readFileSync(join(__dirname, '../../../../samples/plans/insurer-plan.json'), 'utf8');
const version = versionOf(JSON.parse(file) as object);
const coverage: Coverage = {
  ...{ coverageId: 'c-1', catalogueDate: '2099-01-02', hospitalLevel: 'level-3' },
  visitClass: 'outpatient',
  plans: [
    {
      ...{ planId: 'sunrise-care', payerId: 'sunrise-health', kind: 'supplementary' },
      ...{ deductibleFen: 0, deductibleUsedFen: 0, bands: [{ upToFen: null, rateBps: 0 }] },
      ...{ inScopeUsedFen: 0, fundCapFen: null, fundUsedFen: 0, personalAccountFen: 0 },
      document: {
        ...{ version, memberFrom: '2099-01-01', memberTo: null, facts: { personType: '11' } },
        used: [],
      },
    },
  ],
};
const charge = (chargeId: string, amountFen: number): Charge => ({
  ...{ chargeId, itemCode: '250101015', quantity: '1', amountFen },
  ...{ unitPriceYuan: String(amountFen / 100), occurredAt: '2099-01-02T02:00:00.000Z' },
});

test('a coverage waits for a document by its name, and goes on once it is here', async () => {
  const store = new MemoryStore();
  const documents = new PlanDocuments(store);
  await expect(documents.know(coverage)).rejects.toMatchObject({
    ...{ code: 'PLAN_NOT_RECEIVED', kind: 'awaited', details: { version } },
  });
  await store.transact((transaction) =>
    new PlanConsumer().plans(
      {
        ...{ id: 'e-1', type: 'PlanDocumentApproved', source: 'adjudication' },
        time: '2098-12-01T00:00:00.000Z',
        data: {
          ...{ version, kind: 'plan', name: 'sunrise-care', payerId: 'sunrise-health', file },
          effectiveFrom: '2099-01-01',
        },
      },
      { transaction },
    ),
  );
  await documents.know(coverage);
  await documents.know(undefined);
});

test('charges and returns are estimated by the document’s own rules', async () => {
  const recorded = (given: Charge): RecordedCharge => ({
    ...{ status: 'deferred', charge: given },
    left: { quantity: given.quantity, amountFen: given.amountFen },
  });
  const first = recorded(charge('c1', 5000));
  const visit = { coverage, charges: new Map([['c1', first]]) } as unknown as OpenVisit & {
    readonly coverage: Coverage;
  };
  const both = [charge('c1', 5000), charge('c2', 3000)];
  expect(tabWith(visit, charge('c2', 3000))).toEqual(tabOf(coverage, both));
  expect(tabWithLess(visit, first, undefined).totals.grossFen).toBe(0);
  const half = { quantity: '0.5', amountFen: 2500 };
  expect(tabWithLess(visit, first, half)).toEqual(tabOf(coverage, [charge('c1', 2500)]));
});
