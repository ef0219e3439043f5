import type { Timers } from '@caretab/kernel';
import { Client } from 'pg';
import { connectionConfig } from './pg-connections';
import { channelOf } from './pg-schema';

const RECONNECT_MS = 1_000;

/**
 * Holds one connection that is notified of every process's appends. While it is broken, readers
 * poll; only latency depends on it.
 */
export class PgListener {
  private readonly stopping = new AbortController();
  private client: Client | undefined;
  private readonly ended: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly schema: string,
    private readonly timers: Timers,
    private readonly onAppended: () => void,
  ) {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.listenUntilBroken().catch(() => undefined);
      await this.timers.sleep(RECONNECT_MS, this.stopping.signal).catch(() => undefined);
    }
  }

  private async listenUntilBroken(): Promise<void> {
    const client = new Client(connectionConfig(this.url, 'event store listener'));
    this.client = client;
    const broken = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    client.on('notification', this.onAppended);
    try {
      await client.connect();
      await client.query(`listen ${channelOf(this.schema)}`);
      this.onAppended(); // Something may have come while nobody listened.
      if (!this.stopping.signal.aborted) await broken;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
