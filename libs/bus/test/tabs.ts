import { topic } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';
import { EntitySchema } from 'typeorm';

export const tabTopic = topic({
  name: 'test.tabs',
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
export const tabTable = new EntitySchema<Tab>({
  name: 'tab',
  columns: {
    eventId: { type: 'text', primary: true },
    tabId: { type: 'text' },
    amountFen: { type: 'integer' },
  },
});

export const AT = new Date('2026-03-02T08:00:00Z');
