import { VisitId } from '@caretab/contracts';
import {
  type Context,
  context,
  createContextKey,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';

export const VISIT = 'caretab.visit.id';
export const SERVICE = 'caretab.service';

const FLOW = createContextKey('caretab.flow');
const VISIT_ID = new RegExp(VisitId.pattern!);
/** Spans that a door opens before it has read the message; later ones inherit the visit. */
const EARLY_MAX = 32;

/**
 * One way through this process, from a door or from another process. Its visit may be known later
 * than its first spans; what a request said of it in baggage gives way.
 */
interface Flow {
  visitId: string | undefined;
  readonly early: Span[];
}

/** Whether spans go anywhere: when not, nothing is to be spent on them. */
export const isTraced = (): boolean => {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== NOTHING;
};
const NOTHING = new ProxyTracerProvider().getDelegate();

export const isVisitId = (text: string | undefined): text is string =>
  text !== undefined && VISIT_ID.test(text);

export const withFlow = (parent: Context, visitId: string | undefined): Context =>
  parent.setValue(FLOW, { visitId, early: [] } satisfies Flow);

const flowOf = (of: Context): Flow | undefined => of.getValue(FLOW) as Flow | undefined;

/**
 * Attributes of a span of this process; undefined for a remote one and for one that is not
 * recorded.
 */
export const attributesOf = (
  span: Span | undefined,
): Readonly<Record<string, unknown>> | undefined =>
  (span as { attributes?: Record<string, unknown> } | undefined)?.attributes;

/** The visit this context is about. */
export const visitIn = (active: Context): string | undefined => {
  const inherited = attributesOf(trace.getSpan(active))?.[VISIT];
  return typeof inherited === 'string' ? inherited : flowOf(active)?.visitId;
};

/** Keeps a span in case the flow's visit is named later. */
export const awaitVisit = (active: Context, span: Span): void => {
  const flow = flowOf(active);
  if (flow && flow.early.length < EARLY_MAX) flow.early.push(span);
};

/**
 * Says which visit the flow at hand is about: on the spans that are open, and on all that follow.
 */
export const nameVisit = (visitId: string): void => {
  if (!isTraced()) return;
  const flow = flowOf(context.active());
  trace.getActiveSpan()?.setAttribute(VISIT, visitId);
  if (!flow) return;
  flow.visitId = visitId;
  for (const span of flow.early.splice(0))
    if (span.isRecording()) span.setAttribute(VISIT, visitId);
};

/**
 * Headers that carry the visit of a question to another service of the platform (W3C baggage). Only
 * for internal HTTP: the id of a visit is not for third parties.
 */
export const visitHeaders = (): Readonly<Record<string, string>> => {
  const visitId = isTraced() ? visitIn(context.active()) : undefined;
  return visitId === undefined ? {} : { baggage: `${VISIT}=${visitId}` };
};

/** W3C trace context of the span at work, or undefined. */
export const activeTraceparent = (): string | undefined => {
  if (!isTraced()) return undefined;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
};

/** The context that a stored `traceparent` stands for; a fresh one for none. */
export const contextAfter = (traceparent: string | null | undefined): Context =>
  propagation.extract(ROOT_CONTEXT, traceparent ? { traceparent } : {});
