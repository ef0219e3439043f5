import { identityRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { ConsentDesk } from './consent-desk';
import { ConsentKeys } from './consent-keys';
import { Consents } from './consents';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;

/** HTTP in → consents. */
@Controller()
export class ConsentController {
  constructor(
    @Inject(Consents) private readonly consents: Consents,
    @Inject(ConsentDesk) private readonly desk: ConsentDesk,
    @Inject(ConsentKeys) private readonly keys: ConsentKeys,
  ) {}

  @Handles(routes.showConsents)
  show({
    params: { personId },
    scopes,
  }: Input<'showConsents'>): Promise<RouteAnswer<typeof routes.showConsents>> {
    return this.consents.show(personId, scopes);
  }

  @Handles(routes.addConsents)
  add({ params, body, subject }: Input<'addConsents'>): Promise<void> {
    const { consents, guardianId } = body;
    return this.desk.add(params.personId, consents, { subject, guardianId });
  }

  @Handles(routes.revokeConsents)
  revoke({ params, body, subject }: Input<'revokeConsents'>): Promise<void> {
    const { purposes, paper, guardianId, signatures } = body;
    const by = { subject, paper, guardianId, signatures };
    return this.desk.revoke(params.personId, purposes, by);
  }

  @Handles(routes.closeService)
  close({ params, query: { paper }, subject }: Input<'closeService'>): Promise<void> {
    return this.desk.close(params.personId, { subject, paper });
  }

  @Handles(routes.registerConsentKey)
  registerKey({
    params: { personId },
    body,
  }: Input<'registerConsentKey'>): Promise<RouteAnswer<typeof routes.registerConsentKey>> {
    return this.keys.register(personId, body);
  }

  @Handles(routes.listConsentKeys)
  listKeys({
    params: { personId },
    scopes,
  }: Input<'listConsentKeys'>): Promise<RouteAnswer<typeof routes.listConsentKeys>> {
    return this.keys.list(personId, scopes);
  }

  @Handles(routes.revokeConsentKey)
  revokeKey({
    params: { personId, keyId },
    query: { paper },
    subject,
  }: Input<'revokeConsentKey'>): Promise<void> {
    return this.keys.revoke(personId, keyId, { subject, paper });
  }
}
