import { type ServiceParts, throttled } from '@caretab/host';
import { meter } from '@caretab/telemetry';
import type { Static } from '@sinclair/typebox';
import { ActivationBudget } from './api/activation-budget';
import type { GatewayConfig } from './config';
import { Lookups } from './intake/lookups';
import { Misses } from './intake/misses';

type Parts = ServiceParts<Static<typeof GatewayConfig>>;

const REPORT_INTERVAL_MS = 10_000;

/** Counts what is refused, and logs the last institution at most every ten seconds. */
const exhaustedIn = (
  { clock, logger }: Parts,
  {
    counter,
    description,
    line,
  }: { readonly counter: string; readonly description: string; readonly line: string },
): ((institutionId: string) => void) => {
  const refused = meter('caretab.gateway').createCounter(counter, { description });
  let last = '';
  const log = throttled(clock, REPORT_INTERVAL_MS, (count) => logger.warn({ count, last }, line));
  return (institutionId) => {
    last = institutionId;
    refused.add(1);
    log();
  };
};

/** Hospitals that look up far more persons than they treat. */
export const lookupsIn = (parts: Parts): Lookups =>
  new Lookups({
    clock: parts.clock,
    perHourMax: parts.config.GATEWAY_LOOKUPS_PER_HOUR,
    exhausted: exhaustedIn(parts, {
      counter: 'caretab.gateway.lookups_over_budget',
      description: 'Lookups refused to hospitals that asked for too many without a visit',
      line: 'an institution looks up too many persons: refused',
    }),
  });

/** Hospitals whose kiosks begin far more activations than citizens stand before them. */
export const activationBudgetIn = (parts: Parts): ActivationBudget =>
  new ActivationBudget({
    clock: parts.clock,
    perHourMax: parts.config.GATEWAY_ACTIVATIONS_PER_HOUR,
    exhausted: exhaustedIn(parts, {
      counter: 'caretab.gateway.activations_over_budget',
      description: 'Activations refused to hospitals that began or repeated too many',
      line: 'an institution begins too many activations: refused',
    }),
  });

/** Persons who are not registered, and hospitals that ask for too many of them. */
export const missesIn = (parts: Parts): Misses => {
  const unknown = meter('caretab.gateway').createCounter('caretab.gateway.persons_unknown', {
    description: 'Questions of hospitals for persons who are not registered',
  });
  return new Misses({
    clock: parts.clock,
    perHourMax: parts.config.GATEWAY_UNKNOWN_PERSONS_PER_HOUR,
    missed: () => unknown.add(1),
    exhausted: exhaustedIn(parts, {
      counter: 'caretab.gateway.lookups_refused',
      description: 'Questions refused to hospitals that asked for too many who are not registered',
      line: 'an institution asks for too many unknown persons: refused',
    }),
  });
};
