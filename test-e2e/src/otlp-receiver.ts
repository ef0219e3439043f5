import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Value = {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly arrayValue?: unknown;
};

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
  readonly events?: readonly unknown[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}

/** A span as the collector got it. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unknown';
  readonly startedAt: bigint;
  /** `service.name` of the process that sent it. */
  readonly process: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
  /** Everything that was sent of it, for the journey that looks for personal data. */
  readonly whole: string;
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: Value }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const KINDS = ['unknown', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const FAILED = 2;

const valueOf = ({ stringValue, intValue, boolValue, doubleValue, arrayValue }: Value): unknown =>
  stringValue ??
  (intValue === undefined ? undefined : Number(intValue)) ??
  boolValue ??
  doubleValue ??
  arrayValue;
const recordOf = (attributes: OtlpSpan['attributes'] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

const spansIn = ({ resourceSpans }: Body): SeenSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const process = String(recordOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span): SeenSpan => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: KINDS[span.kind] ?? 'unknown',
        startedAt: BigInt(span.startTimeUnixNano),
        process,
        attributes: recordOf(span.attributes),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
        failed: span.status?.code === FAILED,
        whole: JSON.stringify(span),
      })),
    );
  });

/** A collector: takes what is sent to it by OTLP over HTTP, in JSON, and keeps it. */
export class OtlpReceiver {
  readonly spans: SeenSpan[] = [];
  /** Requests that were not understood, with why. */
  readonly faults: string[] = [];
  /** Headers of the last request. */
  headers: IncomingMessage['headers'] = {};

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => void receiver.take(request, response));
    const receiver = new OtlpReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const bytes = Buffer.concat(parts);
      if (
        request.url !== '/v1/traces' ||
        !request.headers['content-type']?.startsWith('application/json')
      )
        throw new Error(`${request.method} ${request.url} ${request.headers['content-type']}`);
      this.headers = request.headers;
      this.spans.push(
        ...spansIn(
          JSON.parse(
            (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(
              'utf8',
            ),
          ) as Body,
        ),
      );
      response.setHeader('content-type', 'application/json').end('{}');
    } catch (error) {
      this.faults.push(String(error));
      response.writeHead(400).end();
    }
  }
}
