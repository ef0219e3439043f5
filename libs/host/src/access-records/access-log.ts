import { type Decision, type Resource, type Subject } from '@caretab/access';
import type { Route } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { admittedOf } from '../admitted';
import { problemOf } from '../problem.filter';
import { resourceOf } from '../resource-of';
import { serviceOf } from '../service-of';
import type { Access } from './access-record';
import type { AccessRecords, AccessRecordsByService } from './access-records';
import {
  accessOf,
  grantOf,
  isRecorded,
  personsIn,
  type RecordedRequest,
  saidSubject,
  subjectOfToken,
} from './recorded';

const UNHANDLED = 500;
const DENIED: Decision = { allowed: false, policyIds: [] };

/**
 * Records what requests were let in for, and which were not. What changes something is recorded before
 * it is done; what reads, before its answer goes out. Where that cannot be written, there is no answer.
 */
export class AccessLog {
  constructor(
    private readonly services: AccessRecordsByService,
    private readonly traceparent: () => string | undefined = () => undefined,
  ) {}

  /** Whether a request that was let in leaves a record. */
  watches(route: Route, request: RecordedRequest): boolean {
    const admitted = admittedOf(request);
    const isWatched = admitted ? isRecorded(route, admitted.subject) : route.signsIn === true;
    return isWatched && this.recordsOf(route, request) !== undefined;
  }

  /** Throws what the handler throws, ACCESS_NOT_RECORDED, or what the store is `unavailable` with. */
  async around<Answer>(
    route: Route,
    request: RecordedRequest,
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const records = this.recordsOf(route, request)!;
    if (route.signsIn) return this.aroundSignIn(records, { route, request, run });
    const access = this.allowed(route, request);
    // An answer of lines is out before its handler is done.
    if ((route.method !== 'GET' && !route.asks) || route.lines) {
      await write(records, access);
      const answer = await run();
      // Whose it was is known only now, as of a person who was registered.
      if (access.person === null) await write(records, ...ofPersons(access, answer));
      return answer;
    }
    let answer: Answer;
    try {
      answer = await run();
    } catch (error) {
      await write(records, access);
      throw error;
    }
    const ofEach = access.person === null ? ofPersons(access, answer) : [];
    await write(records, ...(ofEach.length > 0 ? ofEach : [access]));
    return answer;
  }

  /** Who signed in stands in the token; who was refused is who they said they are. */
  private async aroundSignIn<Answer>(
    records: AccessRecords,
    { route, request, run }: { route: Route; request: RecordedRequest; run: () => Promise<Answer> },
  ): Promise<Answer> {
    const entry = (subject: Subject | undefined, decision: Decision): Access => ({
      ...accessOf(route, request, {
        ...{ subject, decision, resource: {}, traceparent: this.traceparent() },
      }),
      thing: grantOf(request),
    });
    try {
      const answer = await run();
      await write(records, entry(subjectOfToken(answer), { allowed: true, policyIds: ['public'] }));
      return answer;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated')
        records.refused({ ...entry(undefined, DENIED), subject: saidSubject(request) });
      throw error;
    }
  }

  /** Of a request that was not let in; without a subject its credential is missing or not known. */
  refused(route: Route, request: RecordedRequest, subject: Subject | undefined): void {
    const resource = resourceOf(route, request);
    this.recordsOf(route, request)?.refused(
      accessOf(route, request, {
        ...{ subject, resource, decision: DENIED, traceparent: this.traceparent() },
      }),
    );
  }

  private allowed(route: Route, request: RecordedRequest): Access {
    const admitted = admittedOf(request)!;
    const { subject, policyIds } = admitted;
    const resource: Resource = resourceOf(route, request);
    return accessOf(route, request, {
      ...{ subject, resource, admitted, traceparent: this.traceparent() },
      decision: { allowed: true, policyIds },
    });
  }

  private recordsOf(route: Route, request: RecordedRequest): AccessRecords | undefined {
    return this.services.get(serviceOf(route, request));
  }
}

const ofPersons = (access: Access, answer: unknown): readonly Access[] =>
  personsIn(answer).map((person) => ({ ...access, person }));

const write = async (records: AccessRecords, ...accesses: readonly Access[]): Promise<void> => {
  if (accesses.length === 0) return;
  try {
    await records.record(...accesses);
  } catch (error) {
    if (problemOf(error).status !== UNHANDLED) throw error;
    throw Object.assign(
      new DomainError('ACCESS_NOT_RECORDED', 'unavailable', { remedy: 'try again later' }),
      { cause: error },
    );
  }
};
