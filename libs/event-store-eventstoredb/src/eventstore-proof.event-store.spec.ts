import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreDb } from './eventstore-db';
import { proveRights } from './eventstore-proof';

let server: EventStoreServer;
beforeAll(async () => void (server = await startEventStoreServer()));
afterAll(() => server.stop());

const proof = async (url = server.url): Promise<void> => {
  const events = new EventStoreDb({ url, keys: TWIN_KEYS, deadlineMs: 2_000 });
  try {
    await proveRights(events, url);
  } finally {
    await events.close();
  }
};

test('a user who may not read the log of all is told so, with the metadata that lets it', async () => {
  server.takeCallersFor('user');
  await expect(proof()).rejects.toMatchObject({
    name: 'CannotStart',
    message: expect.stringMatching(
      /^EVENTSTORE_URL: .* may not read \$all .* \$acl\.\$r: .* grants/,
    ),
  });
  server.takeCallersFor('admin');
  const client = EventStoreDBClient.connectionString(server.url);
  await client.setStreamMetadata('$all', { acl: { readRoles: ['$all'] } });
  server.takeCallersFor('user');
  await proof();
});

test('a wrong password is told apart from a missing right', async () => {
  server.takeCallersFor('wrong password');
  await expect(proof()).rejects.toThrow(/^EVENTSTORE_URL: .* the password is wrong/);
  server.takeCallersFor('admin');
});

test('a server that is away refuses no start', async () => {
  await proof('esdb://127.0.0.1:1?tls=false');
});
