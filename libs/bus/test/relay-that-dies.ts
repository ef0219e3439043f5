import { TypeOrmStore } from '@caretab/store';
import type { Bus } from '../src/bus';
import { OutboxRelay } from '../src/outbox-relay';
import { busOfAll } from '../src/twin-authors';

/**
 * The process' settings: where the outbox and the bus are. `brokers` absent: the bus on PostgreSQL.
 */
export interface RelayThatDies {
  readonly url: string;
  readonly schema: string;
  readonly brokers?: readonly string[];
}

/**
 * A process whose relay publishes and never comes to mark what it published: it says that it is
 * that far, and waits to be killed.
 */
export const relayThatDies = async ({ url, schema }: RelayThatDies, bus: Bus): Promise<void> => {
  const store = await TypeOrmStore.open({ url, schema, tables: [], migrations: [] });
  store.markPublished = () => {
    process.send!('published, and not marked');
    return new Promise(() => undefined);
  };
  new OutboxRelay({ store, bus: busOfAll(bus) }).start();
};
