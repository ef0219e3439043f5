/** Retries and timeouts of collection: data/collection-policy.json, the retry delay from the environment. */
export interface CollectionPolicy {
  /** Automatic attempts; later ones only when the citizen pays. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  /** The lease of an order or a refund; must be longer than twice the channel's timeout. */
  readonly leaseMs: number;
  /** Delays between inquiries after an unknown outcome; the last one repeats. */
  readonly resolveDelaysMs: readonly number[];
  /** After this an event says that the outcome is unknown; the inquiries go on. */
  readonly giveUpAfterMs: number;
}

/** The longest time until the next attempt of an order or a refund that is out. */
export const outMaxMs = (policy: CollectionPolicy): number =>
  Math.max(policy.leaseMs, ...policy.resolveDelaysMs);
