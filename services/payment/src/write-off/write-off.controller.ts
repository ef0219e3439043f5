import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { decidersOf } from '../case/two-names';
import { payersOf } from '../collection/collection-rows';
import { VisitPayments } from '../collection/visit-payments';
import { WriteOffs } from './write-offs';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → what is written off. */
@Controller()
export class WriteOffController {
  constructor(
    @Inject(WriteOffs) private readonly writeOffs: WriteOffs,
    @Inject(VisitPayments) private readonly payments: VisitPayments,
    @Inject(STORE) private readonly store: Store,
  ) {}

  @Handles(routes.writeOff)
  async make(asked: Input<'writeOff'>): Answer<'writeOff'> {
    const { visitId } = asked.params;
    await this.writeOffs.writeOff(visitId, { ...asked.body, ...decidersOf(asked) });
    return this.payments.of(visitId);
  }

  @Handles(routes.listWriteOffs)
  async list({ query: { visitId, after } }: Input<'listWriteOffs'>): Answer<'listWriteOffs'> {
    const { rows, next } = await this.writeOffs.list(visitId, cursorOf(after));
    const payers = await payersOf(this.store, [...new Set(rows.map((row) => row.visitId))]);
    return concerning(payers, {
      movements: rows.map(({ bookedOn: _, ...movement }) => movement),
      ...(next && { next: `${next.at!.toISOString()} ${next.movementId!}` }),
    });
  }
}

/** Throws REQUEST_INVALID (invalid) for what is no `next` of a page. */
const cursorOf = (after: string | undefined) => {
  if (after === undefined) return undefined;
  const [text = '', movementId] = after.split(' ');
  const at = new Date(text);
  if (movementId === undefined || Number.isNaN(at.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is not `next` of a page' }],
    });
  return { at, movementId };
};
