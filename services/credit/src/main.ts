import { startTelemetry } from '@caretab/telemetry';

// Telemetry first: what is instrumented must not be loaded before it.
const telemetry = startTelemetry({
  serviceName: 'credit',
  otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'],
});

void Promise.all([import('@caretab/host'), import('./index')]).then(([{ boot }, { credit }]) =>
  boot(credit, process.env, telemetry),
);
