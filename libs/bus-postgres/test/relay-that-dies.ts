import { relayThatDies, type RelayThatDies } from '@caretab/bus/test';
import { PgBus } from '../src/pg-bus';

/** The relay of the suite that dies, in a process of its own, over PostgreSQL. */
export const run = (dies: string): Promise<void> => {
  const told = JSON.parse(dies) as RelayThatDies;
  return relayThatDies(told, new PgBus({ url: told.url }));
};
