import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { type OtherHandsCases, otherHandsSuite } from '@caretab/event-store/test';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreDb } from './eventstore-db';

let server: EventStoreServer;
let client: EventStoreDBClient;

afterEach(async () => {
  await client.dispose();
  await server.stop();
});

const FULL_NAME = 'caretab-visit-1';
const callersTakenFor = (caller: Parameters<EventStoreServer['takeCallersFor']>[0]) => ({
  take: async () => server.takeCallersFor(caller),
  give: async () => server.takeCallersFor('admin'),
});

/** The server's own means; its protocol has no other. */
const CASES: OtherHandsCases = {
  truncations: {
    'deleted softly': async () => void (await client.deleteStream(FULL_NAME)),
    'cut before an event': async () =>
      void (await client.setStreamMetadata(FULL_NAME, { truncateBefore: 2 })),
    'given a greatest count': async () =>
      void (await client.setStreamMetadata(FULL_NAME, { maxCount: 1 })),
  },
  refusals: {
    'a wrong password': callersTakenFor('wrong password'),
    'a right that was taken back': callersTakenFor('anonymous'),
    'another server': {
      take: async () => server.beAnotherServer(true),
      give: async () => server.beAnotherServer(false),
    },
  },
};

otherHandsSuite(
  'the EventStoreDB event store',
  async () => {
    server = await startEventStoreServer();
    client = EventStoreDBClient.connectionString(server.url);
    return {
      open: async () => new EventStoreDb({ keys: TWIN_KEYS, url: server.url }),
      copy: async () => {
        const copy = server.copied();
        return () => server.restartOn(copy);
      },
    };
  },
  CASES,
);
