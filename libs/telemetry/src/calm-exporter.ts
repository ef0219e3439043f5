import { core, type tracing } from '@opentelemetry/sdk-node';
import type { Logger } from './logger';

type Done = Parameters<tracing.SpanExporter['export']>[1];

/**
 * Says once that the collector is not to be had, and once that it is back; spans of the meantime
 * are lost, and nothing else.
 */
export class CalmExporter implements tracing.SpanExporter {
  private lost = 0;

  constructor(
    private readonly exporter: tracing.SpanExporter,
    private readonly log: Pick<Logger, 'warn' | 'info'>,
  ) {}

  export(spans: tracing.ReadableSpan[], done: Done): void {
    this.exporter.export(spans, ({ code, error }) => {
      if (code === core.ExportResultCode.SUCCESS) this.cameThrough();
      else this.failed(spans.length, error);
      // The batch is done with either way: the processor could only complain again.
      done({ code: core.ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  private failed(spans: number, error: Error | undefined): void {
    if (this.lost === 0)
      this.log.warn(
        { reason: error?.name ?? 'unknown', code: (error as { code?: unknown } | undefined)?.code },
        'trace export failed: spans are dropped until the collector answers',
      );
    this.lost += spans;
  }

  private cameThrough(): void {
    if (this.lost > 0) this.log.info({ spansLost: this.lost }, 'trace export resumed');
    this.lost = 0;
  }
}
