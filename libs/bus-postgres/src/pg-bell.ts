import { type Timers } from '@caretab/kernel';
import { Client, type Pool } from 'pg';

const RECONNECT_MS = 1000;
const PAYLOAD_LENGTH_MAX = 7000;
const EVERYTHING = '*';
/** It has a name, so that it is parsed once. */
const NOTIFY = { name: 'notify', text: 'SELECT pg_notify($1, $2)' };

/** What one bus instance announces to the others. */
export interface News {
  /** Partitions with new messages; undefined: any. */
  readonly partitionIds?: readonly number[];
  /** Groups whose members should rebalance. */
  readonly groups: readonly string[];
}

/**
 * LISTEN/NOTIFY between bus instances. A notification is sent after its write, in its own
 * statement: inside the transaction it would serialise all commits of the database. Notifications
 * during a running one are coalesced. One may be lost: readers also poll.
 */
export class PgBell {
  private client: Client | undefined;
  private isClosed = false;
  private readonly partitionIds = new Set<number>();
  private readonly groups = new Set<string>();
  private sending: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly parts: {
      readonly url: string;
      readonly pool: Pool;
      readonly channel: string;
      readonly instance: string;
      readonly timers: Timers;
    },
    private readonly onNews: (news: News) => void,
  ) {}

  /** Connects; a lost connection is reopened, and then everything is polled once. */
  async listen(): Promise<void> {
    const client = new Client({
      connectionString: this.parts.url,
      application_name: 'caretab-bus-listen',
      keepAlive: true,
    });
    client.on('notification', ({ payload }) => this.receive(payload ?? EVERYTHING));
    client.on('error', () => undefined); // Its end follows, and is handled.
    await client.connect();
    await client.query(`LISTEN ${this.parts.channel}`);
    if (this.isClosed) return client.end();
    client.once('end', () => void this.reconnect());
    this.client = client;
  }

  ring(news: News): void {
    for (const id of news.partitionIds ?? []) this.partitionIds.add(id);
    for (const group of news.groups) this.groups.add(group);
    this.sending ??= this.send();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.closing.abort();
    await this.sending;
    await this.client?.end();
  }

  private async send(): Promise<void> {
    while (this.partitionIds.size + this.groups.size > 0) {
      const text = JSON.stringify([this.parts.instance, [...this.partitionIds], [...this.groups]]);
      this.partitionIds.clear();
      this.groups.clear();
      try {
        await this.parts.pool.query({
          ...NOTIFY,
          values: [this.parts.channel, text.length > PAYLOAD_LENGTH_MAX ? EVERYTHING : text],
        });
      } catch {
        // Readers poll meanwhile, and report a database that is away.
      }
    }
    // Clear the flag in the same tick as the last check; otherwise a notification queued in between
    // is lost.
    this.sending = undefined;
  }

  private receive(payload: string): void {
    if (!payload.startsWith('[')) return this.onNews({ groups: [] });
    const [instance, partitionIds, groups] = JSON.parse(payload) as [string, number[], string[]];
    if (instance !== this.parts.instance) this.onNews({ partitionIds, groups });
  }

  private async reconnect(): Promise<void> {
    while (!this.isClosed) {
      await this.parts.timers.sleep(RECONNECT_MS, this.closing.signal);
      if (this.isClosed) return;
      try {
        await this.listen();
        return this.onNews({ groups: [] });
      } catch {
        // As above: a bell falls silent and rings again.
      }
    }
  }
}
