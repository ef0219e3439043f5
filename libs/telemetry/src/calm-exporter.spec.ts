import type { core, tracing } from '@opentelemetry/sdk-node';
import { CalmExporter } from './calm-exporter';

test('says once that the collector is gone and once that it is back, and never fails', async () => {
  const lines: string[] = [];
  const say = (fields: object | string | Error, text?: string): void =>
    void lines.push(`${text} ${JSON.stringify(fields)}`);
  let works = false;
  const answer = (): core.ExportResult =>
    works
      ? { code: 0 }
      : { code: 1, error: Object.assign(new Error('Zhang San'), { code: 'ECONNREFUSED' }) };
  const inner: tracing.SpanExporter = {
    export: (_spans, done) => done(answer()),
    shutdown: async () => undefined,
  };
  const exporter = new CalmExporter(inner, { warn: say, info: say });
  const send = () =>
    new Promise<core.ExportResult>((resolve) =>
      exporter.export([{}, {}] as tracing.ReadableSpan[], resolve),
    );
  for (let round = 0; round < 3; round += 1) expect(await send()).toEqual({ code: 0 });
  works = true;
  await send();
  await send();
  expect(lines).toEqual([
    expect.stringContaining('trace export failed'),
    'trace export resumed {"spansLost":6}',
  ]);
  expect(lines[0]).toContain('ECONNREFUSED');
  expect(lines.join()).not.toContain('Zhang');
  await exporter.forceFlush();
  await exporter.shutdown();
});
