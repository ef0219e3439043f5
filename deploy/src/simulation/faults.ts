import { seededRandom } from '@caretab/testing';

/** What can go wrong, and how often: chances per opportunity. */
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
}

export const CALM: Weather = { crash: 0, broken: 0, answerLost: 0, sessionLost: 0, stalled: 0 };

type Kind = keyof Weather;

/** A fault that happened, in the order of happening. */
export interface Fault {
  readonly number: number;
  readonly kind: Kind;
  readonly where: string;
}

/** Draws faults from the seed. A fault that is not allowed (while the shortest history is looked for) does not happen; all draws stay the same. */
export class Faults {
  readonly happened: Fault[] = [];
  private readonly random;
  private count = 0;
  private weather: Weather = CALM;

  constructor(seed: number, private readonly isAllowed: (number: number) => boolean, private readonly tell: (line: string) => void) {
    this.random = seededRandom(seed);
  }

  set(weather: Weather): void {
    this.weather = weather;
  }

  strikes(kind: Kind, where: string): boolean {
    const chance = this.weather[kind];
    if (chance === 0 || this.random.next() >= chance) return false;
    const number = (this.count += 1);
    if (!this.isAllowed(number)) return false;
    this.happened.push({ number, kind, where });
    this.tell(`fault ${number}: ${kind} at ${where}`);
    return true;
  }
}
