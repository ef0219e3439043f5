/** Every service, in the order in which news of a registration travels. */
export const SERVICES = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
] as const;
