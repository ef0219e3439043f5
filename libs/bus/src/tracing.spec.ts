import { MemoryStore } from '@caretab/store';
import { MemoryBus } from './memory-bus';
import type { ReceivedMessage } from './bus';
import {
  carried,
  processing,
  processingBatch,
  processingEach,
  publish,
  traceIdOf,
  traced,
} from './tracing';
import { tracingSuite } from '../test/tracing.suite';

const received: ReceivedMessage = {
  topic: 'visit-ledger.visits',
  partition: 3,
  offset: 7n,
  key: 'H1-1',
  value: '{}',
  headers: {
    ce_id: 'e1',
    ce_type: 'VisitOpened',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  },
};
const consuming = { group: 'credit.hold' };

describe('without tracing', () => {
  test('a message keeps the trace that it came with, and nothing is made of it', async () => {
    const sent: unknown[] = [];
    const bus = {
      send: async (_topic: string, messages: readonly unknown[]) => void sent.push(...messages),
    };
    await publish({ bus: bus as never, service: 'credit' }, 'credit.accounts', [
      { key: 'p', headers: received.headers, value: { personId: 'p' } },
    ]);
    expect(sent).toEqual([{ key: 'p', headers: received.headers, value: '{"personId":"p"}' }]);
    const event = { id: 'e1', traceparent: 'of the message' };
    expect(await processing(consuming, received, async () => carried(event))).toBe(event);
    expect(
      await processingBatch(consuming, [received], () =>
        processingEach(
          consuming,
          { messages: [received], events: [event] },
          async ([first]) => first,
        ),
      ),
    ).toBe(event);
    const transaction = {} as never;
    expect(traced(transaction)).toBe(transaction);
  });

  test('the trace of a message can be told, or that it has none', () => {
    expect(traceIdOf(received)).toBe('a'.repeat(32));
    expect(traceIdOf({ headers: {} })).toBeNull();
  });
});

tracingSuite('in memory', async () => {
  const bus = new MemoryBus();
  return { bus, store: new MemoryStore(), close: () => bus.close() };
});
