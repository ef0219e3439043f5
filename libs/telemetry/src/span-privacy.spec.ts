import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { tracing } from '@opentelemetry/sdk-node';
import { SpanPrivacy } from './span-privacy';

/** Ends one span under the guard and gives it as an exporter would send it. */
const exported = (
  record: (
    span: ReturnType<ReturnType<tracing.BasicTracerProvider['getTracer']>['startSpan']>,
  ) => void,
): tracing.ReadableSpan => {
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new tracing.BasicTracerProvider({
    resource: resourceFromAttributes({}),
    spanProcessors: [new SpanPrivacy(), new tracing.SimpleSpanProcessor(exporter)],
  });
  const span = provider.getTracer('test').startSpan('GET');
  record(span);
  span.end();
  return exporter.getFinishedSpans()[0]!;
};

test('takes queries and credentials out of addresses, old convention and new', () => {
  const { attributes } = exported((span) =>
    span.setAttributes({
      'http.url': 'http://user:pass@hospital.example/persons?mobile=13800138000',
      'http.target': '/persons?mobile=13800138000',
      'url.full': 'http://hospital.example/persons?mobile=13800138000#x',
      'url.path': '/persons/11010519491231002X',
      'url.query': 'mobile=13800138000',
      'http.route': '/persons',
      'http.response.status_code': 200,
    }),
  );
  expect(attributes).toEqual({
    'http.url': 'http://hospital.example/persons',
    'http.target': '/persons',
    'url.full': 'http://hospital.example/persons',
    'url.path': '/persons/[redacted]',
    'url.query': '',
    'http.route': '/persons',
    'http.response.status_code': 200,
  });
});

test("keeps an error's type and place, and not its message", () => {
  const span = exported((open) => {
    open.recordException(new TypeError('sensitive'));
    open.setStatus({ code: SpanStatusCode.ERROR, message: 'sensitive' });
  });
  expect(JSON.stringify([span.events, span.status])).not.toContain('sensitive');
  expect(span.events[0]!.attributes).toMatchObject({
    'exception.type': 'TypeError',
    'exception.stacktrace': expect.stringContaining('span-privacy.spec'),
  });
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
});
