import type {
  ContractEvent,
  creditAuthorizations,
  hospitalVisitEvents,
  Lender,
} from '@caretab/contracts';
import { after, authorize, charge, cover, end, post, ref, start } from '../../test/one-visit';
import { publicOf } from './public-events';
import { visit, type VisitCommand } from './visit';
import { commandOfCredit, commandOfHospital } from './visit-commands';
import { evolveAll } from './visit-evolve';
import { stateOf, textOf } from './visit-text';

const verdict: VisitCommand = {
  type: 'RecordVerdict',
  data: {
    ...{ revision: 1, grossFen: 2000, payers: [], patientDueFen: 2000 },
    adjudicatedAt: '2026-03-02T12:00:00+08:00',
  },
};
const started = (said: object) => {
  const { visitId, institutionId, personId } = ref;
  const event = {
    ...{ id: 'e1', type: 'VisitStarted', time: '2026-03-02T01:00:00Z' },
    source: `hospital/${institutionId}`,
    data: {
      ...{ visitId, institutionId, personId, visitNumber: 'V1', visitClass: 'outpatient' },
      ...{ startedAt: '2026-03-02T09:00:00+08:00', ...said },
    },
  };
  return commandOfHospital(event as ContractEvent<typeof hospitalVisitEvents>);
};
const closed = (opening: VisitCommand) =>
  after(opening, authorize(), cover, post(charge('T1', 2000)), end);

test.each(['typed', 'card'])(
  'what the opening says of the presence, %s, is said with the verdict',
  (presence) => {
    const facts = closed(started({ presence }));
    const read = stateOf(textOf({ state: evolveAll(visit.initial, facts), causes: new Set() }));
    const [adjudicated] = visit.decide(verdict, read.state);
    expect(publicOf(adjudicated!)).toMatchObject({ type: 'VisitAdjudicated', data: { presence } });
  },
);

test('of an opening that says nothing nothing is said, and it is known again with a word', () => {
  const facts = closed(start);
  const state = evolveAll(visit.initial, facts);
  const [adjudicated] = visit.decide(verdict, state);
  expect(publicOf(adjudicated!)!.data).not.toHaveProperty('presence');
  const again = { ...start, data: { ...start.data, presence: 'card' } } as VisitCommand;
  expect(visit.decide(again, state)).toEqual([]);
});

test.each<Lender | undefined>([
  { kind: 'hospital' },
  { kind: 'fund', lenderId: 'city-health-fund' },
  undefined,
])('who lends, %j, is said with the verdict as credit said it', (lender) => {
  const { visitId, personId } = ref;
  const event = {
    ...{ id: 'e2', type: 'CreditAuthorized', time: '2026-03-02T01:00:00Z', source: 'credit' },
    data: {
      ...{ visitId, personId, accountPersonId: personId, authorizationId: 'a1', heldFen: 20_000 },
      ...{ expiresAt: '2026-03-03T01:00:00.000Z', ...(lender && { lender }) },
    },
  };
  const authorized = commandOfCredit(event as ContractEvent<typeof creditAuthorizations>);
  const facts = after(start, authorized!, cover, post(charge('T1', 2000)), end);
  const read = stateOf(textOf({ state: evolveAll(visit.initial, facts), causes: new Set() }));
  const [adjudicated] = visit.decide(verdict, read.state);
  expect((publicOf(adjudicated!)!.data as { lender?: Lender }).lender).toEqual(lender);
});
