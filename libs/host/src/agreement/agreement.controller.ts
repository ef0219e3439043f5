import { chassisRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Cursor, Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Handles } from '../handles';
import { Agreements } from './agreements';
import { type DifferenceRow, differenceTable } from './difference.table';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** The stores of the services in this process, by service name. */
export class StoresByService extends Map<string, Store> {}

const PAGE_ROWS = 100;

/** What an operator asks of every service: where it disagrees with its neighbours. */
@Controller()
export class AgreementController {
  constructor(
    @Inject(StoresByService) private readonly stores: ReadonlyMap<string, Store>,
    @Inject(Agreements) private readonly agreements: Agreements,
  ) {}

  @Handles(routes.listDifferences)
  async list({
    params: { service },
    query: { after },
  }: Input<'listDifferences'>): Answer<'listDifferences'> {
    const store = this.storeOf(service);
    if (this.agreements.of(service).length === 0) return { differences: [] };
    const { rows, next } = await store.transact((transaction) =>
      transaction
        .rows(differenceTable)
        .page(
          {},
          { countMax: PAGE_ROWS, after: after === undefined ? undefined : cursorOf(after) },
        ),
    );
    return {
      differences: [...rows],
      ...(next && { next: `${next.neighbour!}/${next.day!}/${next.visitId!}` }),
    };
  }

  @Handles(routes.compare)
  async compare({ params: { service }, body: { day } }: Input<'compare'>): Answer<'compare'> {
    this.storeOf(service);
    const all = { days: 0, differences: 0, held: 0 };
    for (const agreement of this.agreements.of(service)) {
      const { days, differences, held } = await agreement.compare(day);
      all.days += days;
      all.differences += differences;
      all.held += held;
    }
    return all;
  }

  private storeOf(service: string): Store {
    const store = this.stores.get(service);
    if (!store)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.stores.keys()] });
    return store;
  }
}

const cursorOf = (text: string): Cursor<DifferenceRow> => {
  const [neighbour, day, visitId] = text.split('/');
  if (!neighbour || !visitId || !/^\d{4}-\d{2}-\d{2}$/.test(day ?? ''))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is not the `next` of a page' }],
    });
  return { neighbour, day: day!, visitId };
};
