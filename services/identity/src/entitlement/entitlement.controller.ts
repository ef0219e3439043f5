import { identityRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Persons } from '../person/persons';
import type { Centre } from './centre';
import type { CentreCalls } from './centre-calls';

export const CENTRE = Symbol('the centre of medical security');
export const CENTRE_CALLS = Symbol('messages to the centre of medical security');

/** HTTP in → the region's centre, for adjudication alone. */
@Controller()
export class EntitlementController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Persons) private readonly persons: Persons,
    @Inject(CENTRE) private readonly centre: Centre | null,
    @Inject(CENTRE_CALLS) private readonly calls: CentreCalls | null,
  ) {}

  @Handles(routes.askEntitlement)
  async ask({
    params: { personId },
    body,
  }: Asked<typeof routes.askEntitlement>): Promise<RouteAnswer<typeof routes.askEntitlement>> {
    if (!this.centre) return { status: 'unset' };
    const { idNumber, name } = await this.store.transact((transaction) =>
      this.persons.read(transaction, personId),
    );
    return this.centre.ask({ ...body, idNumber, name });
  }

  @Handles(routes.callCentre)
  async call({
    params: { personId },
    body,
  }: Asked<typeof routes.callCentre>): Promise<RouteAnswer<typeof routes.callCentre>> {
    if (!this.calls) return { status: 'unknown', msgid: '', why: 'UNSET' };
    const { idNumber, name } = await this.store.transact((transaction) =>
      this.persons.read(transaction, personId),
    );
    return this.calls.call(body, { idNumber, name });
  }
}
