import { MemoryStore } from '@caretab/store';
import { eventTable, UNDECIDED } from '../intake/intake.table';
import { keepFates } from './fates';
import { submissionsOf } from './submissions';
import type { VisitEvent } from './words';

const VISIT = { visitId: 'HZ001-V1', institutionId: 'HZ001' };
const PERSON = { ...VISIT, personId: 'p-00000000-0000-4000-8000-000000000001' };

/** Accepted reports: an end, an opening, a charge, its repetition, a return. */
const accepted = async () => {
  const store = new MemoryStore();
  const report = (id: string, type: string, chargeId: string | null = null) => ({
    ...({ id, door: 'http', type, chargeId } as const),
    ...{ visitId: VISIT.visitId, institutionId: 'HZ001', personId: null },
    ...{
      patientNumberHash: null,
      furtherNumberHashes: '',
      happenedAt: null,
      quantity: null,
      dispensed: null,
    },
    ...{ itemCode: null, returnId: null },
    ...{ amountFen: chargeId === null ? null : 500, sourceMessageId: `http/HZ001/${id}` },
    ...{ acceptedAt: new Date('2026-03-02T00:00:00Z'), ...UNDECIDED },
  });
  await store.transact((transaction) =>
    transaction
      .rows(eventTable)
      .insert(
        report('end', 'VisitEnded'),
        report('opening', 'VisitStarted'),
        report('charge', 'ChargePosted', 'T1'),
        report('repeated', 'ChargePosted', 'T1'),
        report('return', 'ChargeReturned', 'T1'),
      ),
  );
  let second = 0;
  const event = (type: string, causationId: string, data: object, at = (second += 1)) =>
    ({
      ...{ id: `f${at}`, type, causationId, source: 'visit-ledger' },
      time: new Date(Date.UTC(2026, 2, 2, 0, 0, at)).toISOString(),
      data: { ...PERSON, ...data },
    }) as unknown as VisitEvent;
  const of = (submissionId: string) => ({ submissionId, messageId: 'http/…', kind: '…' });
  const say = (...events: VisitEvent[]) =>
    store.transact((transaction) => keepFates(transaction, events));
  const fateOf = async (id: string) =>
    (await submissionsOf(store, 'HZ001', {})).submissions.find(
      ({ submissionId }) => submissionId === id,
    )!;
  return { event, of, say, fateOf };
};

const T1 = { chargeId: 'T1', amountFen: 500 };

test('an early end waits, and is applied when the opening comes', async () => {
  const { event, of, say, fateOf } = await accepted();
  const waits = event('SubmissionWaiting', 'end', { ...of('end'), reason: 'VISIT_UNKNOWN' });
  await say(waits);
  expect(await fateOf('end')).toMatchObject({
    ...{ fate: 'waiting', reason: 'VISIT_UNKNOWN', decidedAt: null },
  });
  await say(
    event('VisitOpened', 'opening', {}),
    event('SubmissionApplied', 'opening', of('end')),
    waits,
  );
  expect(await fateOf('end')).toMatchObject({
    ...{ fate: 'applied', reason: null, decidedAt: new Date('2026-03-02T00:00:03Z') },
  });
  expect(await fateOf('opening')).toMatchObject({ fate: 'applied' });
});

test('a rejected report keeps reason and remedy, whatever is said again of what came before', async () => {
  const { event, of, say, fateOf } = await accepted();
  const waits = event('SubmissionWaiting', 'return', { ...of('return'), reason: 'CHARGE_UNKNOWN' });
  const why = { reason: 'CHARGE_UNKNOWN', remedy: 'Check the id of the charge.' };
  const rejected = event('SubmissionRejected', 'timer', { ...of('return'), ...why });
  await say(waits, rejected);
  await say(waits);
  await say(rejected);
  expect(await fateOf('return')).toMatchObject({ fate: 'rejected', ...why });
});

test('a decision counts though the ledger’s clock was set back after the wait', async () => {
  const { event, of, say, fateOf } = await accepted();
  const waits = { ...of('charge'), reason: 'VISIT_UNKNOWN' };
  await say(event('SubmissionWaiting', 'charge', waits, 3_600));
  await say(
    event('ChargeDeferred', 'opening', T1, 1),
    event('SubmissionApplied', 'x', of('end'), 2),
  );
  expect(await fateOf('charge')).toMatchObject({ fate: 'deferred', reason: null });
  await say(event('SubmissionWaiting', 'charge', waits, 3_600));
  expect(await fateOf('charge')).toMatchObject({ fate: 'deferred', reason: null });
});

test('a charge is decided by its own report, by that alone', async () => {
  const { event, say, fateOf } = await accepted();
  await say(event('ChargeDeferred', 'charge', T1));
  expect(await fateOf('charge')).toMatchObject({ fate: 'deferred', chargeId: 'T1' });
  expect(await fateOf('repeated')).toMatchObject({ fate: 'accepted' });
});

test('a charge that asks for a larger hold is not applied yet; the answer decides it', async () => {
  const { event, of, say, fateOf } = await accepted();
  await say(event('HoldIncreaseRequested', 'charge', {}));
  expect(await fateOf('charge')).toMatchObject({ fate: 'accepted' });
  await say(event('SubmissionApplied', 'repeated', of('repeated')));
  await say(event('ChargeNotDeferred', 'credit', { ...T1, reason: 'OVER_LINE' }));
  for (const id of ['charge', 'repeated'])
    expect(await fateOf(id)).toMatchObject({ fate: 'not-deferred', reason: 'OVER_LINE' });
});

test('a charge that was rejected stays so when it is sent again and deferred', async () => {
  const { event, of, say, fateOf } = await accepted();
  const why = { reason: 'VISIT_UNKNOWN', remedy: 'Send the opening.', chargeId: 'T1' };
  await say(event('SubmissionRejected', 'timer', { ...of('charge'), ...why }));
  await say(event('ChargeDeferred', 'credit', T1));
  expect(await fateOf('charge')).toMatchObject({ fate: 'rejected' });
  expect(await fateOf('repeated')).toMatchObject({ fate: 'deferred' });
});

test('a late charge waits for the agreement, and another content under its id is rejected', async () => {
  const { event, say, fateOf } = await accepted();
  await say(event('ChargeAwaitsAgreement', 'charge', { ...T1, reason: 'LATE_CHARGE' }));
  expect(await fateOf('charge')).toMatchObject({ fate: 'waiting', reason: 'LATE_CHARGE' });
  await say(event('ChargeConflictFound', 'repeated', { chargeId: 'T1' }));
  await say(event('ChargeDeferred', 'agreement', T1));
  expect(await fateOf('charge')).toMatchObject({ fate: 'deferred', reason: null });
  expect(await fateOf('repeated')).toMatchObject({ fate: 'rejected', reason: 'CHARGE_CONFLICT' });
});

test('a charge on the tab of a visit that is cancelled is not deferred, whatever comes again', async () => {
  const { event, of, say, fateOf } = await accepted();
  const deferred = event('ChargeDeferred', 'charge', T1, 3_600);
  await say(deferred, event('SubmissionApplied', 'repeated', of('repeated')));
  // The ledger's clock was set back meanwhile.
  await say(event('VisitCancelled', 'end', {}, 60));
  await say(deferred);
  const fate = { fate: 'not-deferred', reason: 'VISIT_CANCELLED' };
  expect(await fateOf('charge')).toMatchObject(fate);
  expect(await fateOf('repeated')).toMatchObject({ fate: 'applied' });
  expect(await fateOf('end')).toMatchObject({ fate: 'applied' });
  expect(await fateOf('opening')).toMatchObject({ fate: 'accepted' });
});

test('a report that contradicts another of its charge is rejected for good, whatever the clocks say', async () => {
  const { event, say, fateOf } = await accepted();
  const conflict = event('ChargeConflictFound', 'repeated', { chargeId: 'T1' }, 60);
  await say(event('ChargeDeferred', 'credit', T1, 3_600));
  await say(conflict, event('VisitCancelled', 'end', {}, 3_700));
  expect(await fateOf('charge')).toMatchObject({ reason: 'VISIT_CANCELLED' });
  expect(await fateOf('repeated')).toMatchObject({ fate: 'rejected', reason: 'CHARGE_CONFLICT' });
});

test('a charge that is deferred and cancelled in one batch ends as cancelled', async () => {
  const { event, say, fateOf } = await accepted();
  await say(event('ChargeDeferred', 'credit', T1), event('VisitCancelled', 'end', {}));
  for (const id of ['charge', 'repeated'])
    expect(await fateOf(id)).toMatchObject({ fate: 'not-deferred', reason: 'VISIT_CANCELLED' });
});

test('an end whose only effect is the decision of a charge was applied', async () => {
  const { event, say, fateOf } = await accepted();
  await say(event('ChargeNotDeferred', 'end', { ...T1, reason: 'VISIT_CLOSED' }));
  expect(await fateOf('end')).toMatchObject({ fate: 'applied', reason: null });
  expect(await fateOf('charge')).toMatchObject({ fate: 'not-deferred' });
});

test('reports of other visits, and those that came by another way, are passed over', async () => {
  const { event, of, say, fateOf } = await accepted();
  const elsewhere = { visitId: 'HZ001-V2' };
  await say(
    event('SubmissionApplied', 'unknown', of('unknown')),
    event('ChargeDeferred', 'unknown', { ...T1, ...elsewhere }),
    event('SubmissionApplied', 'end', { ...of('end'), ...elsewhere }),
  );
  for (const id of ['end', 'charge']) expect(await fateOf(id)).toMatchObject({ fate: 'accepted' });
});
