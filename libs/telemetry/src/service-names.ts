const SERVICES: ReadonlySet<string> = new Set([
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
]);

/**
 * The service whose route this is, also where several share a process; undefined for what is none
 * of the platform's. The edge's own API is `/v1`.
 */
export const serviceOf = (path: string | undefined): string | undefined => {
  const first = /^\/([a-z0-9-]+)(?:[/?]|$)/.exec(path ?? '')?.[1];
  if (first === 'v1') return 'gateway';
  return first !== undefined && SERVICES.has(first) ? first : undefined;
};
