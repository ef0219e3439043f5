/**
 * What can be done to the platform. Each has a beginning and an end; `npm run chaos -- --help` says
 * what each is.
 */
export const KINDS = [
  'service-kill',
  'service-stop',
  'service-pause',
  'postgres-kill',
  'postgres-restart',
  'postgres-backend-kill',
  'postgres-terminate',
  'postgres-line',
  'kafka-kill',
  'kafka-restart',
  'kafka-line',
  'door-line',
  'clock-jump',
  'right-lost',
  'wrong-key',
  'foreign-event',
  'forged-event',
  'stream-truncated',
  'older-copy',
] as const;
export type Kind = (typeof KINDS)[number];

export const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);

/** What each kind is, for people. */
export const MEANING: Readonly<Record<Kind, string>> = {
  'service-kill': 'kill -9 of a service process, which is started again',
  'service-stop': 'an orderly stop of a service process (SIGTERM), which is started again',
  'service-pause':
    'a service process stands still for a while (SIGSTOP) and goes on as if nothing had been',
  'postgres-kill': 'kill -9 of the database server, an outage, a start on the same data',
  'postgres-restart': 'an orderly restart of the database server',
  'postgres-backend-kill':
    "kill -9 of one connection's backend: the server throws out everybody and recovers",
  'postgres-terminate': 'some connections are ended by the database server',
  'postgres-line': 'the line from one service to its database breaks in one of five ways',
  'kafka-kill': 'kill -9 of the broker, an outage, a start on the same data',
  'kafka-restart': 'an orderly restart of the broker',
  'kafka-line': 'the line from everybody to the broker breaks in one of five ways',
  'door-line':
    'a line to a door (HTTP of gateway, identity or visit-ledger, MLLP) breaks in one of five ways',
  'clock-jump':
    'the clock of every service process jumps, each by up to an hour, forward or back, and stays there',
  'right-lost': "the ledger's role loses the right to append to its event table, or to read it",
  'wrong-key':
    'a visit-ledger process is restarted with another key under the same id, then with its own',
  'foreign-event': "another writer puts an event without a signature into one visit's stream",
  'forged-event': "another writer puts an event with a made-up signature into one visit's stream",
  'stream-truncated': "the log's owner takes all rows, or all but the last, of an open visit away",
  'older-copy':
    'the log of visits comes back as it was seconds ago, under stopped or cut off processes; then the newest',
};

/**
 * How a line breaks. `cut`: what is open is closed, at once. `deaf`: what is asked arrives, the
 * answers do not, and then it is cut. `silent`: nothing passes for a while, and then goes on.
 * `dead`: what is open never passes anything again, nor closes. `refused`: connections are refused.
 */
export const LINE_FAULTS = ['cut', 'deaf', 'silent', 'dead', 'refused'] as const;
export type LineFault = (typeof LINE_FAULTS)[number];

/** One fault of a schedule, with everything that chance decides about it. */
export interface Fault {
  /** Its place in the schedule, from 1. */
  readonly number: number;
  readonly kind: Kind;
  /** From the beginning of the fire. */
  readonly atMs: number;
  /** Which of those it could strike: at least 0, below 1. */
  readonly lot: number;
  readonly outageMs: number;
  /** For lines. */
  readonly way: LineFault;
}
