import { type Context, type Span, trace } from '@opentelemetry/api';
import type { tracing } from '@opentelemetry/sdk-node';
import { attributesOf, awaitVisit, SERVICE, VISIT, visitIn } from './flow';

/**
 * Puts `caretab.visit.id` and `caretab.service` on every span, also on those of instrumentations: a
 * span inherits them from its parent.
 */
export class FlowAttributes implements tracing.SpanProcessor {
  /** `service` is what a span belongs to that does not say otherwise. */
  constructor(private readonly service: string) {}

  onStart(span: Span, parent: Context): void {
    const own = attributesOf(span);
    const inherited = attributesOf(trace.getSpan(parent));
    if (own?.[SERVICE] === undefined)
      span.setAttribute(SERVICE, String(inherited?.[SERVICE] ?? this.service));
    if (own?.[VISIT] !== undefined) return;
    const visitId = visitIn(parent);
    if (visitId !== undefined) span.setAttribute(VISIT, visitId);
    awaitVisit(parent, span);
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
