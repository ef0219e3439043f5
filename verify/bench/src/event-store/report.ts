import { type Writer, WRITERS } from './options';

export interface Figures {
  readonly eventsPerSecond: number;
  /** Milliseconds of the client's CPU for one event: median of the rounds, and of the first. */
  readonly cpuMs: number;
  readonly coldCpuMs: number;
}

/** What a run found, as `--json` prints it. */
export interface EventStoreResult {
  readonly bench: 'event-store';
  readonly writers: Readonly<Record<Writer, Figures>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const NAMES: Readonly<Record<Writer, string>> = {
  eventstoredb: 'our EventStoreDB adapter',
  client: 'its own client',
  postgres: 'our PostgreSQL store',
  raw: 'plain rows in PostgreSQL (raw limit)',
};

/** The page a person reads. */
export const eventStorePageOf = ({ writers, settings }: EventStoreResult): string =>
  [
    `Appends of ${settings['together']} by ${settings['callers']} callers, ${settings['events']} events a ` +
      `round, median of ${settings['rounds']}; server: ${settings['server']}`,
    ...WRITERS.map((writer) => {
      const { eventsPerSecond, cpuMs, coldCpuMs } = writers[writer];
      return (
        `  ${NAMES[writer].padEnd(38)}${eventsPerSecond.toFixed(0).padStart(8)} events/s  ` +
        `${cpuMs.toFixed(3)} ms CPU an event (cold ${coldCpuMs.toFixed(3)})`
      );
    }),
    `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
  ].join('\n');
