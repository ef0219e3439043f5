import { meter } from '@caretab/telemetry';

const entitlements = meter('caretab.adjudication').createCounter(
  'caretab.adjudication.entitlements',
  { description: 'Answers of the centre about visits, and questions without one, by outcome' },
);

export const countEntitlement = (outcome: string): void => entitlements.add(1, { outcome });
