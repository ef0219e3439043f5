import { join } from 'node:path';
import { startTelemetry } from '@caretab/telemetry';
import { startOver } from '../launch/data-folder';
import { interrupted, run } from '../launch/run';
import { showDay } from '../launch/show-day';
import { Steps } from '../launch/steps';
import { type Options, optionsOf } from './options';
import type { Platform } from './platform';

// Telemetry first: what is instrumented must not be loaded before it, so the platform is imported
// when it is started.
const telemetry = startTelemetry({
  serviceName: 'caretab',
  otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'],
});

const ROOT = join(__dirname, '../../..');
const OURS = ['postgres', 'sandbox', 'day', 'anchors', 'engines.json'];
const steps = new Steps(process.stdout);

const fresh = async (dataDir: string): Promise<void> => {
  const { removeEmbeddedPostgres } = await import('@caretab/engines');
  await startOver(dataDir, OURS, (folder) => removeEmbeddedPostgres({ dataDir: folder }));
};

const day = async (options: Options, platform: Platform): Promise<boolean> => {
  const [{ Api }, { services }] = await Promise.all([
    import('@caretab/hospital'),
    import('./platform'),
  ]);
  return showDay(
    {
      api: new Api(() => [platform.url], platform.operatorKey),
      producerOf: platform.producerOf,
      mllp: [{ host: options.host, port: options.mllpPort }],
      services: services.map(({ name }) => name),
      samplesDir: options.samplesDir,
      dataDir: options.dataDir,
      webhookUrl: platform.webhookUrl,
      keyOf: platform.keyOf,
    },
    steps,
  );
};

const program = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2), ROOT);
  if (options.fresh) await fresh(options.dataDir);
  const { startPlatform } = await import('./platform');
  const platform = await startPlatform(options, steps, telemetry);
  const stop = interrupted();
  try {
    const played = options.idle ? true : await Promise.race([day(options, platform), stop]);
    if (played === 'interrupted' || options.exit) return played === true ? 0 : 1;
    steps.line(
      `CareTab is up at ${platform.url}, HL7 v2 over MLLP at ${options.host}:${options.mllpPort}. Ctrl-C stops it.`,
    );
    await stop;
    return 0;
  } finally {
    await steps.step('stopped', () => platform.stop());
  }
};

run(program, steps, 'npm start --');
