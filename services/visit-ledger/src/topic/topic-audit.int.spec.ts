import { PgBus } from '@caretab/bus-postgres';
import { testDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import { topicAuditSuite } from '../../test/topic-audit.suite';

topicAuditSuite('PostgreSQL', async () => {
  const database = await testDatabase();
  const bus = new PgBus({ url: database.url });
  const events = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema: 'ledger_events' });
  await events.migrate();
  return {
    ...{ bus, events },
    close: async () => {
      await Promise.all([bus.close(), events.close()]);
      await database.drop();
    },
  };
});
