import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { concerning, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Resumption } from './resumption';
import { setAsideTable } from './set-aside.table';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const PAGE_ROWS = 100;

/** Visits whose streams cannot be used, and how they go on. */
@Controller()
export class SetAsideController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Resumption) private readonly resumption: Resumption,
  ) {}

  @Handles(routes.listSetAside)
  async list({ query: { after } }: Input<'listSetAside'>): Answer<'listSetAside'> {
    const { rows, next } = await this.store.transact((transaction) =>
      transaction
        .rows(setAsideTable)
        .page(
          {},
          { countMax: PAGE_ROWS, after: after === undefined ? undefined : { stream: after } },
        ),
    );
    const persons = rows.flatMap(({ personId }) => (personId === null ? [] : [personId]));
    return concerning(persons, {
      setAside: rows.map(({ personId: _, viewedTo: __, ...row }) => row),
      ...(next && { next: next.stream! }),
    });
  }

  @Handles(routes.resume)
  async resume({
    params: { visitId },
    body: { reason, leavesOut = [] },
  }: Input<'resume'>): Answer<'resume'> {
    const resumed = await this.resumption.resume(visitId, { reason, leavesOut });
    const { stream, events, personId } = resumed;
    return concerning(personId === null ? [] : [personId], { visitId, stream, events });
  }
}
