import type { Subject } from '@caretab/access';
import { identityRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert, type Clock, DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { DecodedCodes } from '../issuer/decoded-codes';
import { Activations, type Factors } from './activations';
import { institutionOf } from './asker';
import { assertPushed } from './public-data.gateway';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What signs the answers of the public-data platform, and by which clock. */
export const PUSHED = Symbol('pushed answers');
export interface Pushed {
  readonly clock: Clock;
  readonly secret: string | undefined;
}

const cursorOf = (text: string): { changedAt: Date; activationId: string } => {
  const [at = '', activationId = ''] = text.split(' ');
  const changedAt = new Date(at);
  if (Number.isNaN(changedAt.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is not `next` of a page' }],
    });
  return { changedAt, activationId };
};

/** HTTP in → activations. */
@Controller()
export class ActivationController {
  constructor(
    @Inject(Activations) private readonly activations: Activations,
    @Inject(DecodedCodes) private readonly issued: DecodedCodes,
    @Inject(PUSHED) private readonly pushed: Pushed,
  ) {}

  @Handles(routes.beginActivation)
  async begin({ body, subject, scopes }: Input<'beginActivation'>): Answer<'beginActivation'> {
    const factors = await this.factorsOf(body, subject);
    const { activation, created } = await this.activations.begin(factors, { subject, scopes });
    return created ? new Reply(201, activation) : new Reply(200, activation);
  }

  private async factorsOf(
    body: Input<'beginActivation'>['body'],
    subject: Subject,
  ): Promise<Factors> {
    if (!('credential' in body)) return body;
    const { credential, ...said } = body;
    const { type: kind, value: token } = credential;
    const institutionId = institutionOf({ subject }) ?? undefined;
    const by = { by: subject.id, institutionId, mobile: body.mobile };
    return { ...said, ...(await this.issued.holder({ kind, token }, by)) };
  }

  @Handles(routes.showActivation)
  show({ params, subject, scopes }: Input<'showActivation'>): Answer<'showActivation'> {
    return this.activations.show(params.activationId, { subject, scopes });
  }

  @Handles(routes.giveActivationCode)
  giveCode({
    params: { activationId },
    body: { code },
    ...asker
  }: Input<'giveActivationCode'>): Answer<'giveActivationCode'> {
    return this.activations.giveCode(activationId, code, asker);
  }

  @Handles(routes.giveConsents)
  giveConsents({
    params: { activationId },
    body: { consents, guardianId },
    ...asker
  }: Input<'giveConsents'>): Answer<'giveConsents'> {
    return this.activations.giveConsents(activationId, consents, { ...asker, guardianId });
  }

  @Handles(routes.confirmActivation)
  confirm({
    params: { personId },
    body: { activationId, attempt, saw },
    subject,
    approvedBy,
  }: Input<'confirmActivation'>): Answer<'confirmActivation'> {
    assert(approvedBy !== undefined, 'what always needs an approval has one');
    const seen = { activationId, attempt, saw, seenBy: subject.id, approvedBy };
    return this.activations.confirm(personId, seen);
  }

  @Handles(routes.listActivations)
  async list({
    query: { status = 'at-window', after },
  }: Input<'listActivations'>): Answer<'listActivations'> {
    const from = after === undefined ? undefined : cursorOf(after);
    const { activations, next } = await this.activations.list(status, from);
    if (!next) return { activations };
    return { activations, next: `${next.changedAt!.toISOString()} ${next.activationId}` };
  }

  @Handles(routes.answerPublicData)
  answer({ body }: Input<'answerPublicData'>): Answer<'answerPublicData'> {
    const { clock, secret } = this.pushed;
    assertPushed(body, { secret, now: clock.now() });
    return this.activations.answered(body.requestId, body.mobile);
  }
}
