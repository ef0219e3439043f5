import { busSuite } from '../test/bus.suite';
import type { CrashableConsumer } from './bus';
import { MemoryBus } from './memory-bus';

busSuite('in memory', async () => {
  const bus = new MemoryBus();
  return {
    bus,
    another: async () => bus,
    crash: (consumer) => (consumer as CrashableConsumer).crash(),
    close: () => bus.close(),
  };
});

test('the bus in memory remembers every message of a topic', async () => {
  const bus = new MemoryBus();
  await bus.declare([{ name: 'test.visits', partitions: 3, retentionMs: 1000 }]);
  await bus.send('test.visits', [{ key: 'visit-1', value: '1', headers: {} }]);
  expect(bus.messages('test.visits').map(({ key, value }) => [key, value])).toEqual([
    ['visit-1', '1'],
  ]);
  expect(bus.messages('test.other')).toEqual([]);
});
