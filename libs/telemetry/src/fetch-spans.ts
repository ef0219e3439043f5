import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What Node's own `fetch` publishes of a request; the parts that are used here. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  addHeader(name: string, value: string): void;
}
interface RequestEvent {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number };
  readonly error?: unknown;
}

const PREFIX = 'undici:request:';
const FAILED_FROM = 400;

const attributesOf = ({ method, origin }: UndiciRequest): Attributes => {
  const { hostname, port, protocol } = new URL(origin);
  // The path stays out: an address that a hospital registered for its webhook may hold a secret.
  return {
    'http.request.method': method,
    'url.scheme': protocol.slice(0, -1),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
};

/**
 * Gives every `fetch` inside a trace a client span, and the request the trace's context. Returns
 * how to stop. (The http instrumentation does not see `fetch`.)
 */
export const traceFetch = (): (() => void) => {
  const tracer = trace.getTracer('@caretab/telemetry');
  const open = new WeakMap<UndiciRequest, Span>();
  const end = (request: UndiciRequest): void => {
    open.get(request)?.end();
    open.delete(request);
  };
  const listeners: Readonly<Record<string, (event: RequestEvent) => void>> = {
    create: ({ request }) => {
      const active = context.active();
      if (!trace.getSpan(active) || core.isTracingSuppressed(active)) return;
      const span = tracer.startSpan(request.method, {
        kind: SpanKind.CLIENT,
        attributes: attributesOf(request),
      });
      open.set(request, span);
      propagation.inject(trace.setSpan(active, span), request, {
        set: (carrier, name, value) => carrier.addHeader(name, value),
      });
    },
    headers: ({ request, response }) => {
      const status = response?.statusCode ?? 0;
      open.get(request)?.setAttribute('http.response.status_code', status);
      if (status >= FAILED_FROM) open.get(request)?.setStatus({ code: SpanStatusCode.ERROR });
    },
    trailers: ({ request }) => end(request),
    error: ({ request, error }) => {
      open
        .get(request)
        ?.setStatus({ code: SpanStatusCode.ERROR })
        .setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      end(request);
    },
  };
  const channels = Object.entries(listeners).map(([name, listener]) => ({
    name: PREFIX + name,
    listener: (event: unknown) => listener(event as RequestEvent),
  }));
  for (const { name, listener } of channels) subscribe(name, listener);
  return () => {
    for (const { name, listener } of channels) unsubscribe(name, listener);
  };
};
