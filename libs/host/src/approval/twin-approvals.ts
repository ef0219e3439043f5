import type { Subject } from '@caretab/access';
import { systemClock, systemIds } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { Approvals } from './approvals';
import { ApprovalsByService, FourEyes } from './four-eyes';

const SECOND: Subject = {
  id: 'second-person',
  roles: [
    ...(['Desk', 'Finance', 'CreditAuthority', 'Bureau'] as const),
    ...(['SystemAdmin', 'SecurityAdmin', 'PrivacyOfficer'] as const),
  ].map((kind) => ({ kind })),
  hasSecondFactor: true,
};
const LIFETIME_MS = 60_000;

/** Approvals of one service for tests of its doors: in memory, with a second person who gives them. */
export class TwinApprovals {
  readonly fourEyes: FourEyes;
  private readonly approvals: Approvals;

  constructor(service: string) {
    this.approvals = new Approvals({
      ...{ store: new MemoryStore(), clock: systemClock, ids: systemIds },
      lifetimeMs: LIFETIME_MS,
    });
    this.fourEyes = new FourEyes(new ApprovalsByService([[service, this.approvals]]));
  }

  /** Has the second person give what an answer asks for; its id. Undefined where it asks for none. */
  async given(problem: unknown): Promise<string | undefined> {
    const { code, details = [] } = (problem ?? {}) as {
      readonly code?: string;
      readonly details?: readonly { readonly field: string; readonly value?: string }[];
    };
    if (code !== 'APPROVAL_NEEDED') return undefined;
    const id = details.find(({ field }) => field === 'approvalId')?.value;
    if (id !== undefined) await this.approvals.decide(id, SECOND, { decision: 'give' });
    return id;
  }
}
