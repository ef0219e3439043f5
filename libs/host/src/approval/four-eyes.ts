import type { Route } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { admit, type Admitted, admittedOf } from '../admitted';
import { inputOf, routeOf } from '../handles';
import { resourceOf } from '../resource-of';
import { serviceOf } from '../service-of';
import type { Approvals, Requested } from './approvals';

/** Approvals of each service in this process, by its name. */
export class ApprovalsByService extends Map<string, Approvals> {
  /** Throws SERVICE_UNKNOWN (not-found). */
  of(service: string): Approvals {
    const approvals = this.get(service);
    if (!approvals)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.keys()] });
    return approvals;
  }
}

/** As much of a request as an approval is about. */
export interface ApprovedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** Services ask for what a person was let in for, and a hospital renews what is its own. */
const isOfMachines = ({ subject }: Admitted): boolean =>
  subject.roles.every(({ kind }) => kind === 'Service' || kind === 'HospitalSystem');

const requestedOf = (route: Route, request: ApprovedRequest, { subject }: Admitted): Requested => ({
  action: route.action,
  resource: resourceOf(route, request),
  params: (request.params ?? {}) as Requested['params'],
  query: route.query ? (request.query ?? {}) : {},
  body: route.body ? (request.body ?? {}) : {},
  shows: route.approval?.shows ?? [],
  subject,
});

const codeOf = (error: unknown): string => (error instanceof DomainError ? error.code : 'INTERNAL');

/** Runs what needs two persons only with an approval, and each approval once. */
export class FourEyes {
  constructor(
    private readonly approvals: ApprovalsByService,
    private readonly warn: (facts: object, text: string) => void = () => undefined,
  ) {}

  /** Whether an approval can matter to requests of a handler. */
  watches(handler: object): boolean {
    return routeOf(handler)?.approval !== undefined;
  }

  /**
   * Runs the handler of a request that was let in. Throws APPROVAL_NEEDED where there is no approval,
   * what `Approvals.use` throws, and what the handler throws.
   */
  async around<Answer>(
    handler: object,
    request: ApprovedRequest,
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const route = routeOf(handler)!;
    const admitted = admittedOf(request)!;
    if (isOfMachines(admitted)) return run();
    const approvals = this.approvals.of(serviceOf(route, request));
    const requested = requestedOf(route, request, admitted);
    inputOf(handler, request); // Nothing is asked of another person for what cannot be done.
    const id = request.headers['approval'];
    if (id === undefined) {
      if (route.approval!.when === 'always') throw await approvals.needed(requested);
      try {
        return await run();
      } catch (error) {
        if (codeOf(error) !== 'APPROVAL_NEEDED') throw error;
        throw await approvals.needed(requested);
      }
    }
    const approvalId = String(id);
    const approvedBy = await approvals.use(approvalId, requested);
    admit(request, { ...admitted, approval: approvalId, approvedBy });
    try {
      const answer = await run();
      await this.ended(approvals, approvalId, 'done');
      return answer;
    } catch (error) {
      await this.ended(approvals, approvalId, codeOf(error));
      throw error;
    }
  }

  /** The answer is the request's, also where this cannot be written: its outcome is then not known. */
  private async ended(approvals: Approvals, approvalId: string, outcome: string): Promise<void> {
    try {
      await approvals.ended(approvalId, outcome);
    } catch (error) {
      this.warn({ approvalId, outcome, err: error }, 'outcome of an approved request not kept');
    }
  }
}
