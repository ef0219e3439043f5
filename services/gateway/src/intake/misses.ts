import { type Clock, DomainError } from '@caretab/kernel';

const HOUR_MS = 60 * 60 * 1000;
/** So much of an hour's budget may be spent at once. */
const BURST_SHARE = 0.1;

export interface MissesParts {
  readonly clock: Clock;
  readonly perHourMax: number;
  /** Called for each person who is not registered. */
  readonly missed: () => void;
  /** Called for each question that is refused. */
  readonly exhausted: (institutionId: string) => void;
}

interface Budget {
  readonly left: number;
  readonly atMs: number;
}

/**
 * A hospital that asks for many persons who are not registered is guessing: so each has a budget of
 * them, which comes back by the hour. It is of this process; its size is that of the institutions.
 */
export class Misses {
  private readonly budgets = new Map<string, Budget>();

  constructor(private readonly parts: MissesParts) {}

  /** Throws PERSONS_UNKNOWN_TOO_MANY (overloaded): then no one is looked for. */
  check(institutionId: string): void {
    const { left } = this.budgetOf(institutionId);
    if (left >= 1) return;
    this.parts.exhausted(institutionId);
    throw new DomainError('PERSONS_UNKNOWN_TOO_MANY', 'overloaded', {
      institutionId,
      why: 'too many persons of the last hour are not registered',
      remedy: 'try again later; if these are your patients, have the limit raised',
      retryAfterSeconds: Math.ceil(((1 - left) * HOUR_MS) / this.parts.perHourMax / 1000),
    });
  }

  note(institutionId: string): void {
    this.parts.missed();
    const { left, atMs } = this.budgetOf(institutionId);
    this.budgets.set(institutionId, { left: left - 1, atMs });
  }

  private budgetOf(institutionId: string): Budget {
    const { clock, perHourMax } = this.parts;
    const atMs = clock.now().getTime();
    const full = Math.max(1, perHourMax * BURST_SHARE);
    const known = this.budgets.get(institutionId);
    if (!known) return { left: full, atMs };
    const cameBack = (Math.max(0, atMs - known.atMs) * perHourMax) / HOUR_MS;
    return { left: Math.min(full, known.left + cameBack), atMs };
  }
}
