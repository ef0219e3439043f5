import { TypeOrmStore } from '@caretab/postgres';
import type { Bus } from './bus';
import { KafkaBus } from './kafka-bus';
import { OutboxRelay } from './outbox-relay';
import { PgBus } from './pg-bus';

/**
 * What the process is told: where the outbox and the bus are. `brokers` absent: the bus on
 * PostgreSQL.
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
export const run = async (dies: string): Promise<void> => {
  const { url, schema, brokers } = JSON.parse(dies) as RelayThatDies;
  const store = await TypeOrmStore.open({ url, schema, tables: [], migrations: [] });
  const bus: Bus = brokers
    ? new KafkaBus({ brokers, clientId: 'relay-that-dies' })
    : new PgBus({ url });
  store.markPublished = () => {
    process.send!('published, and not marked');
    return new Promise(() => undefined);
  };
  new OutboxRelay({ store, bus }).start();
};
