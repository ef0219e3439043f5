import { CommandLine } from '@caretab/command-line';

/** Who writes: our two adapters, the server's own client, and one statement into a plain table. */
export const WRITERS = ['eventstoredb', 'client', 'postgres', 'raw'] as const;
export type Writer = (typeof WRITERS)[number];

export interface EventStoreOptions {
  readonly json: boolean;
  /** Events that each writer appends in a round. */
  readonly events: number;
  /** Callers that wait for an answer at once. */
  readonly callers: number;
  /** Events of one append. */
  readonly together: number;
  readonly rounds: number;
}

export const EVENT_STORE_HELP = `npm run bench -- event-store appends into the ledger's stores: events per
                             second, and the CPU of the client, for our adapter for EventStoreDB, the server's own
                             client, our PostgreSQL store, and plain rows in PostgreSQL (the raw limit)
  --events N                 events of each writer in a round (default 10000)
  --callers N                appends that wait at once (default 64)
  --together N               events of one append (default 1)
  --rounds N                 rounds after one to warm up; the median counts (default 3)
  --json                     end with one line of JSON
EVENTSTORE_URL names a server (its streams begin with bench_ and stay there). Without it a server of the protocol runs
in this process and keeps nothing on disk: its events per second say little then, the CPU of the client does.
PostgreSQL is durable, in a temporary folder that is removed. Each writer is a process of its own; they take turns.
Ends with status 1 when an event is missing or doubled: then the run is void.`;

/** Reads the command line after `event-store`. Throws Usage. */
export const eventStoreOptionsOf = (args: readonly string[]): EventStoreOptions => {
  const given = new CommandLine(args, {
    help: EVENT_STORE_HELP,
    flags: ['--json'],
    values: ['--events', '--callers', '--together', '--rounds'],
  });
  return {
    json: given.has('--json'),
    events: given.whole('--events', { min: 1000, max: 1_000_000 }) ?? 10_000,
    callers: given.whole('--callers', { min: 1, max: 1000 }) ?? 64,
    together: given.whole('--together', { min: 1, max: 100 }) ?? 1,
    rounds: given.whole('--rounds', { min: 1, max: 99 }) ?? 3,
  };
};
