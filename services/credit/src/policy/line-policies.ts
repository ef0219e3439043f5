import { businessDateOf } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import { type LinePolicy, linePolicies, policyOn } from './line-policy';

/** The policies of the service, and which one is in force. */
export class LinePolicies {
  constructor(
    private readonly parts: { readonly clock: Clock; readonly policies?: readonly LinePolicy[] },
  ) {}

  /** The policy in force now. */
  inForce(): LinePolicy {
    const { clock, policies = linePolicies } = this.parts;
    return policyOn(businessDateOf(clock.now()), policies);
  }
}
