import { message, topic } from '@caretab/contracts';
import { systemTimers } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { context, propagation, trace } from '@opentelemetry/api';
import { node, core, tracing as sdk } from '@opentelemetry/sdk-node';
import { Type } from '@sinclair/typebox';
import type { Bus, Message, ReceivedMessage } from '../src/bus';
import { signedAll } from '../src/message-signature';
import { silentLog } from '../src/log';
import { OutboxRelay } from '../src/outbox-relay';
import type { Binding } from '../src/binding';
import { PartitionWork } from '../src/partition-work';
import { processing, processingEach, publish, traced } from '../src/tracing';
import { TWIN_PARTS, busOfAll, twinKeyOf } from '../src/twin-authors';

let topics = 0;
/** A topic for each trial: a group reads from the beginning. */
const nextTopic = () =>
  topic({
    name: `test.traced-tabs-${process.pid}-${(topics += 1)}`,
    description: 'Tabs of a test.',
    authors: ['test'],
    keyField: 'visitId',
    partitions: 1,
    retentionMs: 600_000,
    events: { TabRaised: Type.Object({ visitId: Type.String() }, { additionalProperties: false }) },
  });
const clock = { now: () => new Date() };
const TRACES = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)];
const raised = (tabTopic: ReturnType<typeof nextTopic>, index: number) =>
  message(
    tabTopic,
    'TabRaised',
    { visitId: `H1-${index}` },
    {
      id: `e${index}`,
      time: clock.now(),
      source: 'test',
      causedBy: { id: 'cause', traceparent: `00-${TRACES[index]}-${'d'.repeat(16)}-01` },
    },
  );

export interface Traceable {
  readonly bus: Bus;
  /** A store of the service `credit` with the parked table. */
  readonly store: Store;
  close(): Promise<void>;
}

/** From outbox to handler, over any bus: every effect of a message is in its trace. */
export const tracingSuite = (name: string, open: () => Promise<Traceable>): void => {
  describe(`one trace through outbox and bus ${name}`, () => {
    const exporter = new sdk.InMemorySpanExporter();
    const provider = new node.NodeTracerProvider({
      spanProcessors: [new sdk.SimpleSpanProcessor(exporter)],
    });
    let parts: Traceable;
    beforeAll(async () => {
      provider.register({ propagator: new core.W3CTraceContextPropagator() });
      parts = await open();
    });
    afterAll(async () => {
      await parts.close();
      await provider.shutdown();
      for (const api of [trace, context, propagation]) api.disable();
    });

    /**
     * Publishes three messages of three traces and lets a group take them; gives the topic and the
     * traceparents that its handler saw.
     */
    const through = async (
      batch: boolean,
    ): Promise<{ readonly topicName: string; readonly seen: string[] }> => {
      exporter.reset();
      const tabTopic = nextTopic();
      await parts.bus.declare([tabTopic]);
      const { bus, store } = parts;
      const seen: string[] = [];
      const system = bus.system;
      const group = batch ? 'credit.together' : 'credit.singly';
      const call: Binding['call'] = async (events) =>
        void seen.push(
          ...([events].flat() as { traceparent: string }[]).map(({ traceparent }) => traceparent),
        );
      const work = new PartitionWork({
        ...TWIN_PARTS,
        clock,
        timers: systemTimers,
        log: silentLog,
        random: () => 0,
        retry: { attemptsMax: 2, firstDelayMs: 1, delayMaxMs: 1 },
      });
      const relay = new OutboxRelay({ store, bus: busOfAll(bus), service: 'credit' });
      relay.start();
      await store.transact(async (transaction) =>
        transaction.publish(...TRACES.map((_, index) => raised(tabTopic, index))),
      );
      const consumer = await bus.consume({ group, topics: [tabTopic.name] }, (taken) =>
        work.handle({ group, topic: tabTopic, batch, system, store, call }, taken),
      );
      for (let tries = 0; seen.length < TRACES.length && tries < 2000; tries += 1)
        await systemTimers.sleep(10);
      await relay.stop();
      await consumer.stop();
      return { topicName: tabTopic.name, seen };
    };

    const spansOf = (name: string, traceId: string): sdk.ReadableSpan[] =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.name === name && span.spanContext().traceId === traceId);

    test.each([
      ['one by one', false],
      ['as a batch', true],
    ])(
      'a publisher’s span is the parent of its consumer’s where messages are handled %s',
      async (_how, batch) => {
        const { topicName, seen } = await through(batch);
        TRACES.forEach((traceId, index) => {
          const [published] = spansOf(`publish ${topicName}`, traceId);
          const [processed] = spansOf(`process ${topicName}`, traceId);
          expect(published!.parentSpanContext).toMatchObject({ spanId: 'd'.repeat(16) });
          expect(processed!.parentSpanContext).toMatchObject({
            spanId: published!.spanContext().spanId,
          });
          expect(seen).toContain(`00-${traceId}-${processed!.spanContext().spanId}-01`);
          expect(published!.attributes).toMatchObject({
            'messaging.operation.type': 'send',
            'messaging.destination.name': topicName,
            'messaging.message.id': `e${index}`,
            'caretab.visit.id': `H1-${index}`,
            'caretab.service': 'credit',
          });
          expect(processed!.attributes).toMatchObject({
            'messaging.operation.type': 'process',
            'messaging.system': parts.bus.system ?? 'caretab',
            'messaging.consumer.group.name': batch ? 'credit.together' : 'credit.singly',
            'caretab.visit.id': `H1-${index}`,
            'messaging.destination.partition.id': '0',
          });
        });
      },
    );

    test('a batch links to its messages, and they to it', async () => {
      const { topicName } = await through(true);
      const spans = exporter.getFinishedSpans();
      const batches = spans.filter(({ name: spanName }) => spanName.startsWith('process batch'));
      for (const batch of batches) {
        expect(batch.links).toHaveLength(Number(batch.attributes['messaging.batch.message_count']));
        expect(batch.attributes).not.toHaveProperty('caretab.visit.id');
        for (const link of batch.links) {
          expect(
            spansOf(`publish ${topicName}`, link.context.traceId).map(
              (span) => span.spanContext().spanId,
            ),
          ).toContain(link.context.spanId);
          expect(
            spansOf(`process ${topicName}`, link.context.traceId).flatMap(({ links }) =>
              links.map(({ context: { spanId } }) => spanId),
            ),
          ).toContain(batch.spanContext().spanId);
        }
      }
    });

    test('a message that was handled before is no failure', async () => {
      exporter.reset();
      const { store } = parts;
      const tabTopic = nextTopic();
      const call: Binding['call'] = async (_event, handling) =>
        void (handling as { transaction: Transaction }).transaction.publish({
          topic: 'x',
          key: 'y',
          headers: {},
          value: {},
        });
      const work = new PartitionWork({
        ...TWIN_PARTS,
        clock,
        timers: systemTimers,
        log: silentLog,
        random: () => 0,
        retry: { attemptsMax: 1, firstDelayMs: 1, delayMaxMs: 1 },
      });
      const { key, headers: bare, value: data } = raised(tabTopic, 0);
      const unsigned = { ...bare, ce_id: `again-${tabTopic.name}` };
      const [{ headers, value }] = signedAll(
        tabTopic.name,
        [{ key, headers: unsigned, value: JSON.stringify(data) }],
        twinKeyOf('test'),
      ) as [Message];
      const batch = {
        topic: tabTopic.name,
        partition: 0,
        messages: [
          {
            topic: tabTopic.name,
            partition: 0,
            offset: 1n,
            key,
            headers,
            value,
          },
        ],
        signal: new AbortController().signal,
      };
      for (let time = 0; time < 2; time += 1)
        await work.handle(
          { group: 'credit.again', topic: tabTopic, batch: false, store, call },
          batch,
        );
      const spans = spansOf(`process ${tabTopic.name}`, TRACES[0]!);
      expect(spans).toHaveLength(2);
      for (const { status } of spans) expect(status.code).toBe(0);
    });

    test('an error is told by the name of its class alone', async () => {
      exporter.reset();
      const message: ReceivedMessage = {
        topic: 'x',
        partition: 0,
        offset: 1n,
        key: 'y',
        value: '{}',
        headers: {},
      };
      const fails = (): Promise<never> => Promise.reject(new TypeError('Zhang San'));
      await expect(processing({ group: 'credit.x' }, message, fails)).rejects.toThrow();
      await expect(
        processingEach({ group: 'credit.x' }, { messages: [message], events: [{}] }, fails),
      ).rejects.toThrow();
      await expect(
        publish({ bus: { send: fails } as never, service: 'credit' }, 'x', [
          { key: 'y', headers: {}, value: {} },
        ]),
      ).rejects.toThrow();
      expect(exporter.getFinishedSpans().map(({ attributes }) => attributes['error.type'])).toEqual(
        ['TypeError', 'TypeError', 'TypeError'],
      );
      for (const { status, events, attributes } of exporter.getFinishedSpans())
        expect(JSON.stringify([status, events, attributes])).not.toContain('Zhang');
    });

    test('what a handler publishes without naming its cause still continues its trace', async () => {
      const published: Record<string, string>[] = [];
      const transaction = {
        publish: (...messages: { headers: Record<string, string> }[]) =>
          void published.push(...messages.map(({ headers }) => headers)),
      };
      provider.getTracer('test').startActiveSpan('handler', (span) => {
        traced(transaction as never).publish({
          topic: 'x',
          key: 'y',
          headers: { ce_id: '1' },
          value: {},
        });
        span.end();
        expect(published[0]!['traceparent']).toContain(span.spanContext().spanId);
      });
    });
  });
};
