import type { LedgerEvents } from '../src/ledger-store';
import type { OpenedLedger, OpenLedger } from './ledgers';
import { caused, commandsOf, visitIdOfNumber, noLaterClaims } from './facts';
import { ProofController } from '../src/visit/proof.controller';
import { VisitController } from '../src/visit/visit.controller';
import { Visits } from '../src/visit/visits';

/** A visit from opened to closed, with two charges; gives its id. */
export const writeVisit = async (events: LedgerEvents, number: string): Promise<string> => {
  const { start, authorize, cover, post, end } = commandsOf(number);
  const commands = [start, authorize(), cover, post('T1', 100), post('T2', 200), end].map(
    (command, index) => caused(command, `m-${number}-${index}`),
  );
  await new Visits(events).handle(visitIdOfNumber(number), commands);
  return visitIdOfNumber(number);
};

/** The audit of visits, on whichever event store. */
export const visitAuditSuite = (open: OpenLedger): void => {
  let ledger: OpenedLedger;
  let controller: VisitController;
  let proofs: ProofController;
  beforeAll(async () => {
    ledger = await open();
    controller = new VisitController(ledger.events, new Visits(ledger.events), noLaterClaims);
    proofs = new ProofController(ledger.events);
  });
  afterAll(() => ledger.close());
  const write = (number: string): Promise<string> => writeVisit(ledger.events, number);

  test('the history of a visit shows every fact with its time, its cause and its source message', async () => {
    const visitId = await write('H1');
    const { events: facts } = await controller.history({ params: { visitId } });
    expect(facts.map(({ type }) => type)).toEqual([
      'VisitOpened',
      'CreditAuthorized',
      'CoverageDetermined',
      'ChargeDeferred',
      'ChargeDeferred',
      'VisitEndReported',
      'VisitClosed',
    ]);
    expect(facts.map(({ causationId }) => causationId)).toEqual(
      [0, 1, 2, 3, 4, 5, 5].map((index) => `m-H1-${index}`),
    );
    expect(facts.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const fact of facts)
      expect(fact).toMatchObject({
        recordedAt: expect.any(Date),
        source: expect.stringMatching(/^HL7\/m-H1-/),
        eventId: expect.any(String),
        position: expect.stringMatching(/^\d+$/),
      });
    await expect(controller.history({ params: { visitId: 'HZ001-NONE' } })).rejects.toMatchObject({
      code: 'VISIT_UNKNOWN',
    });
  });

  test('an untouched visit is proven, an unknown one is not', async () => {
    const visitId = await write('P1');
    expect(await proofs.proof({ params: { visitId } })).toEqual({
      visitId,
      events: 7,
      intact: true,
      faults: [],
      anchors: null,
    });
    await expect(proofs.proof({ params: { visitId: 'HZ001-NONE' } })).rejects.toMatchObject({
      code: 'VISIT_UNKNOWN',
    });
    const whole = await proofs.proofOfAll({ query: {} });
    expect(whole).toMatchObject({
      intact: true,
      faults: [],
      seal: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await write('P2');
    expect(await proofs.proofOfAll({ query: { until: whole.head } })).toMatchObject({
      intact: true,
      head: whole.head,
      seal: whole.seal,
    });
  });
};
