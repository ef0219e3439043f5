import type { Accumulators } from '@caretab/benefits';
import type { Resettlement } from '@caretab/contracts';
import type { UsedCounter } from '../document/plan-use';
import type { Use } from './accumulators';

/** What a verdict stood on of one plan: what the person had used before it. */
export interface PlanInput extends Use, Accumulators {
  readonly psnType: string;
  /** Of a plan that is a document: each counter that the claim looks at, from nothing on. */
  readonly used?: readonly UsedCounter[];
}

/**
 * What a verdict stood on; plan versions that are documents are named in its coverage. It is the
 * claim's place in the year: later revisions are settled on the same.
 */
export interface ClaimInputs {
  /** Content hashes of the platform's catalogue and tables of plans. */
  readonly catalogue: string;
  readonly tables: string;
  readonly plans: readonly PlanInput[];
}

/** The late fact because of which a claim was settled again. */
export interface ClaimCause {
  /** What differs from the earlier revision: charges, what was asked of insurers, or else the visit. */
  readonly what: 'charges' | 'requests' | 'visit';
  /** The ledger's event that brought it, and when that was recorded. */
  readonly eventId: string;
  readonly recordedAt: string;
  /** 0 before: it came late. 0 after: it was credited whole. */
  readonly charges: readonly {
    readonly chargeId: string;
    readonly beforeFen: number;
    readonly afterFen: number;
  }[];
  readonly chargesChanged: number;
  /** Requests that it was settled again by; absent where there was none. */
  readonly requests?: readonly Resettlement[];
}
