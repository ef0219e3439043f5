import type { Store } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { candidate } from '../../test/candidate';
import {
  at,
  caused,
  commandsOf,
  personId,
  rulesByDefault,
  visitIdOfNumber,
} from '../../test/facts';
import { ledgerInPostgres, type OpenedLedger } from '../../test/ledgers';
import { Projection } from '../views/projection';
import type { VisitRow } from '../views/visit.table';
import { visitView } from '../views/visit.view';
import { Visits } from '../visit/visits';
import { EndTimer } from './end-timer';
import { InstitutionRules } from './institution-rules';
import { institutionRulesTable } from './institution-rules.table';

const endsBy = '2026-03-02T16:00:00.000Z';
const nextDay = '2026-03-02T16:00:05.000Z';
const graceOver = '2026-03-02T17:00:05.000Z';

let ledger: OpenedLedger;
let store: Store;
let projection: Projection;
beforeAll(async () => {
  ledger = await ledgerInPostgres();
  store = await ledger.openRows();
  projection = new Projection(ledger.events, store, candidate(ledger.id));
  await projection.start();
});
afterAll(async () => {
  await projection.stop();
  await ledger.close();
});

/** A process of its own: nothing is left in memory from the one before. */
const timerAt = (now: string): EndTimer =>
  new EndTimer({
    store,
    clock: fixedClock(now),
    rules: new InstitutionRules(store, rulesByDefault),
    visits: new Visits(ledger.events),
    isAside: () => false,
  });
const rowOf = (visitNumber: string): Promise<VisitRow | undefined> =>
  store.transact((transaction) =>
    transaction.rows(visitView.table).get({ visitId: visitIdOfNumber(visitNumber) }),
  );
const until = (visitNumber: string, expected: Partial<VisitRow>): Promise<void> =>
  eventually(async () => expect(await rowOf(visitNumber)).toMatchObject(expected), 20_000);

test('a visit without an end ends by its rule and closes after the grace time, whichever process looks', async () => {
  await store.transact((transaction) =>
    transaction.rows(institutionRulesTable).save({
      institutionId: 'HZ001',
      graceMs: 3_600_000,
      lateCharge: null,
      outpatientEnd: 'midnight',
      emergencyEnd: null,
    }),
  );
  const { start, authorize, cover, post } = commandsOf('E1');
  await new Visits(ledger.events).handle(visitIdOfNumber('E1'), [
    caused({ ...start, data: { ...start.data, personId, startedAt: at, endsBy } }),
    caused(authorize()),
    caused(cover),
    caused(post('T1')),
  ]);
  await until('E1', { status: 'open', timerAt: endsBy });
  await timerAt('2026-03-02T15:59:59Z').runOnce();
  await Promise.all([timerAt(nextDay).runOnce(), timerAt(nextDay).runOnce()]);
  await until('E1', { status: 'open', graceUntil: graceOver, timerAt: graceOver });
  await timerAt(nextDay).runOnce();
  await timerAt(graceOver).runOnce();
  await until('E1', { status: 'closed', timerAt: null, graceUntil: null, closedAt: endsBy });
  await timerAt(graceOver).runOnce();
  const facts = await ledger.events.readStream(`visit-${visitIdOfNumber('E1')}`);
  expect(facts.map(({ type }) => type).slice(-3)).toEqual([
    'VisitEndReported',
    'VisitGraceEnded',
    'VisitClosed',
  ]);
  expect((await projection.check()).flatMap(({ differences }) => differences)).toEqual([]);
});
