import { context, type Context, type Link, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { OutgoingMessage, Transaction } from '@caretab/postgres';
import type { Message, ReceivedMessage } from './bus';

const tracer = trace.getTracer('@caretab/messaging');
/** OpenTelemetry keeps at most 128 links per span by default. */
const LINKS_MAX = 128;

const contextOf = (message: Pick<Message, 'headers'>): Context => propagation.extract(ROOT_CONTEXT, message.headers);

const linksTo = (messages: readonly Pick<Message, 'headers'>[]): Link[] =>
  messages.slice(0, LINKS_MAX).flatMap((message) => {
    const spanContext = trace.getSpanContext(contextOf(message));
    return spanContext ? [{ context: spanContext }] : [];
  });

/** Ends the span with the outcome of the work; an error is named by its class, since its text may hold anything. */
const ending = async <Result>(span: Span, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
    throw error;
  } finally {
    span.end();
  }
};

/** Runs a handler inside a CONSUMER span `<group> process`, child of the message's own trace. */
export const processing = <Result>(group: string, message: ReceivedMessage, work: () => Promise<Result>): Promise<Result> => {
  const attributes = {
    'messaging.system': 'caretab',
    'messaging.consumer.group.name': group,
    'messaging.destination.name': message.topic,
    'messaging.destination.partition.id': String(message.partition),
    'messaging.kafka.offset': Number(message.offset),
    'messaging.message.id': message.headers['ce_id'] ?? '',
    'cloudevents.event_type': (message.headers['ce_type'] ?? '').slice(0, 60),
  };
  return tracer.startActiveSpan(`${group} process`, { kind: SpanKind.CONSUMER, attributes }, contextOf(message), (span) => ending(span, work));
};

/** Runs one transaction over many messages inside a span that links to the trace of each. */
export const processingBatch = <Result>(group: string, messages: readonly ReceivedMessage[], work: () => Promise<Result>): Promise<Result> => {
  const attributes = { 'messaging.consumer.group.name': group, 'messaging.batch.message_count': messages.length };
  const options = { kind: SpanKind.CONSUMER, attributes, links: linksTo(messages), root: true };
  return tracer.startActiveSpan(`${group} batch`, options, ROOT_CONTEXT, (span) => ending(span, work));
};

/** Starts a PRODUCER span per message and lets the message carry it on. Without an SDK the message keeps the headers that it has. */
export const producing = <M extends Message>(topic: string, message: M): { readonly message: M; readonly span: Span } => {
  const parent = contextOf(message);
  const span = tracer.startSpan(`${topic} publish`, { kind: SpanKind.PRODUCER, attributes: { 'messaging.system': 'caretab', 'messaging.destination.name': topic } }, parent);
  const headers = { ...message.headers };
  propagation.inject(trace.setSpan(parent, span), headers);
  return { message: { ...message, headers }, span };
};

/** Outgoing messages of this transaction continue the trace of the handler that causes them. */
export const traced = (transaction: Transaction): Transaction => {
  if (!trace.getSpanContext(context.active())) return transaction;
  const carrying = (message: OutgoingMessage): OutgoingMessage => {
    const headers = { ...message.headers };
    propagation.inject(context.active(), headers);
    return { ...message, headers };
  };
  return {
    rows: (table) => transaction.rows(table),
    markHandled: (group, messageId) => transaction.markHandled(group, messageId),
    publish: (...messages) => transaction.publish(...messages.map(carrying)),
  };
};

/** The trace a message belongs to, for whoever looks for it later. */
export const traceIdOf = (message: Pick<Message, 'headers'>): string | null =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(message.headers['traceparent'] ?? '')?.[1] ?? null;
