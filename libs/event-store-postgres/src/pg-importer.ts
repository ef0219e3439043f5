import { Client } from 'pg';
import { channelOf, takePositionLock } from './pg-schema';
import {
  type KnownFaults,
  placeOf,
  stillToImport,
  type Tail,
  type TransferredEvent,
} from '@caretab/event-store';
import { byteaArray, int4Array, int8Array, textArray } from '@caretab/kernel';

const TIMEOUT_MS = 120_000;
/** Events of one statement: its arrays are built in memory. */
const STATEMENT_EVENTS_MAX = 2_000;
/** Stands for a null of the row: arrays have none. */
const NOTHING = Buffer.alloc(0);

/**
 * Writes events as they are, in the order they come. The application's role may append and nothing
 * else, so this connects as the owner of the schema; like every writer it draws positions under the
 * lock, and looks up what is there under it too.
 */
export class PgImporter {
  private client: Client | undefined;

  constructor(
    private readonly ownerUrl: string,
    private readonly schema: string,
  ) {}

  async import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void> {
    for (let from = 0; from < events.length; from += STATEMENT_EVENTS_MAX)
      await this.write(events.slice(from, from + STATEMENT_EVENTS_MAX), known);
  }

  async close(): Promise<void> {
    await this.client?.end();
    this.client = undefined;
  }

  private async write(
    events: readonly TransferredEvent[],
    known: KnownFaults | undefined,
  ): Promise<void> {
    const client = await this.connected();
    try {
      await client.query('begin');
      await client.query(takePositionLock(this.schema));
      const missing = stillToImport(
        events,
        await this.there(client, events),
        await this.tails(client, events),
        { known, mayLeap: true },
      );
      if (missing.length > 0) await this.insert(client, missing);
      await client.query('commit');
    } catch (error) {
      // A connection that broke is not used again, and one in a failed transaction neither.
      this.client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private async there(
    client: Client,
    events: readonly TransferredEvent[],
  ): Promise<Map<string, Uint8Array>> {
    const { rows } = await client.query<{ stream: string; revision: number; hash: Buffer }>(
      `select e.stream, e.revision, e.hash from unnest($1::text[], $2::int[]) as u(stream, revision)
       join ${this.schema}.events e on e.stream = u.stream and e.revision = u.revision`,
      [
        textArray(events.map(({ stream }) => stream)),
        int4Array(events.map(({ revision }) => revision)),
      ],
    );
    return new Map(rows.map((row) => [placeOf(row), row.hash]));
  }

  private async tails(
    client: Client,
    events: readonly TransferredEvent[],
  ): Promise<Map<string, Tail>> {
    const streams = [...new Set(events.map(({ stream }) => stream))];
    const { rows } = await client.query<{ stream: string; revision: number; hash: Buffer }>(
      `select u.stream, h.revision, h.hash from unnest($1::text[]) as u(stream)
       cross join lateral (select e.revision, e.hash from ${this.schema}.events e where e.stream
       = u.stream order by e.revision desc limit 1) h`,
      [textArray(streams)],
    );
    return new Map(rows.map(({ stream, revision, hash }) => [stream, { revision, hash }]));
  }

  private async insert(client: Client, events: readonly TransferredEvent[]): Promise<void> {
    await client.query(
      `insert into ${this.schema}.events
         (position, stream, revision, id, type, data, metadata, recorded_at, hash, key_id, mac)
       select base.position + u.n, u.stream, u.revision, u.id, u.type, u.data, u.metadata,
       timestamptz 'epoch' + u.ms * interval '1 ms', u.hash, nullif(u.key_id, ''), nullif(u.mac, '')
       from (select greatest(max(position), 0) as position from ${this.schema}.events) base,
         unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[],
           $7::int8[], $8::bytea[], $9::text[], $10::bytea[])
           with ordinality as u(stream, revision, id, type, data, metadata, ms, hash, key_id, mac, n)`,
      [
        textArray(events.map(({ stream }) => stream)),
        int4Array(events.map(({ revision }) => revision)),
        textArray(events.map(({ id }) => id)),
        textArray(events.map(({ type }) => type)),
        textArray(events.map(({ data }) => data)),
        textArray(events.map(({ metadata }) => metadata)),
        int8Array(events.map(({ recordedAtMs }) => recordedAtMs)),
        byteaArray(events.map(({ hash }) => hash)),
        textArray(events.map(({ signature }) => signature?.keyId ?? '')),
        byteaArray(events.map(({ signature }) => signature?.mac ?? NOTHING)),
      ],
    );
    await client.query(`select pg_notify('${channelOf(this.schema)}', '')`);
  }

  private async connected(): Promise<Client> {
    if (this.client) return this.client;
    const client = new Client({
      connectionString: this.ownerUrl,
      application_name: 'caretab event store import',
    });
    client.on('error', () => undefined); // The query under way rejects with the same error.
    await client.connect();
    await client.query(`set statement_timeout = ${TIMEOUT_MS}`);
    return (this.client = client);
  }
}
