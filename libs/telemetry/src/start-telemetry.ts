import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { type Meter, metrics, type Attributes } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion?: string;
  /** Which of several processes of one service; host and process when absent. */
  readonly instanceId?: string;
  /**
   * Base address of an OTLP/HTTP collector (OTEL_EXPORTER_OTLP_ENDPOINT). Without it nothing is
   * instrumented and nothing is traced.
   */
  readonly otlpEndpoint?: string;
}

export interface Telemetry {
  /** Answers with all metrics in Prometheus' text format; put it behind `/metrics`. */
  readonly metricsHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is left, at most for a few seconds. */
  shutdown(): Promise<void>;
}

export const startMetricsAndTraces = (options: TelemetryOptions): Telemetry => {
  const resource = resourceFromAttributes(resourceAttributes(options));
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ resource, readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  observeProcess(provider.getMeter('caretab.process'));
  const stopTracing = options.otlpEndpoint
    ? loadTracing().startTracing({
        serviceName: options.serviceName,
        resource,
        otlpEndpoint: options.otlpEndpoint,
      })
    : async () => undefined;
  return {
    metricsHandler: (request, response) => exporter.getMetricsRequestHandler(request, response),
    shutdown: async () => {
      // A collector that is gone is no reason not to stop.
      await Promise.allSettled([stopTracing(), provider.shutdown()]);
      metrics.disable();
    },
  };
};

// Loaded only when it is wanted: the SDK and its exporters cost a third of a second and 40 MB.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadTracing = () => require('./tracing') as typeof import('./tracing');

const resourceAttributes = ({
  serviceName,
  serviceVersion,
  instanceId,
}: TelemetryOptions): Attributes => ({
  'service.name': serviceName,
  ...(serviceVersion ? { 'service.version': serviceVersion } : {}),
  'service.instance.id': instanceId ?? `${hostname()}/${process.pid}`,
});

const observeProcess = (meter: Meter): void => {
  meter
    .createObservableGauge('process.resident.memory.bytes', { description: 'Resident memory' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge('nodejs.heap.used.bytes', { description: 'Heap in use' })
    .addCallback((result) => result.observe(process.memoryUsage().heapUsed));
  let before = performance.eventLoopUtilization();
  meter
    .createObservableGauge('nodejs.eventloop.utilization', {
      description: 'Busy share of the event loop since the last reading',
    })
    .addCallback((result) => {
      const now = performance.eventLoopUtilization();
      result.observe(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    });
};
