import { DomainError, type ErrorDetail } from '@caretab/kernel';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import type { TObject } from '@sinclair/typebox';
import { flawsOf } from './flaws';
import { isMoment } from './moments';
import type { ContractEvent, EventData, EventType, Topic } from './topic';

/**
 * A message as the outbox and the producers take it (CloudEvents 1.0, Kafka binary mode: attributes
 * are `ce_` headers).
 */
export interface ContractMessage {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

export interface MessageOptions {
  /** Unique per event and the same on every retry: consumers recognise a repetition by it. */
  readonly id: string;
  readonly time: Date;
  /** The service, or `hospital/<institution id>`. */
  readonly source: string;
  readonly causedBy?:
    { readonly id: string; readonly traceparent?: string | undefined } | undefined;
}

const checks = new WeakMap<TObject, TypeCheck<TObject>>();
const checkOf = (schema: TObject): TypeCheck<TObject> => {
  let check = checks.get(schema);
  if (!check) checks.set(schema, (check = TypeCompiler.Compile(schema)));
  return check;
};

/** Which fields are wrong and why, without their values. At most five. */
const faultsOf = (schema: TObject, value: unknown): ErrorDetail[] => {
  const faults: ErrorDetail[] = [];
  for (const error of checkOf(schema).Errors(value)) {
    faults.push({ field: error.path || '/', why: error.message });
    if (faults.length === 5) break;
  }
  return faults;
};

/**
 * Throws EVENT_TYPE_UNKNOWN, CONTRACT_BROKEN, or what `flawsOf` finds (invalid), naming each wrong
 * field, never its value.
 */
export const checkData = (topic: Topic, type: string, data: unknown): void => {
  // An event called `constructor` is unknown, though every object has a property of that name.
  const schema = Object.hasOwn(topic.events, type) ? topic.events[type] : undefined;
  if (!schema)
    throw new DomainError('EVENT_TYPE_UNKNOWN', 'invalid', {
      topic: topic.name,
      type: type.slice(0, 60),
      known: Object.keys(topic.events),
    });
  if (!checkOf(schema).Check(data))
    throw new DomainError('CONTRACT_BROKEN', 'invalid', {
      topic: topic.name,
      type,
      faults: faultsOf(schema, data),
    });
  const flaws = flawsOf(schema, data);
  if (flaws.length > 0)
    throw new DomainError(flaws[0]!.code, 'invalid', {
      topic: topic.name,
      type,
      faults: flaws.map(({ path, why, remedy }) => ({
        field: path,
        why,
        ...(remedy && { remedy }),
      })),
    });
};

/**
 * Makes a message of a topic's event; checked against the contract, so that nothing broken leaves a
 * service.
 */
export const message = <T extends Topic, Type extends EventType<T>>(
  topic: T,
  type: Type,
  data: EventData<T, Type>,
  options: MessageOptions,
): ContractMessage => {
  checkData(topic, type, data);
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: options.id,
    ce_type: type,
    ce_source: options.source,
    ce_time: options.time.toISOString(),
    'content-type': 'application/json',
  };
  if (options.causedBy) headers['ce_causationid'] = options.causedBy.id;
  if (options.causedBy?.traceparent) headers['traceparent'] = options.causedBy.traceparent;
  const key = (data as Record<string, unknown>)[topic.keyField];
  return { topic: topic.name, key: String(key), headers, value: data };
};

/**
 * Set by a bus on a malformed message (invalid UTF-8, or a duplicate attribute); the value names
 * the fault and its place. The message's parts are carried encoded, so that nothing is lost;
 * consumers refuse it.
 */
export const UNREADABLE = 'caretab-unreadable';

const NUL = '\0';
/** The escape itself, and not a backslash that is escaped before it. */
const NUL_ESCAPE = /(?<!\\)(?:\\\\)*\\u0000/;

/**
 * The character U+0000, raw or escaped in JSON: no database of the platform can store a text that
 * holds it.
 */
const holdsNul = ({
  key,
  value,
  headers,
}: {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}): boolean =>
  key.includes(NUL) ||
  value.includes(NUL) ||
  (value.includes('\\u0000') && NUL_ESCAPE.test(value)) ||
  Object.values(headers).some((text) => text.includes(NUL));

/** Ids are kept in indexes, whose entries have a limit in the database. */
const ID_LENGTH_MAX = 200;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Throws HEADER_MISSING or HEADER_INVALID (invalid). */
const checkHeaders = (topic: Topic, headers: Readonly<Record<string, string>>): void => {
  const missing = ['ce_id', 'ce_type', 'ce_time', 'ce_source'].filter((name) => !headers[name]);
  if (missing.length > 0)
    throw new DomainError('HEADER_MISSING', 'invalid', { topic: topic.name, missing });
  for (const name of ['ce_id', 'ce_source', 'ce_causationid']) {
    if ((headers[name]?.length ?? 0) > ID_LENGTH_MAX)
      throw new DomainError('HEADER_INVALID', 'invalid', {
        topic: topic.name,
        header: name,
        why: `longer than ${ID_LENGTH_MAX} characters`,
      });
  }
  if (!isMoment(headers['ce_time']!))
    throw new DomainError('HEADER_INVALID', 'invalid', {
      topic: topic.name,
      header: 'ce_time',
      why: 'no RFC 3339 instant that a calendar has',
    });
};

/**
 * Reads a message of a topic. Throws DomainError (invalid): TEXT_UNREADABLE, CHARACTER_FORBIDDEN,
 * HEADER_MISSING, HEADER_INVALID, NOT_JSON, EVENT_TYPE_UNKNOWN, CONTRACT_BROKEN,
 * INSTANT_IMPOSSIBLE, NUMBER_TOO_LARGE, KEY_MISMATCH. Details name fields, never values. A
 * `traceparent` that is none is no reason to refuse: the event is given without it.
 */
export const read = <T extends Topic>(
  topic: T,
  raw: {
    readonly key: string;
    readonly value: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): ContractEvent<T> => {
  const unreadable = raw.headers[UNREADABLE];
  if (unreadable !== undefined)
    throw new DomainError('TEXT_UNREADABLE', 'invalid', {
      topic: topic.name,
      what: unreadable.slice(0, 200),
    });
  if (holdsNul(raw))
    throw new DomainError('CHARACTER_FORBIDDEN', 'invalid', {
      topic: topic.name,
      why: 'a text holds the character U+0000',
    });
  checkHeaders(topic, raw.headers);
  const {
    ce_id: id,
    ce_type: type,
    ce_time: time,
    ce_source: source,
  } = raw.headers as Record<'ce_id' | 'ce_type' | 'ce_time' | 'ce_source', string>;
  let data: unknown;
  try {
    data = JSON.parse(raw.value);
  } catch {
    throw new DomainError('NOT_JSON', 'invalid', {
      topic: topic.name,
      type: type.slice(0, 60),
      bytes: raw.value.length,
    });
  }
  checkData(topic, type, data);
  if (String((data as Record<string, unknown>)[topic.keyField]) !== raw.key) {
    throw new DomainError('KEY_MISMATCH', 'invalid', {
      topic: topic.name,
      type,
      keyField: topic.keyField,
    });
  }
  const { ce_causationid: causationId, traceparent } = raw.headers;
  return {
    id,
    type,
    time,
    source,
    data,
    ...(causationId && { causationId }),
    ...(traceparent && TRACEPARENT.test(traceparent) && { traceparent }),
  } as ContractEvent<T>;
};

type Handlers<T extends Topic, Result> = {
  readonly [Type in EventType<T>]: 'ignore' | ((event: ContractEvent<T, Type>) => Result);
};

/**
 * Handles an event by its type. Every type is handled or ignored by name: leaving one out is a
 * compile error.
 */
export const on = <T extends Topic, Result>(
  _topic: T,
  event: ContractEvent<T>,
  handlers: Handlers<T, Result>,
): Result | undefined => {
  const handler = handlers[event.type as EventType<T>] as 'ignore' | ((event: unknown) => Result);
  return handler === 'ignore' ? undefined : handler(event);
};
