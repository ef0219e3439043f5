import type { Jobs } from '../jobs';
import type { Degradation } from '../degradations';
import { meter } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import type { Agreement } from './agreement';

/** What a service reads from the environment to compare itself with the visit ledger. */
export const agreementSettings = {
  VISIT_LEDGER_URL: Type.String({
    pattern: '^https?://',
    description: 'address of the visit ledger, without a slash at the end',
  }),
  AGREEMENT_INTERVAL_MS: Type.Integer({
    minimum: 1000,
    maximum: 86_400_000,
    default: 300_000,
    description: 'between two comparisons of a service with the visit ledger',
  }),
  AGREEMENT_START_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 30_000,
    description: 'after a start no money moves before all days were compared, for so long at most',
  }),
  AGREEMENT_SETTLE_MS: Type.Integer({
    minimum: 0,
    maximum: 86_400_000,
    default: 900_000,
    description: 'a difference that may be under way holds its visit after so long',
  }),
};

const MS_PER_S = 1000;
/** How often a job looks whether a round is due; what failed is tried again so soon. */
const LOOK_INTERVAL_MS = 5000;

/** The comparisons of each service in this process, by service name. */
export class Agreements {
  private readonly byService = new Map<string, Agreement[]>();

  /** The outcome is shown in /metrics. */
  add(service: string, agreement: Agreement): void {
    const own = this.of(service);
    this.byService.set(service, [...own, agreement]);
    if (own.length === 0) this.observe(service);
  }

  /** Has every comparison made on a schedule, from the start of the process. */
  schedule(jobs: Pick<Jobs, 'every'>): void {
    for (const [service, own] of this.byService)
      for (const agreement of own)
        jobs.every(`caretab.agreement:${service}/${agreement.neighbour}`, LOOK_INTERVAL_MS, () =>
          agreement.runOnce(),
        );
  }

  of(service: string): readonly Agreement[] {
    return this.byService.get(service) ?? [];
  }

  /** What an operator has to look at, for `/health`. */
  degradations(service: string): readonly Degradation[] {
    return this.of(service).flatMap((agreement) => {
      const { held, failingSince, lastRoundAt } = agreement.state();
      const what = `agreement with ${agreement.neighbour}`;
      return [
        ...(held > 0
          ? [{ what, why: `${held} visits differ and are held`, since: lastRoundAt }]
          : []),
        ...(failingSince ? [{ what, why: 'no comparison', since: failingSince }] : []),
      ];
    });
  }

  private observe(service: string): void {
    const own = meter(`caretab.${service}`);
    const differences = own.createObservableGauge(`caretab.${service}.differences`, {
      description: 'Visits of which the service and a neighbour know different things',
    });
    const held = own.createObservableGauge(`caretab.${service}.held_visits`, {
      description: 'Of these, visits whose money does not move until they agree',
    });
    const age = own.createObservableGauge(`caretab.${service}.agreement_age_seconds`, {
      description: 'Time since the last complete round of comparison',
    });
    own.addBatchObservableCallback(
      (result) => {
        for (const agreement of this.of(service)) {
          const { neighbour } = agreement;
          const state = agreement.state();
          result.observe(differences, state.differences, { neighbour });
          result.observe(held, state.held, { neighbour });
          result.observe(age, state.ageMs / MS_PER_S, { neighbour });
        }
      },
      [differences, held, age],
    );
  }
}
