import { randomBytes } from 'node:crypto';
import { TWIN_KEYS } from '@caretab/event-store';
import { EventStoreDb } from '@caretab/event-store-eventstoredb';
import { PgEventStore } from '@caretab/event-store-postgres';
import type { EventStore } from '@caretab/event-store';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { Client } from 'pg';
import type { Append, Target } from './load';
import type { Writer } from './options';

export interface Addresses {
  readonly eventStoreUrl: string;
  readonly databaseUrl: string;
}

/** One of our adapters. */
const adapter = (store: EventStore): Target => ({
  append: ({ stream, from, events }) =>
    store.append(stream, events, from === 0 ? 'none' : from - 1),
  count: async (stream) => (await store.readStream(stream)).length,
  close: () => store.close(),
});

/** The server's own client, with its own streams of appends. */
const ownClient = (url: string): Target => {
  const client = EventStoreDBClient.connectionString(url);
  return {
    append: ({ stream, from, events }) =>
      client.appendToStream(
        stream,
        events.map(({ id, type, data, metadata }) =>
          jsonEvent({ id, type, data: data as object, metadata: metadata ?? {} } as never),
        ),
        { expectedRevision: from === 0 ? 'no_stream' : BigInt(from - 1) },
      ),
    count: async (stream) => {
      let count = 0;
      for await (const _ of client.readStream(stream)) count += 1;
      return count;
    },
    close: () => client.dispose(),
  };
};

const TABLE = `create schema if not exists bench_raw;
  create table if not exists bench_raw.events (
    position bigint generated always as identity primary key, stream text not null,
    revision integer not null, id text not null, type text not null, data text not null,
    metadata text not null, recorded_at timestamptz not null default now(), hash bytea not null,
    unique (stream, revision), unique (id))`;
const INSERT = `insert into bench_raw.events (stream, revision, id, type, data, metadata, hash)
  select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])`;

/** One connection, which writes all that waits in one statement: nothing is looked at or signed. */
class PlainRows implements Target {
  private readonly waiting: { readonly append: Append; readonly done: (error?: Error) => void }[] =
    [];
  private readonly hash = randomBytes(32);
  private isWriting = false;

  constructor(private readonly client: Client) {}

  append(append: Append): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ append, done: (error) => (error ? reject(error) : resolve()) });
      if (!this.isWriting) void this.write();
    });
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      const rows = batch.flatMap(({ append: { stream, from, events } }) =>
        events.map((event, index) => ({ stream, revision: from + index, event })),
      );
      const values = [
        rows.map(({ stream }) => stream),
        rows.map(({ revision }) => revision),
        rows.map(({ event }) => event.id),
        rows.map(({ event }) => event.type),
        rows.map(({ event }) => JSON.stringify(event.data)),
        rows.map(({ event }) => JSON.stringify(event.metadata)),
        rows.map(() => this.hash),
      ];
      const error = await this.client.query({ name: 'raw', text: INSERT, values }).then(
        () => undefined,
        (cause: Error) => cause,
      );
      for (const { done } of batch) done(error);
    }
    this.isWriting = false;
  }

  async count(stream: string): Promise<number> {
    const { rows } = await this.client.query<{ readonly count: number }>(
      'select count(*)::int as count from bench_raw.events where stream = $1',
      [stream],
    );
    return rows[0]!.count;
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

/** Opens what a writer writes into. */
export const openTarget = async (
  writer: Writer,
  { eventStoreUrl, databaseUrl }: Addresses,
): Promise<Target> => {
  switch (writer) {
    case 'eventstoredb':
      return adapter(new EventStoreDb({ url: eventStoreUrl, keys: TWIN_KEYS, namespace: 'bench' }));
    case 'client':
      return ownClient(eventStoreUrl);
    case 'postgres': {
      const store = new PgEventStore({ url: databaseUrl, schema: 'bench_events', keys: TWIN_KEYS });
      await store.migrate();
      return adapter(store);
    }
    case 'raw': {
      const client = new Client({ connectionString: databaseUrl, application_name: 'bench raw' });
      await client.connect();
      await client.query(TABLE);
      return new PlainRows(client);
    }
  }
};
