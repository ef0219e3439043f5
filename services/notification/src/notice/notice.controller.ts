import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { concerning, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { noticeTable } from './notice.table';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class NoticeController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Handles(routes.visitNotices)
  async visit({ params: { visitId } }: Input<'visitNotices'>): Answer<'visitNotices'> {
    const notices = await this.store.transact((transaction) =>
      transaction.rows(noticeTable).find({ visitId }, { orderBy: 'occurredAt' }),
    );
    const persons = notices.filter(({ channel }) => channel !== 'webhook');
    return concerning([...new Set(persons.map(({ recipientId }) => recipientId))], {
      visitId,
      notices: notices.map(
        ({
          eventId: _event,
          visitId: _visit,
          nextAttemptAt: _next,
          lease: _lease,
          traceparent: _trace,
          ...notice
        }) => notice,
      ),
    });
  }

  @Handles(routes.summary)
  async summary(): Answer<'summary'> {
    const groups = await this.store.transact((transaction) =>
      transaction.rows(noticeTable).group({}, { by: ['template', 'status'] }),
    );
    const [byStatus, byTemplate]: [Record<string, number>, Record<string, Record<string, number>>] =
      [{}, {}];
    let notices = 0;
    for (const { values, count } of groups) {
      notices += count;
      byStatus[values.status] = (byStatus[values.status] ?? 0) + count;
      (byTemplate[values.template] ??= {})[values.status] = count;
    }
    return { notices, byStatus, byTemplate };
  }
}
