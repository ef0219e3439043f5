import { edgeRoutes as routes, type RouteAnswer, visitIdOf } from '@caretab/contracts';
import type { Scope } from '@caretab/access';
import { type Asked, concerning, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import type { Partners } from '../intake/partners';
import { PARTNERS } from '../parts';
import { type Awaited, CreditClient } from './credit.adapter';
import { actingInstitution, isInstitution } from './institution.guard';
import { NotificationClient } from './notification.adapter';
import { ownVisitNumber } from './visit-of-path';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;
type Which = Awaited & { readonly institutionId: string; readonly visitId: string };

/** Who pays says yes to a visit at the hospital's desk: by a code on their own phone, never without. */
@Controller()
export class ConfirmationsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(CreditClient) private readonly credit: CreditClient,
    @Inject(NotificationClient) private readonly notification: NotificationClient,
  ) {}

  @Handles(routes.sendConfirmationCode)
  async send({ scopes, params }: Input<'sendConfirmationCode'>): Answer<'sendConfirmationCode'> {
    const { visitId, personId, state } = await this.which(scopes, params.visitId);
    if (state !== 'awaited') throw notAwaited(visitId, state);
    const expiresAt = await this.notification.sendVisitCode(visitId, personId);
    return concerning([personId], { visitId, expiresAt });
  }

  @Handles(routes.giveConfirmationCode)
  async give({
    scopes,
    params,
    body: { code },
  }: Input<'giveConfirmationCode'>): Answer<'giveConfirmationCode'> {
    const which = await this.which(scopes, params.visitId);
    const { visitId, personId, institutionId, state } = which;
    // What was given may be asked again, by the same code: its answer may be lost.
    if (state !== 'awaited' && state !== 'given') throw notAwaited(visitId, state);
    await this.notification.checkVisitCode(visitId, personId, code);
    if (!(await this.credit.confirm(visitId, true, institutionId)))
      throw notAwaited(visitId, 'over');
    return concerning([personId], { visitId, agreed: true });
  }

  /** A visit of the caller's own institution. */
  private async which(scopes: readonly Scope[], given: string): Promise<Which> {
    const institutionId = actingInstitution(scopes);
    const number = await ownVisitNumber(institutionId, given, isInstitution(this.partners));
    const visitId = visitIdOf(institutionId, number);
    return { institutionId, visitId, ...(await this.credit.confirmationOf(visitId)) };
  }
}

const notAwaited = (visitId: string, state: string): DomainError =>
  new DomainError('CONFIRMATION_NOT_AWAITED', 'conflict', { visitId, why: `it is ${state}` });
