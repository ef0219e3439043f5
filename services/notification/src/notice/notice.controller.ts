import { VisitId } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { STORE, valid } from '@caretab/host';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { noticeTable } from './notice.table';

@ApiTags('notification')
@Controller('notification')
export class NoticeController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Get('visits/:visitId')
  @ApiOperation({ summary: 'Who was told what about a visit, and whether it arrived' })
  async visit(@Param('visitId', valid(VisitId)) visitId: string): Promise<unknown> {
    const notices = await this.store.transact((transaction) =>
      transaction.rows(noticeTable).find({ visitId }, { orderBy: 'occurredAt' }),
    );
    return {
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
    };
  }

  @Get('summary')
  @ApiOperation({ summary: 'Notices by status and by template' })
  async summary(): Promise<{
    notices: number;
    byStatus: Record<string, number>;
    byTemplate: Record<string, Record<string, number>>;
  }> {
    const notices = await this.store.transact((transaction) =>
      transaction.rows(noticeTable).find({}),
    );
    const [byStatus, byTemplate]: [Record<string, number>, Record<string, Record<string, number>>] =
      [{}, {}];
    for (const { status, template } of notices) {
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      const counts = (byTemplate[template] ??= {});
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return { notices: notices.length, byStatus, byTemplate };
  }
}
