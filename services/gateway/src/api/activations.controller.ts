import { edgeRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { ActivationBudget } from './activation-budget';
import { ActivationClient } from './activation.adapter';
import { actingInstitution } from './institution.guard';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** The service is opened at a hospital's kiosk or window; identity decides. */
@Controller()
export class ActivationsController {
  constructor(
    @Inject(ActivationClient) private readonly activations: ActivationClient,
    @Inject(ActivationBudget) private readonly budget: ActivationBudget,
  ) {}

  @Handles(routes.beginOwnActivation)
  async begin({
    subject,
    scopes,
    body,
  }: Input<'beginOwnActivation'>): Answer<'beginOwnActivation'> {
    this.budget.take(actingInstitution(scopes));
    const { activation, created } = await this.activations.begin(body, subject);
    return created ? new Reply(201, activation) : new Reply(200, activation);
  }

  @Handles(routes.showOwnActivation)
  show({ subject, params }: Input<'showOwnActivation'>): Answer<'showOwnActivation'> {
    return this.activations.show(params.activationId, subject);
  }

  @Handles(routes.giveOwnActivationCode)
  giveCode({
    subject,
    params: { activationId },
    body: { code },
  }: Input<'giveOwnActivationCode'>): Answer<'giveOwnActivationCode'> {
    return this.activations.giveCode(activationId, code, subject);
  }

  @Handles(routes.giveOwnConsents)
  giveConsents({
    subject,
    params: { activationId },
    body: { consents },
  }: Input<'giveOwnConsents'>): Answer<'giveOwnConsents'> {
    return this.activations.giveConsents(activationId, consents, subject);
  }
}
