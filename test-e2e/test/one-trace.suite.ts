import { eventually } from '@caretab/hospital';
import { CONSULTATION, BLOOD_COUNT, REGISTRATION } from '../src/catalogue';
import type { Citizen } from '../src/citizen';
import type { Hospital } from '../src/hospital';
import { OtlpReceiver } from '../src/otlp-receiver';
import type { Address } from '../src/platform';
import { serviceOf, Traces, visitOf } from '../src/traces';
import type { PostedCharge, Visit } from '../src/visit';
import { World } from '../src/world';

/** A platform that sends its traces to a collector. */
export interface TracedPlatform {
  readonly address: Address;
  /** Everything its processes have logged. */
  log(): string;
  remove(): Promise<void>;
}

/** Both platforms are set so: spans come quickly, and log lines of every kind. */
export const settingsFor = (receiver: OtlpReceiver): Record<string, string> => ({
  LOG_LEVEL: 'debug',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=caretab-test',
  OTEL_BSP_SCHEDULE_DELAY: '200',
  OTEL_BSP_MAX_QUEUE_SIZE: '50000',
});

/** Who handles an event of the visit: others pass by its type. */
const handledBy = (...services: readonly string[]): string[] =>
  services.map((service) => `visit-ledger –visit-ledger.visits→ ${service}`);
const INTO_THE_LEDGER = 'gateway –hospital.visit-events→ visit-ledger';

/** The whole service graph: who speaks to whom, and how, because of each message of a hospital. */
const EDGES = {
  open: [
    ...handledBy('adjudication', 'credit', 'gateway'),
    INTO_THE_LEDGER,
    'adjudication –adjudication.claims→ visit-ledger',
    'credit –credit.authorizations→ visit-ledger',
    'gateway –HTTP→ identity',
  ],
  /** The last of the charges is above the first hold. */
  charge: [
    ...handledBy('credit', 'gateway'),
    INTO_THE_LEDGER,
    'credit –credit.authorizations→ visit-ledger',
  ],
  close: [
    ...handledBy('adjudication', 'credit', 'gateway', 'notification', 'payment'),
    INTO_THE_LEDGER,
    'adjudication –adjudication.claims→ visit-ledger',
    'adjudication –insurer.city-resident.settlements→ (nobody)',
    'credit –credit.authorizations→ visit-ledger',
    'payment –HTTP→ (acquirer)',
    'payment –payment.payments→ visit-ledger',
    'notification –HTTP→ identity',
    'notification –SMTP→ (mail)',
    'notification –HTTP→ (webhook)',
  ],
} as const;

/** Who a citizen is, is remembered for a minute: a slow machine asks again. */
const REMEMBERED = 'gateway –HTTP→ identity';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

/**
 * One visit on a platform with a collector; `perProcess`: every service is a process of its own,
 * and says so.
 */
export const oneTrace = (
  start: (receiver: OtlpReceiver) => Promise<TracedPlatform>,
  { perProcess }: { readonly perProcess: boolean },
): void => {
  let receiver: OtlpReceiver;
  let platform: TracedPlatform;
  let traces: Traces;
  let world: World;
  let hospital: Hospital;
  let citizen: Citizen;
  let visit: Visit;
  let charges: readonly PostedCharge[];

  /** Waits until the flow's edges are these: the collector gets a span when it has ended. */
  const becomes = (index: number, edges: readonly string[]): Promise<void> =>
    eventually(() => {
      const flow = traces.flowsOf(visit.visitId)[index]!;
      const found = traces.edgesOf(flow.traceId);
      expect(found.filter((edge) => edge !== REMEMBERED || edges.includes(REMEMBERED))).toEqual(
        [...edges].sort(),
      );
    });

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    platform = await start(receiver);
    traces = new Traces(receiver, Number(new URL(platform.address.url).port));
    world = new World(`one-trace-${perProcess ? 'cluster' : 'embedded'}`, platform.address);
    hospital = await world.hospital();
    citizen = await world.citizen({ name: '南宫问雁', insurance: 'resident' });
    visit = hospital.visitOf(citizen);
    expect(await visit.opens()).toBe('accepted');
    await world.quiet();
    charges = visit.numbered([
      REGISTRATION,
      CONSULTATION,
      BLOOD_COUNT,
      { ...BLOOD_COUNT, quantity: '20' },
    ]);
    expect(await visit.chargesAgain(charges)).toBe('accepted');
    await world.quiet();
    expect(await visit.ends()).toBe('accepted');
    await world.becomes(visit.visitId, { status: 'settled' });
    await world.quiet();
    await eventually(() =>
      expect(
        world
          .mailsTo(citizen)
          .filter(({ source }) => source.includes(`for questions there): ${visit.visitNumber}`)),
      ).toHaveLength(1),
    );
  }, 300_000);

  afterAll(async () => {
    if (process.env['SHOW_TRACES'] && visit)
      for (const { traceId } of traces.flowsOf(visit.visitId)) console.log(traces.treeOf(traceId));
    await platform?.remove();
    await receiver?.stop();
  }, 120_000);

  test('each message of the hospital is one trace from its door to its last effect', async () => {
    await becomes(0, EDGES.open);
    await becomes(1, EDGES.charge);
    await becomes(2, EDGES.close);
    expect(traces.flowsOf(visit.visitId).map(({ root }) => root.name)).toEqual([
      'hl7.message',
      'hl7.message',
      'hl7.message',
    ]);
  });

  test('the collector understood everything, and was told the headers it was promised', () => {
    expect(receiver.faults).toEqual([]);
    expect(receiver.headers['x-tenant']).toBe('caretab-test');
  });

  test('every span of the flows says which visit it is about, and whose it is', () => {
    const spans = traces.flowsOf(visit.visitId).flatMap(({ traceId }) => traces.of(traceId));
    expect(
      spans
        .filter((span) => visitOf(span) !== visit.visitId)
        .map(({ name, whole }) => ({ name, whole })),
    ).toEqual([]);
    expect(
      spans
        .filter(
          (span) =>
            serviceOf(span) !== (perProcess ? span.process : serviceOf(span)) ||
            serviceOf(span) === 'caretab',
        )
        .map(({ name }) => name),
    ).toEqual([]);
    expect(
      new Set(
        spans.flatMap(({ kind, attributes }) =>
          kind === 'producer' || kind === 'consumer' ? [attributes['messaging.system']] : [],
        ),
      ),
    ).toEqual(new Set([perProcess ? 'kafka' : 'caretab']));
    expect(new Set(spans.map(serviceOf))).toEqual(
      new Set([
        'gateway',
        'identity',
        'visit-ledger',
        'credit',
        'adjudication',
        'payment',
        'notification',
      ]),
    );
  });

  test('no span hangs in the air: every parent was told too', async () => {
    await eventually(() => {
      const known = new Set(traces.spans.map(({ spanId }) => spanId));
      const flows = traces.flowsOf(visit.visitId).flatMap(({ traceId }) => traces.of(traceId));
      expect(
        flows
          .filter(({ parentSpanId }) => parentSpanId && !known.has(parentSpanId))
          .map(({ name }) => name),
      ).toEqual([]);
      expect(flows.filter(({ failed }) => failed).map(({ name }) => name)).toEqual([]);
    });
  });

  test('a batch links to the messages it took together, and they to it', async () => {
    await eventually(() => {
      const byId = new Map(traces.spans.map((span) => [span.spanId, span]));
      const batches = traces.spans.filter(
        (span) =>
          span.name === 'process batch hospital.visit-events' && visitOf(span) === visit.visitId,
      );
      expect(batches.length).toBeGreaterThan(0);
      for (const { links, attributes } of batches) {
        expect(links).toHaveLength(Number(attributes['messaging.batch.message_count']));
        expect(new Set(links.map(({ spanId }) => byId.get(spanId)?.name))).toEqual(
          new Set(['publish hospital.visit-events']),
        );
      }
      const flows = traces.flowsOf(visit.visitId).flatMap(({ traceId }) => traces.of(traceId));
      const unknown = flows.flatMap(({ name, links }) =>
        links
          .filter(({ traceId, spanId }) => byId.get(spanId)?.traceId !== traceId)
          .map(() => name),
      );
      expect(unknown).toEqual([]);
      const taken = traces
        .of(traces.flowsOf(visit.visitId)[1]!.traceId)
        .filter(({ name }) => name === 'process hospital.visit-events');
      expect(taken).toHaveLength(4);
      expect(
        taken.some(({ links }) => batches.some(({ spanId }) => links[0]?.spanId === spanId)),
      ).toBe(true);
    });
  });

  test('log lines of the flow carry its trace', () => {
    const lines = platform
      .log()
      .split('\n')
      .flatMap((line) =>
        line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [],
      );
    const [open, , close] = traces.flowsOf(visit.visitId);
    for (const { traceId } of [open!, close!]) {
      const own = lines.filter((line) => line['trace_id'] === traceId);
      expect(own).toContainEqual(
        expect.objectContaining({
          msg: 'request',
          span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        }),
      );
    }
  });

  test('a charge that is taken back after the settlement is one trace to the refund and its notice', async () => {
    expect(await visit.takesBack(charges[3]!)).toBe('accepted');
    await world.becomes(visit.visitId, { status: 'settled', refundedFen: expect.any(Number) });
    await becomes(3, [...EDGES.close, 'payment –payment.payments→ notification']);
    const { traceId } = traces.flowsOf(visit.visitId)[3]!;
    expect(traces.of(traceId).map(({ name }) => name)).toContain('refund payment');
    expect(traces.of(traceId).filter((span) => visitOf(span) !== visit.visitId)).toEqual([]);
  });

  test(
    'a request that comes with a trace is answered within it, and the vendor’s ' +
      'state is left at the door',
    async () => {
      const before = receiver.spans.length;
      const headers = {
        traceparent: `00-${TRACE}-${PARENT}-01`,
        tracestate: 'vendor=secret',
        baggage: 'caretab.visit.id=OTHER-1,patient=secret',
      };
      const body = {
        visitNumber: 'WEB1',
        visitClass: 'outpatient',
        credential: { type: 'id-number', value: citizen.idNumber },
        startedAt: hospital.now(),
      };
      expect(await hospital.posts('/v1/visits', body, undefined, headers)).toMatchObject({
        status: 202,
      });
      const visitId = `${hospital.institutionId}-WEB1`;
      await eventually(() => expect(traces.edgesOf(TRACE)).toEqual([...EDGES.open].sort()));
      expect(
        traces
          .of(TRACE)
          .filter((span) => visitOf(span) !== visitId)
          .map(({ name }) => name),
      ).toEqual([]);
      expect(traces.of(TRACE).find(({ name }) => name === 'POST /v1/visits')).toMatchObject({
        parentSpanId: PARENT,
      });
      expect(
        receiver.spans
          .slice(before)
          .map(({ whole }) => whole)
          .join(),
      ).not.toContain('secret');
      const { events } = await world.api.get(
        `/visit-ledger/visits/${encodeURIComponent(visitId)}/history`,
      );
      expect(events[0].traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    },
  );

  test('nothing personal stands in any span, and nothing of the trace but its ids leaves the platform', () => {
    const told = receiver.spans.map(({ whole }) => whole).join('\n');
    expect(told).toContain(visit.visitId);
    for (const secret of [
      citizen.name,
      citizen.name.slice(2),
      citizen.idNumber,
      citizen.mobile,
      citizen.email,
    ])
      if (told.includes(secret)) throw new Error('a span tells personal data');
    for (const journal of ['acquirer', 'webhooks', 'mail'] as const)
      expect(world.journalText(journal)).not.toMatch(/baggage|tracestate/);
  });
};
