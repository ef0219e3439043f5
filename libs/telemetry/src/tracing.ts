import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { core, NodeSDK, tracing } from '@opentelemetry/sdk-node';
import type { Resource } from '@opentelemetry/resources';
import { SpanPrivacy } from './span-privacy';

const EXPORT_TIMEOUT_MS = 5_000;

/** Only asked by machines, every few seconds. */
const isProbe = (path: string | undefined): boolean => /^\/(health|metrics)(\/|\?|$)/.test(path ?? '');

/** Instruments what is loaded from now on, and sends its spans to the collector at `otlpEndpoint`. Returns how to stop. */
export const startTracing = (otlpEndpoint: string, resource: Resource, exporter: tracing.SpanExporter = otlp(otlpEndpoint)): (() => Promise<void>) => {
  const sdk = new NodeSDK({
    resource,
    // The detectors would send the command line along, with whatever stands in it.
    autoDetectResources: false,
    textMapPropagator: new core.W3CTraceContextPropagator(),
    spanProcessors: [new SpanPrivacy(), new tracing.BatchSpanProcessor(exporter)],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => isProbe(url) }),
      new ExpressInstrumentation(),
      new NestInstrumentation(),
      // Statements with placeholders, never with their values; and none for polling, which has no parent.
      new PgInstrumentation({ enhancedDatabaseReporting: false, requireParentSpan: true }),
    ],
  });
  sdk.start();
  return async () => {
    await sdk.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  };
};

const otlp = (otlpEndpoint: string): OTLPTraceExporter =>
  new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
