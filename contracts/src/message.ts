import { DomainError } from '@caretab/kernel';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import type { TObject } from '@sinclair/typebox';
import type { ContractEvent, EventData, EventType, Topic } from './topic';

/** A message as the outbox and the producers take it (CloudEvents 1.0, Kafka binary mode: attributes are `ce_` headers). */
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
  readonly causedBy?: { readonly id: string; readonly traceparent?: string | undefined } | undefined;
}

const checks = new WeakMap<TObject, TypeCheck<TObject>>();
const checkOf = (schema: TObject): TypeCheck<TObject> => {
  let check = checks.get(schema);
  if (!check) checks.set(schema, (check = TypeCompiler.Compile(schema)));
  return check;
};

/** Which fields are wrong and why, without their values. At most five. */
const faultsOf = (schema: TObject, value: unknown): string[] => {
  const faults: string[] = [];
  for (const error of checkOf(schema).Errors(value)) {
    faults.push(`${error.path || '/'}: ${error.message}`);
    if (faults.length === 5) break;
  }
  return faults;
};

/** Throws CONTRACT_BROKEN (invalid) naming each wrong field, never its value. */
const checkData = (topic: Topic, type: string, data: unknown): void => {
  const schema = topic.events[type];
  if (!schema) throw new DomainError('EVENT_TYPE_UNKNOWN', 'invalid', { topic: topic.name, type: type.slice(0, 60), known: Object.keys(topic.events) });
  if (!checkOf(schema).Check(data)) throw new DomainError('CONTRACT_BROKEN', 'invalid', { topic: topic.name, type, faults: faultsOf(schema, data) });
};

/** Makes a message of a topic's event; checked against the contract, so that nothing broken leaves a service. */
export const message = <T extends Topic, Type extends EventType<T>>(topic: T, type: Type, data: EventData<T, Type>, options: MessageOptions): ContractMessage => {
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

const NUL = '\0';
/** The escape itself, and not a backslash that is escaped before it. */
const NUL_ESCAPE = /(?<!\\)(?:\\\\)*\\u0000/;

/** The character U+0000, raw or escaped in JSON: no database of the platform can store a text that holds it. */
const holdsNul = ({ key, value, headers }: { readonly key: string; readonly value: string; readonly headers: Readonly<Record<string, string>> }): boolean =>
  key.includes(NUL) || value.includes(NUL) || (value.includes('\\u0000') && NUL_ESCAPE.test(value)) || Object.values(headers).some((text) => text.includes(NUL));

/**
 * Reads a message of a topic. Throws DomainError (invalid): CHARACTER_FORBIDDEN, HEADER_MISSING, NOT_JSON, EVENT_TYPE_UNKNOWN, CONTRACT_BROKEN, KEY_MISMATCH.
 * Details name fields, never values.
 */
export const read = <T extends Topic>(topic: T, raw: { readonly key: string; readonly value: string; readonly headers: Readonly<Record<string, string>> }): ContractEvent<T> => {
  if (holdsNul(raw)) throw new DomainError('CHARACTER_FORBIDDEN', 'invalid', { topic: topic.name, why: 'a text holds the character U+0000' });
  const { ce_id: id, ce_type: type, ce_time: time, ce_source: source } = raw.headers;
  if (!id || !type || !time || !source) {
    throw new DomainError('HEADER_MISSING', 'invalid', { topic: topic.name, missing: ['ce_id', 'ce_type', 'ce_time', 'ce_source'].filter((name) => !raw.headers[name]) });
  }
  let data: unknown;
  try {
    data = JSON.parse(raw.value);
  } catch {
    throw new DomainError('NOT_JSON', 'invalid', { topic: topic.name, type: type.slice(0, 60), bytes: raw.value.length });
  }
  checkData(topic, type, data);
  if (String((data as Record<string, unknown>)[topic.keyField]) !== raw.key) {
    throw new DomainError('KEY_MISMATCH', 'invalid', { topic: topic.name, type, keyField: topic.keyField });
  }
  const { ce_causationid: causationId, traceparent } = raw.headers;
  return { id, type, time, source, data, ...(causationId && { causationId }), ...(traceparent && { traceparent }) } as ContractEvent<T>;
};

type Handlers<T extends Topic, Result> = { readonly [Type in EventType<T>]: 'ignore' | ((event: ContractEvent<T, Type>) => Result) };

/** Handles an event by its type. Every type is handled or ignored by name: leaving one out is a compile error. */
export const on = <T extends Topic, Result>(_topic: T, event: ContractEvent<T>, handlers: Handlers<T, Result>): Result | undefined => {
  const handler = handlers[event.type as EventType<T>] as 'ignore' | ((event: unknown) => Result);
  return handler === 'ignore' ? undefined : handler(event);
};
