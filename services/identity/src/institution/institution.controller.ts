import {
  identityRoutes as routes,
  Reply,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { InstitutionKeys } from './institution-keys';
import { Institutions } from './institutions';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → institutions. */
@Controller()
export class InstitutionController {
  constructor(
    @Inject(Institutions) private readonly institutions: Institutions,
    @Inject(InstitutionKeys) private readonly keys: InstitutionKeys,
  ) {}

  @Handles(routes.putInstitution)
  async put({
    params: { institutionId },
    body,
    approvedBy,
  }: Asked<(typeof routes)['putInstitution']>): Answer<'putInstitution'> {
    const details = { ...body, approvedBy };
    const { created, ...institution } = await this.institutions.put(institutionId, details);
    return created ? new Reply(201, institution) : new Reply(200, institution);
  }

  @Handles(routes.authenticateInstitution)
  authenticate({ body }: Input<'authenticateInstitution'>): Answer<'authenticateInstitution'> {
    return this.institutions.authenticate(body);
  }

  @Handles(routes.renewInstitutionKey)
  renewKey({
    params: { institutionId },
  }: Input<'renewInstitutionKey'>): Answer<'renewInstitutionKey'> {
    return this.keys.replaceAll(institutionId);
  }

  @Handles(routes.listInstitutionKeys)
  listKeys({
    query: { institutionId, endingDays },
  }: Input<'listInstitutionKeys'>): Answer<'listInstitutionKeys'> {
    const days = endingDays === undefined ? undefined : Number(endingDays);
    return this.keys.list({ institutionId, endingDays: days });
  }

  @Handles(routes.issueInstitutionKey)
  issueKey({
    params: { institutionId },
    body,
  }: Input<'issueInstitutionKey'>): Answer<'issueInstitutionKey'> {
    return this.keys.issue(institutionId, body);
  }

  @Handles(routes.endInstitutionKey)
  endKey({
    params: { institutionId, keyId },
  }: Input<'endInstitutionKey'>): Answer<'endInstitutionKey'> {
    return this.keys.end(institutionId, keyId);
  }

  @Handles(routes.listInstitutions)
  list({ query: { after } }: Input<'listInstitutions'>): Answer<'listInstitutions'> {
    return this.institutions.list(after);
  }
}
