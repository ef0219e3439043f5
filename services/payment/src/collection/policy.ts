/**
 * How patiently money is collected; data/collection-policy.json, the retry delay from the
 * environment.
 */
export interface CollectionPolicy {
  /** Attempts that are made by themselves; later ones only when the citizen pays. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  /** How long a worker has an order to itself; must be longer than the channel's deadline twice. */
  readonly leaseMs: number;
  /** Waits between inquiries after an unknown outcome; the last one repeats. */
  readonly resolveDelaysMs: readonly number[];
  /** After this the ledger is told that the outcome is unknown; the inquiries go on. */
  readonly giveUpAfterMs: number;
}

/** When to ask again after so many inquiries. */
export const inquiryDelayMs = (policy: CollectionPolicy, inquiries: number): number =>
  policy.resolveDelaysMs[Math.min(inquiries, policy.resolveDelaysMs.length - 1)] ?? 0;

/** The longest that an order or a refund that is out is left alone. */
export const outMaxMs = (policy: CollectionPolicy): number =>
  Math.max(policy.leaseMs, ...policy.resolveDelaysMs);
