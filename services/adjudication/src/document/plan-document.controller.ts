import {
  planDocumentRoutes as routes,
  publicPlanRoutes as publicRoutes,
  Reply,
  type RouteAnswer,
} from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import type { Owner } from './owner';
import { PlanDesk } from './plan-desk';
import { ShadowRuns } from './shadow-runs';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type PublicInput<Name extends keyof typeof publicRoutes> = Asked<(typeof publicRoutes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const put = async (
  desk: PlanDesk,
  owner: Owner,
  { body, subject }: Pick<Input<'put'>, 'body' | 'subject'>,
): Answer<'put'> => {
  const { created, ...answer } = await desk.put(owner, body, subject.id);
  return created ? new Reply(201, answer) : new Reply(200, answer);
};

const approve = (
  desk: PlanDesk,
  owner: Owner,
  { params: { version }, approvedBy }: PublicInput<'approve'>,
): Answer<'approve'> => {
  assert(approvedBy, 'a plan is approved by another person');
  return desk.approve(owner, version, approvedBy);
};

/** HTTP in → documents of plans: each insurer's own, and the bureau's. */
@Controller()
export class PlanDocumentController {
  constructor(
    @Inject(PlanDesk) private readonly desk: PlanDesk,
    @Inject(ShadowRuns) private readonly runs: ShadowRuns,
  ) {}

  @Handles(routes.put)
  put(input: Input<'put'>): Answer<'put'> {
    return put(this.desk, input.params, input);
  }

  @Handles(routes.list)
  list({ params, query: { after } }: Input<'list'>): Answer<'list'> {
    return this.desk.list(params, after);
  }

  @Handles(routes.show)
  show({ params }: Input<'show'>): Answer<'show'> {
    return this.desk.show(params, params.version);
  }

  @Handles(routes.beginShadow)
  beginShadow({ params, query, subject }: Input<'beginShadow'>): Answer<'beginShadow'> {
    return this.runs.begin(params, params.version, subject.id, query);
  }

  @Handles(routes.showShadow)
  showShadow({ params }: Input<'showShadow'>): Answer<'showShadow'> {
    return this.runs.show(params, params.version);
  }

  @Handles(routes.approve)
  approve(input: Input<'approve'>): Answer<'approve'> {
    return approve(this.desk, input.params, input);
  }

  @Handles(routes.drop)
  drop({ params }: Input<'drop'>): Promise<void> {
    return this.desk.drop(params, params.version);
  }

  @Handles(publicRoutes.put)
  putPublic(input: PublicInput<'put'>): Answer<'put'> {
    return put(this.desk, 'bureau', input);
  }

  @Handles(publicRoutes.list)
  listPublic({ query: { after } }: PublicInput<'list'>): Answer<'list'> {
    return this.desk.list('bureau', after);
  }

  @Handles(publicRoutes.show)
  showPublic({ params: { version } }: PublicInput<'show'>): Answer<'show'> {
    return this.desk.show('bureau', version);
  }

  @Handles(publicRoutes.beginShadow)
  beginPublicShadow({
    params: { version },
    query,
    subject,
  }: PublicInput<'beginShadow'>): Answer<'beginShadow'> {
    return this.runs.begin('bureau', version, subject.id, query);
  }

  @Handles(publicRoutes.showShadow)
  showPublicShadow({ params: { version } }: PublicInput<'showShadow'>): Answer<'showShadow'> {
    return this.runs.show('bureau', version);
  }

  @Handles(publicRoutes.approve)
  approvePublic(input: PublicInput<'approve'>): Answer<'approve'> {
    return approve(this.desk, 'bureau', input);
  }

  @Handles(publicRoutes.drop)
  dropPublic({ params: { version } }: PublicInput<'drop'>): Promise<void> {
    return this.desk.drop('bureau', version);
  }
}
