import { relayThatDies, type RelayThatDies } from '@caretab/bus/test';
import { KafkaBus } from '../src/kafka-bus';

/** The relay of the suite that dies, in a process of its own, over Kafka. */
export const run = (dies: string): Promise<void> => {
  const told = JSON.parse(dies) as RelayThatDies;
  return relayThatDies(
    told,
    new KafkaBus({ brokers: told.brokers ?? [], clientId: 'relay-that-dies' }),
  );
};
