import { type Clock, DomainError, HourlyBudget } from '@caretab/kernel';

export interface ActivationBudgetParts {
  readonly clock: Clock;
  readonly perHourMax: number;
  /** Called for each that is refused. */
  readonly exhausted: (institutionId: string) => void;
}

/** A kiosk that begins far more activations than citizens stand before it is trying out numbers. */
export class ActivationBudget {
  private readonly budget: HourlyBudget;

  constructor(private readonly parts: ActivationBudgetParts) {
    this.budget = new HourlyBudget(parts.clock, parts.perHourMax);
  }

  /** Throws ACTIVATIONS_TOO_MANY (overloaded): then nothing is begun. */
  take(institutionId: string): void {
    this.budget.take(institutionId, (retryAfterSeconds) => {
      this.parts.exhausted(institutionId);
      return new DomainError('ACTIVATIONS_TOO_MANY', 'overloaded', {
        institutionId,
        why: 'too many activations were begun or asked for again in the last hour',
        remedy: 'go on with the activationId; if you need more, have the limit raised',
        retryAfterSeconds,
      });
    });
  }
}
