import { context, createNoopMeter, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { Resource } from '@opentelemetry/resources';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { CalmExporter } from './calm-exporter';
import { traceFetch } from './fetch-spans';
import { SERVICE } from './flow';
import { FlowAttributes } from './flow-attributes';
import { FlowPropagator } from './flow-propagator';
import { logger } from './logger';
import { serviceOf } from './service-names';
import { SpanPrivacy } from './span-privacy';

const EXPORT_TIMEOUT_MS = 5_000;

/**
 * Asked by machines every few seconds, or not the platform's own: a sandbox in the same process,
 * whatever a scanner tries.
 */
const isIgnored = (path: string | undefined): boolean =>
  serviceOf(path) === undefined || /^\/[a-z-]+\/backlog(\?|$)/.test(path ?? '');

export interface TracingOptions {
  readonly serviceName: string;
  readonly resource: Resource;
  /** Base address of the collector. */
  readonly otlpEndpoint: string;
  /** Where spans go instead of there. */
  readonly exporter?: tracing.SpanExporter;
}

/**
 * Instruments what is loaded from now on, and sends its spans to the collector. Sampler, headers
 * and queue are the SDK's own, by the standard variables (OTEL_TRACES_SAMPLER with
 * OTEL_TRACES_SAMPLER_ARG, OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_…): a trace that came from outside
 * is sampled as its sender decided, others all. Returns how to stop.
 */
export const startTracing = ({
  serviceName,
  resource,
  otlpEndpoint,
  exporter = otlp(otlpEndpoint),
}: TracingOptions): (() => Promise<void>) => {
  const instruments = instrumentations();
  const sdk = new NodeSDK({
    resource,
    // The detectors would send the command line along, with whatever stands in it.
    autoDetectResources: false,
    textMapPropagator: new FlowPropagator(),
    spanProcessors: [
      new FlowAttributes(serviceName),
      new SpanPrivacy(),
      new tracing.BatchSpanProcessor(new CalmExporter(exporter, logger('telemetry'))),
    ],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: instruments,
  });
  sdk.start();
  // They would count as well, but only where traces are on: what is to be counted is counted
  // always, by the services themselves.
  for (const instrument of instruments)
    instrument.setMeterProvider({ getMeter: () => createNoopMeter() });
  const stopFetch = traceFetch();
  return async () => {
    stopFetch();
    await sdk.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  };
};

const instrumentations = () => [
  new HttpInstrumentation({
    // Ours go by `fetch`, or have a span that leaves their path out.
    disableOutgoingRequestInstrumentation: true,
    ignoreIncomingRequestHook: ({ url }) => isIgnored(url),
    startIncomingSpanHook: ({ url }) => ({ [SERVICE]: serviceOf(url) }),
  }),
  // Its layers' spans say nothing that Nest's do not say better; what it is here for is the route
  // on the request's span.
  new ExpressInstrumentation({
    ignoreLayersType: [
      ExpressLayerType.MIDDLEWARE,
      ExpressLayerType.ROUTER,
      ExpressLayerType.REQUEST_HANDLER,
    ],
  }),
  new NestInstrumentation(),
  // Statements with placeholders, never with their values; and none for polling, which has no
  // parent.
  new PgInstrumentation({ enhancedDatabaseReporting: false, requireParentSpan: true }),
];

const otlp = (otlpEndpoint: string): OTLPTraceExporter =>
  new OTLPTraceExporter({
    url: `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
