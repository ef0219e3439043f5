import type { Subject } from '@caretab/access';
import {
  identityRoutes as routes,
  isIssued,
  Reply,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { ShownCodes } from '../code/shown-codes';
import { institutionOf } from '../activation/asker';
import { DecodedCodes } from '../issuer/decoded-codes';
import { Holders } from './holders';
import { Persons } from './persons';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → persons. */
@Controller()
export class PersonController {
  constructor(
    @Inject(Persons) private readonly persons: Persons,
    @Inject(ShownCodes) private readonly codes: ShownCodes,
    @Inject(DecodedCodes) private readonly issued: DecodedCodes,
    @Inject(Holders) private readonly holders: Holders,
  ) {}

  @Handles(routes.registerPerson)
  async register({ body }: Input<'registerPerson'>): Answer<'registerPerson'> {
    const { personId, created } = await this.persons.register(body);
    return created ? new Reply(201, { personId }) : new Reply(200, { personId });
  }

  @Handles(routes.resolvePerson)
  async resolve({
    body: { holder, ...credential },
    subject,
  }: Asked<(typeof routes)['resolvePerson']>): Answer<'resolvePerson'> {
    const personId = await this.whose(credential, subject);
    return { personId, ...(holder && { differs: await this.holders.compare(personId, holder) }) };
  }

  private whose(
    { type, value, readAt, ...said }: Omit<Input<'resolvePerson'>['body'], 'holder'>,
    subject: Subject,
  ): Promise<string> {
    const shown = { ...said, by: subject.id };
    if (isIssued(type)) {
      const institutionId = institutionOf({ subject }) ?? undefined;
      return this.issued.resolve({ kind: type, token: value }, { ...shown, institutionId });
    }
    if (type !== 'qr') return this.persons.resolve(type, value);
    const at = readAt === undefined ? undefined : new Date(readAt);
    return this.codes.resolve(value, { ...shown, readAt: at });
  }

  @Handles(routes.comparePerson)
  async compare({ params: { personId }, body }: Input<'comparePerson'>): Answer<'comparePerson'> {
    return { differs: await this.holders.compare(personId, body) };
  }

  @Handles(routes.indexIdentifiers)
  async index({ body: { values } }: Input<'indexIdentifiers'>): Answer<'indexIdentifiers'> {
    return { blindIndexes: this.persons.indexesOf(values) };
  }

  @Handles(routes.showPerson)
  show({ params: { personId } }: Input<'showPerson'>): Answer<'showPerson'> {
    return this.persons.show(personId);
  }

  @Handles(routes.contactPerson)
  contact({ params: { personId } }: Input<'contactPerson'>): Answer<'contactPerson'> {
    return this.persons.contact(personId);
  }

  @Handles(routes.contactPersons)
  contacts({ body: { personIds } }: Input<'contactPersons'>): Answer<'contactPersons'> {
    return this.persons.contacts(personIds);
  }
}
