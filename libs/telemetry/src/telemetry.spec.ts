import type { IncomingMessage, ServerResponse } from 'node:http';
import { trace } from '@opentelemetry/api';
import { meter, startTelemetry } from './telemetry';

const scraped = (
  metricsHandler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> =>
  new Promise((resolve) => {
    const response = { statusCode: 0, setHeader: () => undefined, end: resolve };
    metricsHandler({} as IncomingMessage, response as unknown as ServerResponse);
  });

test('offers what was counted in the text form of Prometheus, and traces nothing without a collector', async () => {
  const telemetry = startTelemetry({ serviceName: 'credit', serviceVersion: '1.2.3' });
  meter('caretab.credit')
    .createCounter('caretab.credit.holds', { description: 'Holds granted' })
    .add(3, { outcome: 'granted' });
  const text = await scraped(telemetry.metricsHandler);
  expect(text).toContain('service_name="credit"');
  expect(text).toMatch(/caretab_credit_holds_total\{outcome="granted"[^}]*\} 3/);
  expect(text).toMatch(/process_resident_memory_bytes\S* \d/);
  expect(trace.getTracer('caretab').startSpan('a hold').isRecording()).toBe(false);
  await telemetry.shutdown();
});

test('counts nothing, without a fault, when telemetry was not started', () => {
  expect(() => meter('caretab.credit').createCounter('caretab.credit.holds').add(1)).not.toThrow();
});
