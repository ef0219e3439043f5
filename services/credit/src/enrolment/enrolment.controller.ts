import {
  creditRoutes as routes,
  Reply,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { type Asked, Handles, Jobs } from '@caretab/host';
import { DomainError, type Timers } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Closings } from './closings';
import { openWhenKnown } from './enrolment-wait';
import { Enrolments } from './enrolments';
import { ScoreQueries } from '../score/score-queries';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** How an enrolment waits for what was registered just now. */
export const WAIT = Symbol('enrolment wait');

/** HTTP in → enrolments. */
@Controller()
export class EnrolmentController {
  constructor(
    @Inject(Enrolments) private readonly enrolments: Enrolments,
    @Inject(Closings) private readonly closings: Closings,
    @Inject(ScoreQueries) private readonly queries: ScoreQueries,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(WAIT) private readonly wait: { readonly timers: Timers; readonly waitMaxMs: number },
  ) {}

  @Handles(routes.enrol)
  async open({
    body: { personId, activationId, consentRevision },
    subject,
  }: Asked<(typeof routes)['enrol']>): Answer<'enrol'> {
    const isService = subject.roles.some(({ kind }) => kind === 'Service');
    const sent = { activationId, consentRevision };
    for (const [name, value] of Object.entries(sent))
      if (isService !== (value !== undefined))
        throw new DomainError('REQUEST_INVALID', 'invalid', {
          faults: [{ field: `/${name}`, why: 'is identity’s to send, and needed of it' }],
        });
    const openedBy = activationId ?? subject.id;
    const asked = { personId, openedBy, consentRevision };
    const { created, ...enrolled } = await openWhenKnown(this.enrolments, asked, this.wait).catch(
      async (error: unknown) => {
        if (consentRevision !== undefined && lacksScore(error)) {
          const isAsked = await this.queries.forEnrolment(personId, consentRevision);
          if (isAsked) this.jobs.wake('credit.ask-scores');
        }
        throw error;
      },
    );
    return created ? new Reply(201, enrolled) : new Reply(200, enrolled);
  }

  @Handles(routes.endEnrolment)
  close({ params: { personId } }: Input<'endEnrolment'>): Promise<void> {
    return this.closings.close(personId);
  }

  @Handles(routes.closeForErasure)
  closeForErasure({
    params: { personId },
    body: { close },
  }: Input<'closeForErasure'>): Answer<'closeForErasure'> {
    return this.closings.closeForErasure(personId, close);
  }
}

/** Whether a score that comes would change the answer. */
const lacksScore = (error: unknown): boolean =>
  error instanceof DomainError &&
  (error.code === 'SCORE_UNKNOWN' || error.code === 'SCORE_EXPIRED');
