import { context, propagation, trace } from '@opentelemetry/api';
import { core, node, tracing as sdk } from '@opentelemetry/sdk-node';
import type { OutgoingMessage, Transaction } from '@caretab/postgres';
import { processing, processingBatch, producing, traceIdOf, traced } from './tracing';

const exporter = new sdk.InMemorySpanExporter();
const provider = new node.NodeTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] });
beforeAll(() => provider.register({ propagator: new core.W3CTraceContextPropagator() }));
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});
beforeEach(() => exporter.reset());

const TRACE = 'a'.repeat(32);
const received = (offset: bigint) => ({ topic: 'visit-ledger.visits', partition: 3, offset, key: 'v', value: '{}', headers: { ce_id: 'e1', ce_type: 'VisitOpened', traceparent: `00-${TRACE}-${'b'.repeat(16)}-01` } });

test('a handler runs in the trace of its message, and what it publishes carries the trace on', async () => {
  const published: OutgoingMessage[] = [];
  const transaction = { publish: (...messages: OutgoingMessage[]) => void published.push(...messages) } as unknown as Transaction;
  await processing('credit.hold', received(7n), async () => traced(transaction).publish({ topic: 'credit.authorizations', key: 'v', headers: { ce_id: 'out', traceparent: 'of the cause' }, value: {} }));
  const { message, span } = producing('credit.authorizations', { ...published[0]!, value: '{}' });
  span.end();
  const [consumer, producer] = exporter.getFinishedSpans();
  expect(consumer).toMatchObject({ name: 'credit.hold process', parentSpanContext: { traceId: TRACE, spanId: 'b'.repeat(16) } });
  expect(producer).toMatchObject({ name: 'credit.authorizations publish', parentSpanContext: { traceId: TRACE, spanId: consumer!.spanContext().spanId } });
  expect(message.headers['traceparent']).toBe(`00-${TRACE}-${producer!.spanContext().spanId}-01`);
});

test('a message without a trace is given one when it is published', () => {
  const { message, span } = producing('credit.accounts', { key: 'p', value: '{}', headers: {} });
  expect(traceIdOf(message)).toBe(span.spanContext().traceId);
});

test('a batch has a span that links to the trace of each message', async () => {
  await processingBatch('credit.hold', [received(1n), received(2n)], async () => undefined);
  const [batch] = exporter.getFinishedSpans();
  expect(batch!.links.map((link) => link.context.traceId)).toEqual([TRACE, TRACE]);
});

test('a failure is told by the name of its class alone', async () => {
  await expect(processing('credit.hold', received(1n), async () => Promise.reject(new TypeError('Zhang San')))).rejects.toThrow();
  expect(JSON.stringify(exporter.getFinishedSpans()[0]!.status)).toContain('TypeError');
  expect(JSON.stringify([exporter.getFinishedSpans()[0]!.status, exporter.getFinishedSpans()[0]!.events])).not.toContain('Zhang');
});
