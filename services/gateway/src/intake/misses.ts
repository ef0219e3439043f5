import { type Clock, DomainError, HourlyBudget } from '@caretab/kernel';

export interface MissesParts {
  readonly clock: Clock;
  readonly perHourMax: number;
  /** Called for each person who is not registered. */
  readonly missed: () => void;
  /** Called for each question that is refused. */
  readonly exhausted: (institutionId: string) => void;
}

/** A hospital that asks for many persons who are not registered is guessing: each has a budget. */
export class Misses {
  private readonly budget: HourlyBudget;

  constructor(private readonly parts: MissesParts) {
    this.budget = new HourlyBudget(parts.clock, parts.perHourMax);
  }

  /** Throws PERSONS_UNKNOWN_TOO_MANY (overloaded): then no one is looked for. */
  check(institutionId: string): void {
    const retryAfterSeconds = this.budget.waitSeconds(institutionId);
    if (retryAfterSeconds === 0) return;
    this.parts.exhausted(institutionId);
    throw new DomainError('PERSONS_UNKNOWN_TOO_MANY', 'overloaded', {
      institutionId,
      why: 'too many persons of the last hour are not registered',
      remedy: 'try again later; if these are your patients, have the limit raised',
      retryAfterSeconds,
    });
  }

  note(institutionId: string): void {
    this.parts.missed();
    this.budget.spend(institutionId);
  }
}
