import { MemoryStore } from '@caretab/store';
import { ledgerDatabase } from '../../test/ledger-database';
import { leadershipSuite } from '../../test/leadership.suite';

leadershipSuite('MemoryStore', async () => {
  const database = ledgerDatabase();
  return { openRows: async () => new MemoryStore({ database }), close: async () => undefined };
});
