import { seededRandom } from '@caretab/doubles';

/** What can go wrong by the moment, and how often: chances per opportunity. */
export interface Weather {
  /** A process dies at an await. */
  readonly crash: number;
  /** A line breaks before anything was done. */
  readonly broken: number;
  /** A line breaks after it was done: the answer is lost. */
  readonly answerLost: number;
  /** A consumer is taken for dead while it works, and another gets its partitions. */
  readonly sessionLost: number;
  /** An operation takes seconds. */
  readonly stalled: number;
  /** A process stands still, its leases and sessions run out, and it goes on unawares. */
  readonly paused: number;
  /**
   * The database ends every connection of a process: transactions, row locks and the relay's lock
   * are gone.
   */
  readonly severed: number;
  /** The database crashes just after it answered an asynchronous commit. */
  readonly databaseCrashed: number;
  /** The database undoes a transaction in favour of another. */
  readonly lostRace: number;
  /** A message that was sent comes once more, later. */
  readonly duplicated: number;
  /** A request that was answered comes once more, later. */
  readonly askedTwice: number;
  /** A request arrives when its caller has long given up. */
  readonly askedLate: number;
  /** The bank answers with something that fits neither the order nor its own book. */
  readonly bankLies: number;
}

/** What goes wrong for a while, planned beforehand. */
export const TROUBLES = [
  'databaseDown',
  'diskFull',
  'tablesMissing',
  'eventsDown',
  'busDown',
  'acquirerDown',
  'acquirerAwayForHours',
  'acquirerRejectsKey',
  'clockBack',
  'clockBackForAll',
  'leap',
  'powerLost',
] as const;

export type Trouble = (typeof TROUBLES)[number];
export type FaultKind = keyof Weather | Trouble;

export const CALM: Weather = {
  crash: 0,
  broken: 0,
  answerLost: 0,
  sessionLost: 0,
  stalled: 0,
  paused: 0,
  severed: 0,
  databaseCrashed: 0,
  lostRace: 0,
  duplicated: 0,
  askedTwice: 0,
  askedLate: 0,
  bankLies: 0,
};

export const FAULT_KINDS: readonly FaultKind[] = [
  ...(Object.keys(CALM) as (keyof Weather)[]),
  ...TROUBLES,
];

/** A fault that happened, in the order of happening. */
export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
}

/**
 * Draws faults from the seed. A fault that is not allowed (while the shortest history is looked
 * for) does not happen; all draws stay the same.
 */
export class Faults {
  readonly happened: Fault[] = [];
  private readonly random;
  private count = 0;
  private weather: Weather = CALM;

  constructor(
    seed: number,
    private readonly isAllowed: (number: number) => boolean,
    private readonly tell: (line: string) => void,
  ) {
    this.random = seededRandom(seed);
  }

  set(weather: Weather): void {
    this.weather = weather;
  }

  strikes(kind: keyof Weather, machine: string, what: string): boolean {
    const chance = this.weather[kind];
    return chance > 0 && this.random.next() < chance && this.happens(kind, `${machine} ${what}`);
  }

  /** A fault that is not left to chance; false when it is not allowed. */
  happens(kind: FaultKind, where: string): boolean {
    const number = (this.count += 1);
    if (!this.isAllowed(number)) return false;
    this.happened.push({ number, kind });
    this.tell(`fault ${number}: ${kind} at ${where}`);
    return true;
  }
}
