import { MemoryBus } from '@caretab/bus';
import { MemoryEventStore } from '@caretab/event-store';
import { topicAuditSuite } from '../../test/topic-audit.suite';

topicAuditSuite('the twins', async () => {
  const bus = new MemoryBus();
  return { bus, events: new MemoryEventStore(), close: () => bus.close() };
});
