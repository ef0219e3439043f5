import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { removeEmbeddedPostgres } from '@caretab/engines';
import { Api } from '@caretab/hospital';
import { startOver } from '../launch/data-folder';
import { interrupted, run } from '../launch/run';
import { showDay } from '../launch/show-day';
import { Steps } from '../launch/steps';
import { type Cluster, Interrupted, startCluster } from './cluster';
import { enginesAskedFor, enginesOf } from './engines';
import { end, Records } from './process-identity';
import { serveOne } from './one-service';
import { type Options, optionsOf } from './options';
import { runningSite } from './site-file';
import { SERVICES } from './topology';

const COMMAND = 'npm run start:cluster';
const ROOT = join(__dirname, '../../..');
const OURS = [
  ...['postgres', 'kafka', 'sandbox', 'day', 'anchors', 'logs', 'run'],
  ...['cluster.json', 'engines.json'],
];
const LEFTOVERS_TIMEOUT_MS = 20_000;
const steps = new Steps(process.stdout);

const shown = (dataDir: string): string => relative(process.cwd(), dataDir) || '.';

/**
 * Makes way for a start: refuses while another launcher serves the folder, ends what one that was
 * killed left, and deletes what --fresh is to delete.
 */
const prepare = async ({ dataDir, fresh }: Options, records: Records): Promise<void> => {
  const other = runningSite(dataDir);
  if (other)
    throw new Error(
      `A cluster runs on ${dataDir} already (process ${other.launcher.pid}): stop it ` +
        `first, or choose another folder: ${COMMAND} -- --data DIR`,
    );
  await end(records.living(), LEFTOVERS_TIMEOUT_MS);
  if (fresh)
    await startOver(dataDir, OURS, (folder) => removeEmbeddedPostgres({ dataDir: folder }));
};

const day = (
  { host, samplesDir, dataDir }: Options,
  { instances, webhookUrl, operatorKey, keyOf, producerOf }: Cluster,
): Promise<boolean> => {
  const urlsOf = (service: string): string[] =>
    instances
      .filter((instance) => instance.service === service)
      .map(({ port }) => `http://${host}:${port}`);
  const mllp = instances.flatMap(({ mllpPort }) =>
    mllpPort === undefined ? [] : [{ host, port: mllpPort }],
  );
  return showDay(
    {
      ...{ api: new Api(urlsOf, operatorKey), mllp, services: SERVICES, samplesDir, dataDir },
      ...{ webhookUrl, keyOf, producerOf },
    },
    steps,
  );
};

const serveAll = async (
  options: Options,
  records: Records,
  stop: Promise<'interrupted'>,
): Promise<number> => {
  const { dataDir, host, port, mllpPort } = options;
  let isInterrupted = false;
  void stop.then(() => (isInterrupted = true));
  await prepare(options, records);
  const commandFor = (name: string): string =>
    `${COMMAND} -- --service ${name}${dataDir === join(ROOT, 'data/cluster') ? '' : ` --data ${dataDir}`}`;
  const asked = enginesAskedFor(process.env, randomBytes(4).toString('hex'), options);
  const bound = enginesOf(dataDir, asked);
  const cluster = await startCluster(options, {
    steps,
    records,
    commandFor,
    engines: bound ?? asked,
    isNew: !bound,
    isInterrupted: () => isInterrupted,
  });
  steps.line(`  what each of them logs is in ${join(shown(dataDir), 'logs')}`);
  try {
    const played = options.idle ? true : await Promise.race([day(options, cluster), stop]);
    if (played === 'interrupted' || options.exit) return played === true ? 0 : 1;
    for (const instance of cluster.instances)
      steps.line(`  ${instance.name.padEnd(16)} http://${host}:${instance.port}`);
    steps.line(
      `CareTab is up at http://${host}:${port}, HL7 v2 over MLLP at ${host}:${mllpPort}. Ctrl-C stops it.`,
    );
    await stop;
    return 0;
  } finally {
    await steps.step('stopped', () => cluster.stop());
  }
};

const program = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2), ROOT);
  const records = new Records(options.dataDir);
  const stop = interrupted();
  if (options.only !== undefined)
    return serveOne(options.dataDir, options.only, { steps, records, stop });
  return serveAll(options, records, stop).catch((error: unknown) => {
    if (error instanceof Interrupted) return 1;
    throw error;
  });
};

run(program, steps, `${COMMAND} --`);
