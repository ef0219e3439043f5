import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  context,
  defaultTextMapGetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { node, tracing as sdk } from '@opentelemetry/sdk-node';
import { traceFetch } from './fetch-spans';
import { activeTraceparent, isTraced, nameVisit, visitHeaders, visitIn } from './flow';
import { FlowAttributes } from './flow-attributes';
import { FlowPropagator } from './flow-propagator';
import { serviceOf } from './service-names';
import { SpanPrivacy } from './span-privacy';
import { inNewFlow, inSpan, inSpanAfter, inTraceApart } from './spans';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

test('a route tells its service, and what is none of the platform’s has none', () => {
  for (const service of readdirSync(join(__dirname, '../../../services')))
    expect(serviceOf(`/${service}/x`)).toBe(service);
  expect(serviceOf('/v1/visits?x')).toBe('gateway');
  for (const path of [
    '/health',
    '/metrics',
    '/hooks/H1',
    '/payments',
    '/',
    undefined,
    '/creditor/x',
  ])
    expect(serviceOf(path)).toBeUndefined();
});

test('without tracing work just runs, and nothing is told', async () => {
  expect(isTraced()).toBe(false);
  const work = async () => ({ ...visitHeaders(), traceparent: activeTraceparent() });
  for (const run of [
    () => inSpan('x', {}, work),
    () => inSpanAfter(TRACEPARENT, 'x', {}, work),
    () => inNewFlow('x', {}, work),
    () => inTraceApart('x', {}, work),
  ])
    expect(await run()).toEqual({ traceparent: undefined });
  nameVisit('H1-1');
});

describe('with tracing', () => {
  const exporter = new sdk.InMemorySpanExporter();
  const provider = new node.NodeTracerProvider({
    spanProcessors: [
      new FlowAttributes('caretab'),
      new SpanPrivacy(),
      new sdk.SimpleSpanProcessor(exporter),
    ],
  });
  const propagator = new FlowPropagator();
  beforeAll(() => provider.register({ propagator }));
  afterAll(async () => {
    await provider.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  });
  beforeEach(() => exporter.reset());
  const ended = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)!;
  const extracted = (carrier: Record<string, string>) =>
    propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);

  test('a visit that is known late is on the spans that were open, and on all that follow', async () => {
    await inNewFlow('hl7.message', { kind: 'server', service: 'gateway' }, () =>
      inSpan('reading', {}, async () => {
        nameVisit('H1-1');
        await inSpan('storing', {}, async () =>
          expect(visitHeaders()).toEqual({ baggage: 'caretab.visit.id=H1-1' }),
        );
      }),
    );
    for (const name of ['hl7.message', 'reading', 'storing'])
      expect(ended(name).attributes).toMatchObject({
        'caretab.visit.id': 'H1-1',
        'caretab.service': 'gateway',
      });
    expect(ended('hl7.message').kind).toBe(SpanKind.SERVER);
  });

  test('work whose hour has come continues the trace that its row kept', async () => {
    await inSpanAfter(TRACEPARENT, 'collect payment', { service: 'payment', visitId: 'H1-2' }, () =>
      inSpan('POST', {}, async () => expect(activeTraceparent()).toMatch(/^00-a{32}-/)),
    );
    expect(ended('collect payment').parentSpanContext).toMatchObject({
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
    });
    expect(ended('POST').attributes).toMatchObject({
      'caretab.visit.id': 'H1-2',
      'caretab.service': 'payment',
    });
    await inSpanAfter(null, 'of its own', {}, async () => undefined);
    expect(ended('of its own').parentSpanContext).toBeUndefined();
  });

  test('what many flows share has a trace of its own, and each links to the other', async () => {
    await inSpan('asking', {}, () =>
      inTraceApart('shared', { service: 'gateway' }, async () => undefined),
    );
    expect(ended('shared').spanContext().traceId).not.toBe(ended('asking').spanContext().traceId);
    expect(ended('shared').links[0]!.context).toMatchObject({
      spanId: ended('asking').spanContext().spanId,
    });
    expect(ended('asking').links[0]!.context).toMatchObject({
      spanId: ended('shared').spanContext().spanId,
    });
  });

  test('of what comes with a request only the trace and a visit’s id are taken', () => {
    const active = extracted({
      traceparent: TRACEPARENT,
      tracestate: 'vendor=secret',
      baggage: 'patient=x, caretab.visit.id=H1-3;p=1',
    });
    expect(visitIn(active)).toBe('H1-3');
    const carrier: Record<string, string> = {};
    propagator.inject(active, carrier, {
      set: (into: Record<string, string>, name, value) => void (into[name] = value),
    });
    expect(carrier).toEqual({ traceparent: TRACEPARENT });
    expect(visitIn(extracted({ baggage: 'caretab.visit.id=Zhang San' }))).toBeUndefined();
  });

  test('what a sender says of the visit gives way to what is in its message', async () => {
    await context.with(extracted({ baggage: 'caretab.visit.id=H9-9' }), () =>
      inSpan('request', {}, async () => nameVisit('H1-4')),
    );
    expect(ended('request').attributes['caretab.visit.id']).toBe('H1-4');
  });

  test('a visit number that is an ID number does not stand in a span', async () => {
    await inSpan('door', { visitId: 'H1-11010519491231002X' }, async () => undefined);
    expect(ended('door').attributes['caretab.visit.id']).toBe('H1-[redacted]');
  });

  describe('a fetch', () => {
    let server: Server;
    let url: string;
    const headers: Record<string, unknown>[] = [];
    let stop: () => void;
    beforeAll(async () => {
      server = createServer((request, response) => {
        headers.push(request.headers);
        response.writeHead(request.url === '/missing' ? 404 : 200).end('{}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      stop = traceFetch();
    });
    afterAll(async () => {
      stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    test('inside a trace is a client span, and its request carries the ids of the trace and nothing else', async () => {
      await inSpan(
        'delivering',
        { visitId: 'H1-5' },
        async () => void (await (await fetch(`${url}/hooks/secret?token=secret`)).text()),
      );
      expect(ended('GET')).toMatchObject({
        kind: SpanKind.CLIENT,
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'server.address': '127.0.0.1',
          'caretab.visit.id': 'H1-5',
        },
      });
      expect(JSON.stringify(ended('GET').attributes)).not.toContain('secret');
      expect(headers.at(-1)!['traceparent']).toContain(ended('GET').spanContext().spanId);
      expect(JSON.stringify(headers.at(-1))).not.toContain('H1-5');
    });

    test('that is refused, or not answered at all, is a span that failed', async () => {
      await inSpan('asking', {}, async () => void (await (await fetch(`${url}/missing`)).text()));
      expect(ended('GET').status.code).toBe(2);
      exporter.reset();
      await inSpan(
        'asking',
        {},
        async () => void (await fetch('http://127.0.0.1:1/').catch(() => undefined)),
      );
      // A connection that was never made is no request yet, or one that failed: never one that
      // hangs.
      for (const span of exporter.getFinishedSpans().filter(({ name }) => name === 'GET'))
        expect(span.status.code).toBe(2);
    });

    test('outside of any trace is none', async () => {
      await (await fetch(url)).text();
      expect(exporter.getFinishedSpans()).toEqual([]);
      expect(headers.at(-1)).not.toHaveProperty('traceparent');
    });
  });
});
