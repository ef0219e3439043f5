import 'reflect-metadata';
import { concernedBy } from '@caretab/host';
import { MemoryStore } from '@caretab/store';
import { NoticeController } from './notice.controller';
import { type NoticeRow, noticeTable } from './notice.table';

const PARENT = 'p-00000000-0000-4000-8000-000000000001';

test('whose notices are read is said to the record of access, and no institution as a person', async () => {
  const store = new MemoryStore();
  const sent: NoticeRow = {
    ...{ noticeId: 'n-1', eventId: 'e-1', visitId: 'HZ001-V1', recipientId: PARENT },
    ...{ channel: 'sms', template: 'visit-settled', facts: {}, status: 'sent', reason: null },
    ...{ attempts: 1, nextAttemptAt: null, lease: 0, traceparent: null },
    dueSince: new Date('2026-03-02T08:00:00Z'),
    occurredAt: new Date('2026-03-02T08:00:00Z'),
    sentAt: new Date('2026-03-02T08:00:01Z'),
  };
  const rows: NoticeRow[] = [
    sent,
    { ...sent, noticeId: 'n-2', channel: 'email' },
    { ...sent, noticeId: 'n-3', channel: 'webhook', recipientId: 'HZ001' },
    { ...sent, noticeId: 'n-4', visitId: 'HZ001-V2', recipientId: 'p-other' },
  ];
  await store.transact(async (transaction) => {
    for (const row of rows) await transaction.rows(noticeTable).save(row);
  });
  const read = (visitId: string) => new NoticeController(store).visit({ params: { visitId } });
  expect(concernedBy(await read('HZ001-V1'))).toEqual([PARENT]);
  expect(concernedBy(await read('HZ001-V9'))).toEqual([]);
});
