import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { contextAfter, isTraced, SERVICE, VISIT, withFlow } from './flow';

const tracer = trace.getTracer('@caretab/telemetry');
const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
} as const;

export interface SpanOptions {
  readonly kind?: keyof typeof KINDS;
  readonly service?: string;
  readonly visitId?: string | null | undefined;
  /** Ids, codes, counts. Never anything personal. */
  readonly attributes?: Attributes;
}

const startOptions = ({ kind = 'internal', service, visitId, attributes }: SpanOptions) => ({
  kind: KINDS[kind],
  attributes: {
    ...attributes,
    ...(service !== undefined && { [SERVICE]: service }),
    ...(visitId != null && { [VISIT]: visitId }),
  },
});

/**
 * Ends the span with the outcome of the work; an error is named by its class, since its text may
 * hold anything.
 */
export const endingWith = async <Result>(
  span: Span,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
};

export const failed = (span: Span, error: unknown): void => {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
};

/** Runs the work in a span below the one that is active. Without tracing it just runs. */
export const inSpan = <Result>(
  name: string,
  options: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> =>
  isTraced()
    ? tracer.startActiveSpan(name, startOptions(options), (span) => endingWith(span, work))
    : work();

/**
 * Runs work whose hour has come in the trace of what caused it: `traceparent` as it was kept in a
 * row, or none for a trace of its own.
 */
export const inSpanAfter = <Result>(
  traceparent: string | null | undefined,
  name: string,
  options: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> =>
  isTraced()
    ? tracer.startActiveSpan(name, startOptions(options), contextAfter(traceparent), (span) =>
        endingWith(span, work),
      )
    : work();

/**
 * Starts a trace for what came through a door that carries none. `nameVisit` may say later which
 * visit it is about.
 */
export const inNewFlow = <Result>(
  name: string,
  options: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> =>
  isTraced()
    ? tracer.startActiveSpan(
        name,
        startOptions(options),
        withFlow(ROOT_CONTEXT, undefined),
        (span) => endingWith(span, work),
      )
    : work();

/**
 * Runs work that many flows share (an answer that is remembered, say) in a trace of its own; each
 * of the two links to the other.
 */
export const inTraceApart = <Result>(
  name: string,
  options: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> => {
  if (!isTraced()) return work();
  const asking = trace.getSpan(context.active());
  const links = asking ? [{ context: asking.spanContext() }] : [];
  return tracer.startActiveSpan(
    name,
    { ...startOptions(options), links, root: true },
    ROOT_CONTEXT,
    (span) => {
      asking?.addLink({ context: span.spanContext() });
      return endingWith(span, work);
    },
  );
};
