import 'reflect-metadata';
import type { Scope } from '@caretab/access';
import { MemoryEventStore } from '@caretab/event-store';
import { concernedBy } from '@caretab/host';
import { MemoryStore } from '@caretab/store';
import { personId } from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { writeVisit } from '../../test/visit-audit.suite';
import type { Resumption } from '../set-aside/resumption';
import { SetAsideController } from '../set-aside/set-aside.controller';
import { LaterClaims } from '../views/later-claims';
import { recordedFact } from '../views/view';
import type { VisitRow } from '../views/visit.table';
import { visitView } from '../views/visit.view';
import { ProofController } from './proof.controller';
import { VisitController } from './visit.controller';
import { streamOf } from './visit-streams';

const written = async () => {
  const events = new MemoryEventStore();
  const visitId = await writeVisit(events, 'W1');
  return { events, visitId };
};

test('whose visit is proven is said to the record of access', async () => {
  const { events, visitId } = await written();
  const proofs = new ProofController(events);
  expect(concernedBy(await proofs.proof({ params: { visitId } }))).toEqual([personId]);
  const params = { visitId, revision: '3' };
  expect(concernedBy(await proofs.eventProof({ params }))).toEqual([personId]);
});

test('who reads within scopes reads a stream whose visit’s row is theirs, and no other', async () => {
  const { events, visitId } = await written();
  const store = new MemoryStore({ database: ledgerDatabase() });
  const handle = () => Promise.resolve();
  const claims = new LaterClaims(store);
  const history = new VisitController(events, { handle }, claims, undefined, store);
  const proofs = new ProofController(events, undefined, undefined, store);
  const reads = (scopes: readonly Scope[]) => [
    history.history({ params: { visitId }, scopes }),
    proofs.eventProof({ params: { visitId, revision: '3' }, scopes }),
  ];
  const unknown = { code: 'VISIT_UNKNOWN', kind: 'not-found' };
  const own = [{ institution: 'HZ001' }];
  for (const read of reads(own)) await expect(read).rejects.toMatchObject(unknown);
  const facts = (await events.readStream(streamOf(visitId))).map(recordedFact);
  const row = facts.reduce<VisitRow | undefined>(
    (before, fact) => visitView.apply(before, fact, visitId),
    undefined,
  );
  await store.transact((transaction) => transaction.rows(visitView.table).insert(row!));
  for (const scopes of [own, [{}], [{ person: personId }]]) await Promise.all(reads(scopes));
  for (const scopes of [[{ institution: 'HZ002' }], [{ person: 'p-other' }], []])
    for (const read of reads(scopes)) await expect(read).rejects.toMatchObject(unknown);
});

test('whose late charge is answered is said to the record of access', async () => {
  const { events, visitId } = await written();
  const store = new MemoryStore({ database: ledgerDatabase() });
  const claims = new LaterClaims(store);
  const controller = new VisitController(events, { handle: () => Promise.resolve() }, claims);
  const params = { visitId, chargeId: 'C1' };
  const answer = () => controller.answer({ params, body: { agreed: true, by: 'desk' } });
  // The views do not have its end yet.
  expect(concernedBy(await answer())).toEqual([]);
  const facts = (await events.readStream(streamOf(visitId))).map(recordedFact);
  const row = facts.reduce<VisitRow | undefined>(
    (before, fact) => visitView.apply(before, fact, visitId),
    undefined,
  );
  await store.transact((transaction) => transaction.rows(visitView.table).insert(row!));
  expect(concernedBy(await answer())).toEqual([personId]);
});

test.each([[personId], [null]])(
  'whose visit goes on is said to the record of access, and not in the answer: %s',
  async (whose) => {
    const resumed = { stream: 'visit-HZ001-W1~2', events: 4, personId: whose };
    const resumption = { resume: () => Promise.resolve(resumed) } as unknown as Resumption;
    const controller = new SetAsideController(new MemoryStore(), resumption);
    const params = { visitId: 'HZ001-W1' };
    const answer = await controller.resume({ params, body: { reason: 'restored' } });
    expect(concernedBy(answer)).toEqual(whose === null ? [] : [whose]);
    expect(answer).toEqual({ visitId: 'HZ001-W1', stream: resumed.stream, events: 4 });
  },
);
