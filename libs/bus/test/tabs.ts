import { topic } from '@caretab/contracts';
import { integerColumn, table, textColumn } from '@caretab/store';
import { Type } from '@sinclair/typebox';

export const tabTopic = topic({
  name: 'test.tabs',
  authors: ['test'],
  description: 'Tabs of a test.',
  keyField: 'tabId',
  partitions: 1,
  retentionMs: 1000,
  events: {
    TabRaised: Type.Object(
      { tabId: Type.String(), amountFen: Type.Integer({ minimum: 0 }) },
      { additionalProperties: false },
    ),
  },
});

interface Tab {
  readonly eventId: string;
  readonly tabId: string;
  readonly amountFen: number;
}
export const tabTable = table<Tab>({
  name: 'tab',
  columns: {
    eventId: textColumn(undefined, { primary: true }),
    tabId: textColumn(),
    amountFen: integerColumn(),
  },
});

export const AT = new Date('2026-03-02T08:00:00Z');
