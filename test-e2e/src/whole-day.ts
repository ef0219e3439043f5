import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Launcher } from './launcher';
import { removeFolder, temporaryFolder } from './platform';
import { freePorts } from './ports';
import { pageIn } from './sample-day';

export const DAY_TIMEOUT_MS = 600_000;
/** HTTP, the sandbox's three, six services, three further replicas, and MLLP. */
const PORTS_NEEDED = 14;

const brokers = process.env['KAFKA_BROKERS'] ?? '';
/** A day needs topics without a past, so it has a Kafka of its own wherever Java can run one. */
const hasOwnKafka =
  spawnSync(process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin/java') : 'java', [
    '-version',
  ]).status === 0;

const folders: string[] = [];
const launchers: Launcher[] = [];

/** Stops every launcher that still runs, and removes its data. */
export const endDays = async (): Promise<void> => {
  for (const launcher of launchers) await launcher.stop();
  for (const folder of folders) await removeFolder(folder);
};

export interface Day {
  readonly launcher: Launcher;
  readonly dataDir: string;
}

/** Starts a whole sample day in a folder of its own. */
export const playDay = async (
  program: 'embedded' | 'cluster',
  ...options: readonly string[]
): Promise<Day> => {
  const folder = temporaryFolder();
  folders.push(folder);
  const { port, mllpPort } = await freePorts(PORTS_NEEDED);
  const dataDir = join(folder, 'data');
  const ports = ['--port', String(port), '--mllp-port', String(mllpPort)];
  const launcher = new Launcher(
    ['--fresh', '--exit', '--data', dataDir, ...ports, ...options],
    program === 'embedded' || hasOwnKafka ? {} : { KAFKA_BROKERS: brokers },
    program,
  );
  launchers.push(launcher);
  return { launcher, dataDir };
};

/** A service of a day's cluster, started by hand. */
export const startByHand = (service: string, { dataDir }: Day): Launcher => {
  const launcher = new Launcher(['--service', service, '--data', dataDir], {}, 'cluster');
  launchers.push(launcher);
  return launcher;
};

/** The page of a day that ended as it should. */
export const pageOf = async ({ launcher }: Day): Promise<string> => {
  const code = await launcher.ended;
  if (code !== 0) throw new Error(`the day ended with ${code}:\n${launcher.output}`);
  return pageIn(launcher.output);
};

/**
 * On a broker that is not the launcher's own: takes back what the day before left there. The
 * launcher refuses to play where there is anything else.
 */
export const clearBroker = async (): Promise<void> => {
  if (hasOwnKafka) return;
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) =>
    /^(hospital|visit-ledger|credit|adjudication|payment|identity|insurer)\./.test(name),
  );
  await admin.deleteTopics({ topics });
  await admin.disconnect();
};
