import type { AccountPolicy } from '../account/account-choice';
import type { RiskRules } from '../risk/risk-rules';
import type { QuietHours } from './quiet-hours';

/** What makes days of moments. */
export type Calendars = Pick<CollectionPolicy, 'booksCloseMinute' | 'channelCloseMinute'>;

/** Rules, retries and timeouts of collection: data/collection-policy.json, the retry delay from the environment. */
export interface CollectionPolicy {
  /** No debit is sent in them but one that the citizen asks for; undefined: at any hour. */
  readonly quietHours: QuietHours | undefined;
  /** What becomes of visits by how their person was present: the region's rule. */
  readonly presence: PresencePolicy;
  /** When a day of our books closes: minute of the day, Asia/Shanghai; 1440 is midnight. */
  readonly booksCloseMinute: number;
  /** When a channel's clearing day ends that says no date of its own; likewise. */
  readonly channelCloseMinute: number;
  /** Automatic attempts; later ones only when the citizen pays. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  /** The lease of an order or a refund; must be longer than twice the channel's timeout. */
  readonly leaseMs: number;
  /** Delays between inquiries after an unknown outcome; the last one repeats. */
  readonly resolveDelaysMs: readonly number[];
  /** After this an event and a case say that the outcome is unknown; the inquiries go on. */
  readonly unknownAfterMs: number;
  /** Delays between inquiries for an order that was declared failed; after the last it is left. */
  readonly failedOrderDelaysMs: readonly number[];
  /** What accounts may be debited for where their person sets nothing. */
  readonly account: AccountPolicy;
  /** Which debits staff look at before they are made. */
  readonly risk: RiskRules;
  readonly refund: RefundPolicy;
  readonly circuit: CircuitPolicy;
}

export interface PresencePolicy {
  /** `confirm`: who pays for a visit opened by a typed number is asked before any debit. */
  readonly typed: 'collect' | 'confirm';
}

export interface RefundPolicy {
  /** Delays after a refusal; after the last one a case is opened. */
  readonly delaysMs: readonly number[];
  /** Codes of refusals that no repetition changes: the case is opened at once. */
  readonly refusedForGood: readonly string[];
}

export interface CircuitPolicy {
  /** Orders without an answer in a row, or requests with a rejected key, until the circuit opens. */
  readonly opensAfter: number;
  /** Delays before the probes of an open circuit; the last one repeats. */
  readonly probeDelaysMs: readonly number[];
}

/** The longest time until the next attempt of an order or a refund that is out. */
export const outMaxMs = (policy: CollectionPolicy): number =>
  Math.max(policy.leaseMs, ...policy.resolveDelaysMs, ...policy.circuit.probeDelaysMs);
