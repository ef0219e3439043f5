import type { OtlpReceiver, SeenSpan } from './otlp-receiver';

const VISIT = 'caretab.visit.id';
const HTTP_OUTSIDE = { 1: 'acquirer', 2: 'webhook', 3: 'mail' } as const;

export const serviceOf = (span: SeenSpan): string => String(span.attributes['caretab.service']);
export const visitOf = (span: SeenSpan): unknown => span.attributes[VISIT];

/** What a collector has, as an operator would ask it. */
export class Traces {
  /** `firstPort`: the platform's HTTP port; the sandbox outside world has the three after it. */
  constructor(
    private readonly receiver: OtlpReceiver,
    private readonly firstPort: number,
  ) {}

  get spans(): readonly SeenSpan[] {
    return this.receiver.spans;
  }

  of(traceId: string): SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /**
   * The visit's traces in the order in which they began, each with its first span; those of
   * batches, which belong to no single flow, left out.
   */
  flowsOf(visitId: string): readonly { readonly traceId: string; readonly root: SeenSpan }[] {
    const own = new Set(
      this.spans.filter((span) => visitOf(span) === visitId).map(({ traceId }) => traceId),
    );
    const flows = [...own].map((traceId) => ({ traceId, root: this.rootOf(traceId) }));
    return flows
      .filter(({ root }) => !root.name.startsWith('process batch'))
      .sort((a, b) => (a.root.startedAt < b.root.startedAt ? -1 : 1));
  }

  private rootOf(traceId: string): SeenSpan {
    const spans = this.of(traceId);
    const known = new Set(spans.map(({ spanId }) => spanId));
    return spans
      .filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))
      .reduce((first, span) => (span.startedAt < first.startedAt ? span : first));
  }

  /**
   * `service –how→ service` for each parent and child of different services, and for each call to
   * the outside; sorted, each once.
   */
  edgesOf(traceId: string): string[] {
    const spans = this.of(traceId);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const inner = spans.flatMap((span) => {
      const parent = byId.get(span.parentSpanId ?? '');
      return parent && this.isHop(parent, span)
        ? [`${serviceOf(parent)} –${howOf(span)}→ ${serviceOf(span)}`]
        : [];
    });
    const outer = spans
      .filter(({ kind }) => kind === 'client')
      .flatMap((span) => {
        const whom = this.outsideOf(span);
        return whom
          ? [`${serviceOf(span)} –${span.name === 'SMTP' ? 'SMTP' : 'HTTP'}→ (${whom})`]
          : [];
      });
    const unheard = spans
      .filter(
        (span) =>
          span.kind === 'producer' &&
          !spans.some(({ parentSpanId }) => parentSpanId === span.spanId),
      )
      .map((span) => `${serviceOf(span)} –${howOf(span)}→ (nobody)`);
    return [...new Set([...inner, ...outer, ...unheard])].sort();
  }

  /** The trace as a tree of names, for people. */
  treeOf(traceId: string, detail: (span: SeenSpan) => boolean = () => true): string {
    const spans = this.of(traceId).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    const known = new Set(spans.map(({ spanId }) => spanId));
    const line = (span: SeenSpan, depth: number): string => {
      const group = span.attributes['messaging.consumer.group.name'] ?? '';
      const event = span.attributes['cloudevents.event_type'] ?? '';
      const place = `${'  '.repeat(depth)}${span.name} [${span.kind}]`;
      return `${place} ${serviceOf(span)} ${group} ${event}`.trimEnd();
    };
    const lines = (span: SeenSpan, depth: number): string[] => [
      ...(detail(span) ? [line(span, depth)] : []),
      ...spans
        .filter(({ parentSpanId }) => parentSpanId === span.spanId)
        .flatMap((child) => lines(child, depth + 1)),
    ];
    return spans
      .filter(({ parentSpanId }) => !parentSpanId || !known.has(parentSpanId))
      .flatMap((root) => lines(root, 0))
      .join('\n');
  }

  private isHop(parent: SeenSpan, child: SeenSpan): boolean {
    return (
      (parent.kind === 'producer' && child.kind === 'consumer') ||
      (parent.kind === 'client' && child.kind === 'server') ||
      serviceOf(parent) !== serviceOf(child)
    );
  }

  private outsideOf({ attributes }: SeenSpan): string | undefined {
    const place = Number(attributes['server.port']) - this.firstPort;
    return HTTP_OUTSIDE[place as keyof typeof HTTP_OUTSIDE];
  }
}

const howOf = ({ attributes }: SeenSpan): string =>
  String(attributes['messaging.destination.name'] ?? 'HTTP');
