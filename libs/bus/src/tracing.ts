import {
  activeTraceparent,
  endingWith,
  failed,
  isTraced,
  isVisitId,
  SERVICE,
  VISIT,
} from '@caretab/telemetry';
import type { OutgoingMessage, Transaction } from '@caretab/store';
import {
  type Attributes,
  context,
  type Context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import type { Bus, Message, ReceivedMessage } from './bus';

const tracer = trace.getTracer('@caretab/bus');
/**
 * OpenTelemetry keeps at most 128 links per span by default. The messages' own spans link back, so
 * the rest can be found too.
 */
const LINKS_MAX = 128;

/** Who works on a message: a group, whose first part is its service, on a bus of this kind. */
export interface Consuming {
  readonly group: string;
  readonly system?: string | undefined;
}

const contextOf = (message: Pick<Message, 'headers'>): Context =>
  propagation.extract(ROOT_CONTEXT, message.headers);

/** Topics about visits are keyed by them. */
const visitOf = (key: string): Attributes => (isVisitId(key) ? { [VISIT]: key } : {});

const systemOf = ({ system }: { readonly system?: string | undefined }): string =>
  system ?? 'caretab';

const groupAttributes = (
  consuming: Consuming,
  { topic, partition }: ReceivedMessage,
): Attributes => ({
  'messaging.system': systemOf(consuming),
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
  'messaging.consumer.group.name': consuming.group,
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': String(partition),
  [SERVICE]: consuming.group.split('.', 1)[0]!,
});

/** A CONSUMER span `process <topic>`, child of the span that published the message. */
const startProcessing = (
  consuming: Consuming,
  message: ReceivedMessage,
  links: Link[] = [],
): { readonly span: Span; readonly active: Context } => {
  const parent = contextOf(message);
  const span = tracer.startSpan(
    `process ${message.topic}`,
    { kind: SpanKind.CONSUMER, links },
    parent,
  );
  // A trace that is not sampled is to cost next to nothing, so this comes after the sampler's
  // answer.
  if (span.isRecording()) {
    span.setAttributes({
      ...groupAttributes(consuming, message),
      [`messaging.${systemOf(consuming)}.offset`]: Number(message.offset),
      'messaging.message.id': (message.headers['ce_id'] ?? '').slice(0, 120),
      'cloudevents.event_type': (message.headers['ce_type'] ?? '').slice(0, 60),
      ...visitOf(message.key),
    });
  }
  return { span, active: trace.setSpan(parent, span) };
};

/** Runs a handler inside its message's trace. */
export const processing = <Result>(
  consuming: Consuming,
  message: ReceivedMessage,
  work: () => Promise<Result>,
): Promise<Result> => {
  if (!isTraced()) return work();
  const { span, active } = startProcessing(consuming, message);
  return context.with(active, () => endingWith(span, work));
};

/**
 * The event as a handler is given it: what it causes continues the handler's span and not only the
 * message's.
 */
export const carried = <Event extends object>(event: Event): Event => {
  const traceparent = activeTraceparent();
  return traceparent === undefined ? event : { ...event, traceparent };
};

const linksTo = (messages: readonly ReceivedMessage[]): Link[] =>
  messages.slice(0, LINKS_MAX).flatMap((message) => {
    const spanContext = trace.getSpanContext(contextOf(message));
    return spanContext ? [{ context: spanContext }] : [];
  });

const visitOfAll = ([first, ...others]: readonly ReceivedMessage[]): Attributes =>
  others.every(({ key }) => key === first!.key) ? visitOf(first!.key) : {};

/**
 * Runs the work for many messages inside a span of its own that links to each of them: it belongs
 * to no one's trace alone.
 */
export const processingBatch = <Result>(
  consuming: Consuming,
  messages: readonly ReceivedMessage[],
  work: () => Promise<Result>,
): Promise<Result> => {
  if (!isTraced()) return work();
  const [first] = messages;
  const attributes = {
    ...groupAttributes(consuming, first!),
    ...visitOfAll(messages),
    'messaging.batch.message_count': messages.length,
  };
  const options = { kind: SpanKind.CONSUMER, attributes, links: linksTo(messages), root: true };
  return tracer.startActiveSpan(`process batch ${first!.topic}`, options, ROOT_CONTEXT, (span) =>
    endingWith(span, work),
  );
};

/**
 * For a handler that takes a batch whole: a span in each message's own trace, linked to the
 * batch's; the events are given as `carried` gives one.
 */
export const processingEach = async <Event extends object, Result>(
  consuming: Consuming,
  batch: { readonly messages: readonly ReceivedMessage[]; readonly events: readonly Event[] },
  work: (events: readonly Event[]) => Promise<Result>,
): Promise<Result> => {
  if (!isTraced()) return work(batch.events);
  const whole = trace.getSpanContext(context.active());
  const links = whole ? [{ context: whole }] : [];
  const started = batch.messages.map((message) => startProcessing(consuming, message, links));
  const events = started.map(({ active }, index) =>
    context.with(active, () => carried(batch.events[index]!)),
  );
  try {
    return await work(events);
  } catch (error) {
    for (const { span } of started) failed(span, error);
    throw error;
  } finally {
    for (const { span } of started) span.end();
  }
};

/** Where messages go, and whose they are. */
export interface Publishing {
  readonly bus: Bus;
  readonly service: string | undefined;
}

const plain = ({ key, headers, value }: Omit<OutgoingMessage, 'topic'>): Message => ({
  key,
  headers,
  value: JSON.stringify(value),
});

/** Starts a PRODUCER span `publish <topic>` and lets the message carry it on. */
const startPublishing = (
  { bus, service }: Publishing,
  topic: string,
  outgoing: Omit<OutgoingMessage, 'topic'>,
): { readonly message: Message; readonly span: Span } => {
  const parent = contextOf(outgoing);
  const span = tracer.startSpan(`publish ${topic}`, { kind: SpanKind.PRODUCER }, parent);
  if (span.isRecording()) {
    const visitId = (outgoing.value as { visitId?: unknown } | null)?.visitId;
    span.setAttributes({
      'messaging.system': systemOf(bus),
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
      'messaging.message.id': outgoing.headers['ce_id'] ?? '',
      'cloudevents.event_type': outgoing.headers['ce_type'] ?? '',
      ...(service !== undefined && { [SERVICE]: service }),
      ...visitOf(typeof visitId === 'string' ? visitId : outgoing.key),
    });
  }
  const headers = { ...outgoing.headers };
  propagation.inject(trace.setSpan(parent, span), headers);
  return { message: { ...plain(outgoing), headers }, span };
};

/**
 * Sends messages of one topic, each in the trace of what caused it. Without tracing they keep the
 * headers that they have.
 */
export const publish = async (
  to: Publishing,
  topic: string,
  outgoing: readonly Omit<OutgoingMessage, 'topic'>[],
): Promise<void> => {
  if (!isTraced()) return to.bus.send(topic, outgoing.map(plain));
  const started = outgoing.map((one) => startPublishing(to, topic, one));
  try {
    await to.bus.send(
      topic,
      started.map(({ message }) => message),
    );
  } catch (error) {
    for (const { span } of started) failed(span, error);
    throw error;
  } finally {
    for (const { span } of started) span.end();
  }
};

/**
 * Outgoing messages of this transaction continue the span that is active when they are published.
 */
export const traced = (transaction: Transaction): Transaction => {
  if (!isTraced()) return transaction;
  const carrying = (message: OutgoingMessage): OutgoingMessage => {
    const headers = { ...message.headers };
    propagation.inject(context.active(), headers);
    return { ...message, headers };
  };
  return {
    rows: (table) => transaction.rows(table),
    markHandled: (...mark) => transaction.markHandled(...mark),
    markAllHandled: (...marks) => transaction.markAllHandled(...marks),
    publish: (...messages) => transaction.publish(...messages.map(carrying)),
  };
};

/** The trace a message belongs to, for an operator who searches for it. */
export const traceIdOf = (message: Pick<Message, 'headers'>): string | null =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(message.headers['traceparent'] ?? '')?.[1] ?? null;
