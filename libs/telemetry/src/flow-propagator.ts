import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';
import { isVisitId, VISIT, withFlow } from './flow';

const BAGGAGE = 'baggage';

/** The visit's id in a baggage header, if it is one; everything else in there is none of ours. */
const visitOf = (baggage: string | string[] | undefined): string | undefined => {
  if (baggage === undefined) return undefined;
  const entries = String(baggage)
    .split(',')
    .map((entry) => entry.split(';', 1)[0]!.trim().split('='));
  const found = entries.find(([name]) => name?.trim() === VISIT)?.[1]?.trim();
  return isVisitId(found) ? found : undefined;
};

/**
 * W3C trace context, in and out, without `tracestate`: what a hospital's own vendor wrote there is
 * not carried on to others. The visit's id is read from baggage and never written by itself
 * (`visitHeaders` does that where the other side is one of us).
 */
export class FlowPropagator implements TextMapPropagator {
  private readonly traceContext = new core.W3CTraceContextPropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.traceContext.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = this.traceContext.extract(context, carrier, getter);
    const parent = trace.getSpanContext(extracted);
    const stateless = parent?.traceState
      ? trace.setSpanContext(extracted, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: parent.traceFlags,
          isRemote: true,
        })
      : extracted;
    return withFlow(stateless, visitOf(getter.get(carrier, BAGGAGE)));
  }

  fields(): string[] {
    return ['traceparent', BAGGAGE];
  }
}
