import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startTelemetry } from '@caretab/telemetry';
import { type Options, optionsOf, Usage } from './options';
import type { Platform } from './platform';
import { Steps } from './steps';

// Telemetry first: what is instrumented must not be loaded before it, so the platform is imported when it is started.
const telemetry = startTelemetry({ serviceName: 'caretab', otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] });

const ROOT = join(__dirname, '../../..');
const steps = new Steps(process.stdout);

/** What a user can do about an error that a start can meet, in one line. */
const explain = (error: unknown): string => {
  const { code, port, message, path } = error as { code?: string; port?: number; message?: string; path?: string };
  if (code === 'EADDRINUSE') return `Port ${port ?? ''} is taken. Stop the program that has it, or choose others: npm start -- --port 9080 --mllp-port 3575`;
  if (code === 'EACCES' || code === 'EPERM') return `No permission for ${path ?? `port ${port ?? ''}`}. Choose another data folder or port: npm start -- --data DIR --port N`;
  // Services speak of their environment; whoever started this knows options.
  return (message ?? String(error)).replace(/set GATEWAY_MLLP_PORT to .*$/, 'choose another port: npm start -- --mllp-port 3575');
};

/** A data folder is only ever deleted if it is one of ours, or empty. */
const startOver = async (dataDir: string): Promise<void> => {
  if (!existsSync(dataDir)) return;
  if (!existsSync(join(dataDir, 'secrets.json'))) throw new Error(`${dataDir} is not a CareTab data folder, so --fresh does not delete it. Choose another with --data DIR, or remove it yourself.`);
  const { removeEmbeddedPostgres } = await import('@caretab/postgres');
  await removeEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  rmSync(dataDir, { recursive: true, force: true });
};

const day = async (options: Options, platform: Platform): Promise<boolean> => {
  const [{ Api }, { playDay }, { services }] = await Promise.all([import('../day/api'), import('../day/play-day'), import('./platform')]);
  const result = await playDay({
    api: new Api(() => platform.url, process.env['OPERATOR_KEY']),
    url: platform.url, bus: platform.bus, mllp: { host: options.host, port: options.mllpPort }, services: services.map(({ name }) => name),
    samplesDir: options.samplesDir, dataDir: options.dataDir, webhookUrl: platform.webhookUrl, keyOf: platform.keyOf, step: (title, work) => steps.step(title, work),
  });
  steps.line(`\n${result.page}\n`);
  for (const surprise of result.surprises.slice(0, 20)) steps.line(`✗ ${surprise}`);
  steps.line(`${result.urls}\n\nAfter ${steps.elapsed()}.`);
  return result.good;
};

const run = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2), ROOT);
  if (options.fresh) await startOver(options.dataDir);
  const { startPlatform } = await import('./platform');
  const platform = await startPlatform(options, steps, telemetry);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });
  try {
    const played = options.idle ? true : await Promise.race([day(options, platform), interrupted]);
    if (played === 'interrupted' || options.exit) return played === true ? 0 : 1;
    steps.line(`CareTab is up at ${platform.url}, HL7 v2 over MLLP at ${options.host}:${options.mllpPort}. Ctrl-C stops it.`);
    await interrupted;
    return 0;
  } finally {
    await steps.step('stopped', () => platform.stop());
  }
};

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    steps.line(error instanceof Usage ? error.message : `✗ ${explain(error)}`);
    if (process.env['DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(error instanceof Usage ? error.exitCode : 1);
  },
);
