import type { TObject } from '@sinclair/typebox';

export type EventSchemas = Readonly<Record<string, TObject>>;

/**
 * A topic, declared once: types, JSON Schemas, AsyncAPI, the run-time check and the broker's
 * settings come from here.
 */
export interface Topic<Events extends EventSchemas = EventSchemas> {
  readonly name: string;
  readonly description: string;
  /**
   * Who may write to it: services, or `hospital/<institution id>`. What another wrote is parked
   * unread. A topic without an author does not compile.
   */
  readonly authors: readonly [string, ...string[]];
  /** The field of every event's data that is the message key. */
  readonly keyField: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly events: Events;
}

export const topic = <const Events extends EventSchemas>(
  declaration: Topic<Events>,
): Topic<Events> => declaration;

export type EventType<T extends Topic> = keyof T['events'] & string;
export type EventData<T extends Topic, Type extends EventType<T>> = T['events'][Type]['static'];

/** One event of a topic, as code handles it. */
export type ContractEvent<T extends Topic = Topic, Type extends EventType<T> = EventType<T>> =
  Type extends EventType<T>
    ? {
        readonly id: string;
        readonly type: Type;
        readonly time: string;
        readonly data: EventData<T, Type>;
        readonly source: string;
        readonly causationId?: string;
        readonly traceparent?: string;
      }
    : never;

export const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The largest message that any topic carries, in bytes: the settlement of a visit with 5000 lines
 * has some 2 MB. A broker accepts 1 MiB by default. A refused message is refused on every retry and
 * blocks its service's outbox.
 */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
