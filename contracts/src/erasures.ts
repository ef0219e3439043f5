import { derivedId } from '@caretab/kernel';
import { type Static, Type } from '@sinclair/typebox';
import { message } from './message';
import { Instant, PersonId } from './schemas';
import { DAY_MS, topic } from './topic';

export const ErasureId = Type.String({
  pattern: '^e-[0-9a-f-]{36}$',
  description: 'e- and a UUID: one request to erase a person',
});

/** Rows of one table whose personal content was destroyed. */
export const DestroyedRows = Type.Object(
  { table: Type.String({ maxLength: 60 }), rows: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);

const PersonForgotten = Type.Object(
  {
    personId: PersonId,
    erasureId: ErasureId,
    destroyed: Type.Array(DestroyedRows, { maxItems: 20 }),
    forgottenAt: Instant,
  },
  { additionalProperties: false, description: 'What the service destroyed of an erased person' },
);

const settings = { keyField: 'personId', partitions: 12, retentionMs: 30 * DAY_MS };

export const creditErasures = topic({
  name: 'credit.erasures',
  authors: ['credit'],
  description: 'What credit destroyed of an erased person.',
  ...settings,
  events: { PersonForgotten },
});

export const paymentErasures = topic({
  name: 'payment.erasures',
  authors: ['payment'],
  description: 'What payment destroyed of an erased person.',
  ...settings,
  events: { PersonForgotten },
});

export const notificationErasures = topic({
  name: 'notification.erasures',
  authors: ['notification'],
  description: 'The closing notice of a person who is erased, and what notification destroyed.',
  ...settings,
  events: {
    ClosingNoticeEnded: Type.Object(
      {
        personId: PersonId,
        erasureId: ErasureId,
        outcome: Type.Union([
          Type.Literal('sent'),
          Type.Literal('failed'),
          Type.Literal('unconfirmed'),
          Type.Literal('skipped'),
        ]),
        endedAt: Instant,
      },
      { additionalProperties: false },
    ),
    PersonForgotten,
  },
});

export const gatewayErasures = topic({
  name: 'gateway.erasures',
  authors: ['gateway'],
  description: 'What the gateway destroyed of an erased person.',
  ...settings,
  events: { PersonForgotten },
});

type ErasureTopic =
  | typeof creditErasures
  | typeof paymentErasures
  | typeof notificationErasures
  | typeof gatewayErasures;

/** PersonalDataDestroyed, as far as an answer to it needs it. */
export interface ErasedPerson {
  readonly id: string;
  readonly traceparent?: string;
  readonly data: {
    readonly personId: string;
    /** Absent where an earlier release destroyed the data: no receipt waits for an answer then. */
    readonly erasureId?: string | undefined;
  };
}

/**
 * What a service publishes in the transaction in which it destroys what it has of a person: for the
 * receipt. Nothing where no receipt waits for it.
 */
export const personForgotten = (
  topic: ErasureTopic,
  event: ErasedPerson,
  { destroyed, time }: { readonly destroyed: Static<typeof DestroyedRows>[]; readonly time: Date },
): ReturnType<typeof message>[] => {
  const { personId, erasureId } = event.data;
  if (erasureId === undefined) return [];
  const [source] = topic.name.split('.');
  const forgottenAt = time.toISOString();
  return [
    message(
      topic as typeof creditErasures,
      'PersonForgotten',
      { personId, erasureId, destroyed, forgottenAt },
      {
        // A service that was restored from a copy destroys once more, and says what that was.
        id: derivedId('PersonForgotten', topic.name, erasureId, forgottenAt),
        time,
        source: source!,
        causedBy: event,
      },
    ),
  ];
};
