import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { fold } from '@caretab/kernel';
import type { OpenedLedger, OpenLedger } from './ledgers';
import { caused, commandsOf, visitIdOfNumber } from './facts';
import { visit } from '../src/visit/visit';
import type { VisitCommand } from '../src/visit/visit';
import type { VisitEvent } from '../src/visit/visit-events';
import { streamOf } from '../src/visit/visit-streams';
import { Visits } from '../src/visit/visits';

/** Visits under concurrency and after crashes, on whichever event store. */
export const visitsSuite = (open: OpenLedger): void => {
  let ledger: OpenedLedger;
  let events: OpenedLedger['events'];
  beforeAll(async () => {
    ledger = await open();
    ({ events } = ledger);
  });
  afterAll(() => ledger.close());

  const factsOf = (visitNumber: string): Promise<RecordedEvent[]> =>
    events.readStream(streamOf(visitIdOfNumber(visitNumber)));
  const deferred = (facts: readonly RecordedEvent[]): string[] =>
    facts
      .filter(({ type }) => type === 'ChargeDeferred')
      .map(({ data }) => (data as { charge: { chargeId: string } }).charge.chargeId);
  const openVisit = async (
    visits: Visits,
    visitNumber: string,
    heldFen = 1_000_000,
  ): Promise<void> => {
    const { start, authorize, cover } = commandsOf(visitNumber);
    await visits.handle(
      visitIdOfNumber(visitNumber),
      [start, authorize(heldFen), cover].map((command) => caused(command)),
    );
  };
  const chargeIds = Array.from({ length: 200 }, (_, index) => `T${String(index).padStart(3, '0')}`);

  test('two hundred charges of one visit at once are each on the ledger exactly once', async () => {
    const visits = new Visits(events);
    await openVisit(visits, 'A1');
    const { post } = commandsOf('A1');
    await Promise.all(
      chargeIds.map((chargeId) => visits.handle(visitIdOfNumber('A1'), [caused(post(chargeId))])),
    );
    const facts = await factsOf('A1');
    expect(deferred(facts)).toEqual(chargeIds);
    expect(fold(visit, facts as unknown as VisitEvent[]).totals.grossFen).toBe(2000);
  });

  test('a fact that could not be told to others is not recorded, and nothing that was decided with it', async () => {
    const visits = new Visits(events);
    const { end, verdict, pay } = commandsOf('T1');
    await openVisit(visits, 'T1');
    await visits.handle(visitIdOfNumber('T1'), [
      caused(commandsOf('T1').post('T1')),
      caused(end),
      caused(verdict(10)),
    ]);
    const before = await factsOf('T1');
    const missed: VisitCommand = {
      type: 'RecordPaymentMissed',
      data: { paymentId: 'P', attempt: 1, reason: 'no code' },
    };
    await expect(
      visits.handle(visitIdOfNumber('T1'), [caused(pay(1)), caused(missed)]),
    ).rejects.toMatchObject({
      code: 'EVENT_VIOLATES_CONTRACT',
      kind: 'conflict',
      details: { type: 'PaymentMissed', faults: [expect.objectContaining({ field: '/reason' })] },
    });
    expect(await factsOf('T1')).toEqual(before);
  });

  test('two hundred charges of forty visits at once are each on the ledger exactly once', async () => {
    const visits = new Visits(events);
    const numbers = Array.from({ length: 40 }, (_, index) => `B${index}`);
    await Promise.all(numbers.map((number) => openVisit(visits, number)));
    await Promise.all(
      chargeIds.map((chargeId, index) => {
        const number = numbers[index % numbers.length]!;
        return visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).post(chargeId))]);
      }),
    );
    const all = (await Promise.all(numbers.map(factsOf))).flatMap(deferred);
    expect([...all].sort()).toEqual(chargeIds);
  });

  test('two processes that race for one visit, each sent every charge, put each on the ledger once', async () => {
    const [here, there] = [new Visits(events), new Visits(events)];
    await openVisit(here, 'C1');
    const { post } = commandsOf('C1');
    const send = (visits: Visits, chargeId: string): Promise<void> =>
      visits.handle(visitIdOfNumber('C1'), [caused(post(chargeId), `m-${chargeId}`)]);
    await Promise.all([
      ...chargeIds.map((chargeId) => send(here, chargeId)),
      ...[...chargeIds].reverse().map((chargeId) => send(there, chargeId)),
    ]);
    const facts = await factsOf('C1');
    expect(deferred(facts).sort()).toEqual(chargeIds);
    expect(facts.map(({ revision }) => revision)).toEqual(facts.map((_, index) => index));
    expect((await events.verifyStream(streamOf(visitIdOfNumber('C1')))).faults).toEqual([]);
  });

  describe('a process that knows an old state of a visit', () => {
    test('does not take an answer for meaningless: the hold that another asked for is raised', async () => {
      const [here, there] = [new Visits(events), new Visits(events)];
      const { post, increase } = commandsOf('D1');
      await openVisit(here, 'D1', 1000);
      await there.handle(visitIdOfNumber('D1'), [caused(post('T1', 5000))]);
      await here.handle(visitIdOfNumber('D1'), [caused(increase(9000))]);
      expect((await factsOf('D1')).map(({ type }) => type).slice(-2)).toEqual([
        'HoldIncreased',
        'ChargeDeferred',
      ]);
    });

    test('takes the verdict on a visit that another closed', async () => {
      const [here, there] = [new Visits(events), new Visits(events)];
      const { post, end, verdict } = commandsOf('D2');
      await openVisit(here, 'D2');
      await there.handle(visitIdOfNumber('D2'), [caused(post('T1', 5000)), caused(end)]);
      await here.handle(visitIdOfNumber('D2'), [caused(verdict(5000))]);
      expect((await factsOf('D2')).at(-1)?.type).toBe('VisitAdjudicated');
    });

    test('does not refuse what another made possible', async () => {
      const [here, there] = [new Visits(events), new Visits(events)];
      const { post, end, takeBack } = commandsOf('D3');
      await expect(here.handle(visitIdOfNumber('D3'), [caused(end)])).rejects.toMatchObject({
        code: 'VISIT_UNKNOWN',
      });
      await openVisit(there, 'D3');
      await there.handle(visitIdOfNumber('D3'), [caused(post('T1', 5000))]);
      await here.handle(visitIdOfNumber('D3'), [caused(takeBack('T1', 5000)), caused(end)]);
      expect((await factsOf('D3')).map(({ type }) => type).slice(-3)).toEqual([
        'ChargeReturned',
        'VisitEndReported',
        'VisitClosed',
      ]);
    });
  });

  test('more waiting charges than one append holds are decided by one answer, whole', async () => {
    const visits = new Visits(events);
    const { start, authorize, cover, post, end } = commandsOf('E1');
    const visitId = visitIdOfNumber('E1');
    const ids = Array.from({ length: 2100 }, (_, index) => `T${index}`);
    await visits.handle(visitId, [
      caused(start),
      ...ids.map((chargeId) => caused(post(chargeId))),
      caused(end),
      caused(authorize(1_000_000)),
    ]);
    await visits.handle(visitId, [caused(cover)]);
    const facts = await factsOf('E1');
    expect(deferred(facts)).toEqual(ids);
    expect(facts.at(-1)).toMatchObject({ type: 'VisitClosed', data: { grossFen: 21_000 } });
  });

  test('an answer whose append was cut in two by a crash is finished by its repetition', async () => {
    let left = Number.POSITIVE_INFINITY;
    const crashing: EventStore = Object.assign(Object.create(events) as EventStore, {
      append: (...args: Parameters<EventStore['append']>) =>
        (left -= 1) < 0 ? Promise.reject(new Error('killed')) : events.append(...args),
    });
    const { start, authorize, cover, post, end } = commandsOf('E2');
    const visitId = visitIdOfNumber('E2');
    const ids = Array.from({ length: 1500 }, (_, index) => `T${index}`);
    await new Visits(events).handle(visitId, [
      caused(start),
      caused(authorize(1_000_000)),
      ...ids.map((chargeId) => caused(post(chargeId))),
      caused(end),
    ]);
    left = 1;
    const answer = caused(cover);
    await expect(new Visits(crashing).handle(visitId, [answer])).rejects.toThrow('killed');
    expect(deferred(await factsOf('E2')).length).toBeLessThan(1500);
    await new Visits(events).handle(visitId, [answer]);
    const facts = await factsOf('E2');
    expect(deferred(facts)).toEqual(ids);
    expect(facts.at(-1)?.type).toBe('VisitClosed');
    expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
  });

  test('a refused command leaves nothing of its call, and the visit goes on', async () => {
    const visits = new Visits(events);
    await openVisit(visits, 'F1');
    const { post, takeBack } = commandsOf('F1');
    const before = await factsOf('F1');
    await expect(
      visits.handle(visitIdOfNumber('F1'), [caused(post('T1')), caused(takeBack('T9'))]),
    ).rejects.toMatchObject({ code: 'CHARGE_UNKNOWN' });
    expect(await factsOf('F1')).toEqual(before);
    await visits.handle(visitIdOfNumber('F1'), [caused(post('T1'))]);
    expect(deferred(await factsOf('F1'))).toEqual(['T1']);
  });

  test('a visit that is at work is read once, whole streams never again', async () => {
    const reads: (number | undefined)[] = [];
    const counting: EventStore = Object.assign(Object.create(events) as EventStore, {
      readStream: (stream: string, options?: { fromRevision?: number }) => (
        reads.push(options?.fromRevision),
        events.readStream(stream, options)
      ),
    });
    const visits = new Visits(counting);
    await openVisit(visits, 'G1');
    const { post } = commandsOf('G1');
    for (const chargeId of chargeIds.slice(0, 20))
      await visits.handle(visitIdOfNumber('G1'), [caused(post(chargeId))]);
    expect(reads).toEqual([0]);
    await visits.handle(visitIdOfNumber('G1'), [caused(post(chargeIds[0]!))]);
    // Nothing is to be done: from the last known fact on, before the log is proven and after.
    const last = (await factsOf('G1')).length - 1;
    expect(reads).toEqual([0, last, last]);
  });
};
