import { MemoryStore } from '@caretab/store';
import {
  after,
  authorize,
  charge,
  cover,
  end,
  pay,
  post,
  ref,
  start,
  takeBack,
} from '../../test/one-visit';
import { ledgerDatabase } from '../../test/ledger-database';
import type { VisitCommand } from '../visit/visit';
import type { VisitEvent } from '../visit/visit-events';
import { personVisitsView } from './person-visits.view';
import type { Projection } from './projection';
import type { RecordedFact, View } from './view';
import { ViewsController } from './views.controller';
import { visitView } from './visit.view';

const { visitId, personId } = ref;

const verdict = (patientDueFen: number, revision: number): VisitCommand => ({
  type: 'RecordVerdict',
  data: {
    ...{ revision, patientDueFen, grossFen: patientDueFen, payers: [] },
    adjudicatedAt: '2026-03-02T10:00:00+08:00',
  },
});
const refund: VisitCommand = {
  type: 'RecordRefund',
  data: {
    ...{ refundId: 'R1', amountFen: 2000, channel: 'unionpay' },
    refundedAt: '2026-03-02T11:00:00+08:00',
  },
};

const folded = <Row extends object>(view: View<Row>, facts: readonly VisitEvent[]): Row =>
  facts
    .map((fact): RecordedFact => ({ ...fact, recordedAt: new Date(0) }))
    .filter((fact) => view.keysOf(fact).includes(visitId))
    .reduce<Row | undefined>((row, fact) => view.apply(row, fact, visitId), undefined)!;

/** What the visit, and the list of its person's visits, say is owed back, in fen. */
const saidAfter = async (...commands: readonly VisitCommand[]): Promise<readonly number[]> => {
  const facts = after(...commands);
  const store = new MemoryStore({ database: ledgerDatabase() });
  await store.transact(async (transaction) => {
    await transaction.rows(visitView.table).insert(folded(visitView, facts));
    await transaction.rows(personVisitsView.table).insert(folded(personVisitsView, facts));
  });
  const controller = new ViewsController(store, undefined as unknown as Projection);
  const scopes = [{ person: personId }];
  const visit = await controller.visit({ scopes, params: { visitId } });
  const { visits } = await controller.person({ scopes, params: { personId } });
  const others = [{ person: 'p-other' }, { institution: 'HZ999' }];
  await expect(controller.visit({ scopes: others, params: { visitId } })).rejects.toThrow(
    'VISIT_UNKNOWN',
  );
  expect((await controller.person({ scopes: others, params: { personId } })).visits).toEqual([]);
  return [visit, ...visits].map(({ refundOwedFen }) => refundOwedFen);
};

test('a visit says what is owed back of it, until it has gone back', async () => {
  const open = [start, authorize(), cover, post(charge('T1', 3000)), post(charge('T2', 2000))];
  expect(await saidAfter(...open)).toEqual([0, 0]);
  const unpaid = [...open, end, verdict(5000, 1)];
  expect(await saidAfter(...unpaid)).toEqual([0, 0]);
  const paid = [...unpaid, pay(5000)];
  expect(await saidAfter(...paid)).toEqual([0, 0]);
  const returned = [...paid, takeBack('T2', 2000), verdict(3000, 2)];
  expect(await saidAfter(...returned)).toEqual([2000, 2000]);
  // A second capture of what was paid is owed back, too.
  expect(await saidAfter(...returned, pay(3000, 'P2'))).toEqual([5000, 5000]);
  expect(await saidAfter(...returned, refund)).toEqual([0, 0]);
});
