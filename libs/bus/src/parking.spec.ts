import { topic } from '@caretab/contracts';
import { decode, reasonOf } from './parking';

test('a message that breaks even its reader is told with it, so that it is parked and its partition goes on', () => {
  const broken = topic({
    name: 'test.tabs',
    description: 'Breaks.',
    keyField: 'tabId',
    partitions: 1,
    retentionMs: 1000,
    events: Object.defineProperty({}, 'TabRaised', {
      get: () => {
        throw new TypeError('the reader is wrong');
      },
    }),
  });
  const headers = {
    ce_id: 'e-1',
    ce_type: 'TabRaised',
    ce_time: '2026-03-02T08:00:00Z',
    ce_source: 'test',
  };
  const decoded = decode(broken, {
    topic: 'test.tabs',
    partition: 0,
    offset: 1n,
    key: 'tab-1',
    value: '{}',
    headers,
  });
  expect('error' in decoded && reasonOf(decoded.error)).toEqual({
    code: 'HANDLER_FAILED',
    reason: 'TypeError',
  });
});
