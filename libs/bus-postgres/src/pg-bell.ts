import { type Timers } from '@caretab/kernel';
import { Client, type Pool } from 'pg';
import { type Log, reasonOf } from '@caretab/bus';

const RECONNECT_MS = 1000;
const PAYLOAD_LENGTH_MAX = 7000;
const EVERYTHING = '*';

/** What one bus instance tells the others. */
export interface News {
  /** Partitions with new messages; undefined: any. */
  readonly partitionIds?: readonly number[];
  /** Groups whose members should share anew. */
  readonly groups: readonly string[];
}

/**
 * LISTEN/NOTIFY between bus instances. A notification is sent after its write and by itself: inside
 * the write it would make all commits of the database wait for each other. News that come while one
 * is on its way are told together. It may be lost: readers also poll.
 */
export class PgBell {
  private client: Client | undefined;
  private isClosed = false;
  private readonly partitionIds = new Set<number>();
  private readonly groups = new Set<string>();
  private telling: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly parts: {
      readonly url: string;
      readonly pool: Pool;
      readonly channel: string;
      readonly instance: string;
      readonly timers: Timers;
      readonly log: Log;
    },
    private readonly onNews: (news: News) => void,
  ) {}

  /**
   * Connects; a connection that is lost later is made anew, and everything is looked at again then.
   */
  async listen(): Promise<void> {
    const client = new Client({
      connectionString: this.parts.url,
      application_name: 'caretab-bus-listen',
      keepAlive: true,
    });
    client.on('notification', ({ payload }) => this.hear(payload ?? EVERYTHING));
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
    this.telling ??= this.tell();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.closing.abort();
    await this.telling;
    await this.client?.end();
  }

  private async tell(): Promise<void> {
    while (this.partitionIds.size + this.groups.size > 0) {
      const text = JSON.stringify([this.parts.instance, [...this.partitionIds], [...this.groups]]);
      this.partitionIds.clear();
      this.groups.clear();
      try {
        await this.parts.pool.query('SELECT pg_notify($1, $2)', [
          this.parts.channel,
          text.length > PAYLOAD_LENGTH_MAX ? EVERYTHING : text,
        ]);
      } catch (error) {
        if (!this.isClosed)
          this.parts.log.warn(
            { ...reasonOf(error) },
            'bus notification failed; readers find out by polling',
          );
      }
    }
    // In the same breath as the last look, so that nothing rung in between is left untold.
    this.telling = undefined;
  }

  private hear(payload: string): void {
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
      } catch (error) {
        this.parts.log.warn({ ...reasonOf(error) }, 'bus cannot listen, will try again');
      }
    }
  }
}
