import { join } from 'node:path';
import type { Command } from './command';

const ROOT = join(__dirname, '../../..');

/** Programs of their own: each takes over this process with its options, its help and its signals. */
export const programs: readonly Command[] = [
  {
    name: 'start',
    what: 'the platform in one process, with the sample day played on it',
    at: 'deploy/dist/embedded/main.js',
  },
  {
    name: 'cluster',
    what: 'the same with a process and a database per service, over Kafka',
    at: 'deploy/dist/cluster/main.js',
  },
  {
    name: 'kafka',
    what: 'one Apache Kafka node alone, for tests and trials',
    at: 'deploy/dist/kafka/main.js',
  },
  {
    name: 'front-node',
    what: "a hospital's front node: codes, and a bounded store and forward to a platform",
    at: 'deploy/front-node/dist/main.js',
  },
  {
    name: 'move-ledger',
    what: "move the ledger's events between PostgreSQL and EventStoreDB",
    at: 'services/visit-ledger/dist/move-ledger/main.js',
  },
  {
    name: 'simulate',
    what: 'days of faults on virtual time, by seed',
    at: 'verify/simulation/dist/main.js',
  },
  {
    name: 'chaos',
    what: 'kill services and engines under load, and audit what is left',
    at: 'verify/chaos/dist/main.js',
  },
  {
    name: 'fuzz',
    what: 'random messages against every door',
    at: 'verify/fuzz/dist/main.js',
  },
  {
    name: 'bench',
    what: 'how fast, with a raw limit beside each figure',
    at: 'verify/bench/dist/main.js',
  },
].map(({ name, what, at }) => ({
  name,
  what,
  run: async (args) => {
    process.argv = [process.argv[0]!, join(ROOT, at), ...args];
    await import(join(ROOT, at));
    return STAYS;
  },
}));

/** The status of a command that goes on after its start and sets its own. */
export const STAYS = -1;
