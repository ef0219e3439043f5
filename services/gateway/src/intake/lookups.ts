import { type Clock, DomainError, HourlyBudget } from '@caretab/kernel';

export interface LookupsParts {
  readonly clock: Clock;
  readonly perHourMax: number;
  /** Called for each question that is refused. */
  readonly exhausted: (institutionId: string) => void;
}

/**
 * A hospital asks whose a credential is before it opens a visit. One that asks for far more persons than
 * it treats is collecting them: each has a budget.
 */
export class Lookups {
  private readonly budget: HourlyBudget;

  constructor(private readonly parts: LookupsParts) {
    this.budget = new HourlyBudget(parts.clock, parts.perHourMax);
  }

  /** Throws LOOKUPS_TOO_MANY (overloaded): then no one is looked for. */
  take(institutionId: string): void {
    this.budget.take(institutionId, (retryAfterSeconds) => {
      this.parts.exhausted(institutionId);
      return new DomainError('LOOKUPS_TOO_MANY', 'overloaded', {
        institutionId,
        why: 'too many credentials were looked up in the last hour without a visit',
        remedy: 'open visits with the credential itself; if you need more, have the limit raised',
        retryAfterSeconds,
      });
    });
  }
}
