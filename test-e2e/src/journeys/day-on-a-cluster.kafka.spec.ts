import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { pause } from '@caretab/hospital';
import { Launcher } from '../launcher';
import { removeFolder, temporaryFolder } from '../platform';
import { freePorts } from '../ports';
import { acknowledged, pageIn } from '../sample-day';

const DAY_TIMEOUT_MS = 600_000;
/** HTTP, the sandbox's three, six services, three further replicas, and MLLP. */
const PORTS_NEEDED = 14;
/**
 * Messages of the first hospital after which the service is killed: in the middle of the morning.
 */
const KILL_AFTER = 150;
const VICTIM = 'credit';
const POLL_MS = 50;

const brokers = process.env['KAFKA_BROKERS'] ?? '';
/** A day wants topics without a past, so it has a Kafka of its own wherever Java can run one. */
const ownKafka =
  spawnSync(process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin/java') : 'java', [
    '-version',
  ]).status === 0;

const folders: string[] = [];
const launchers: Launcher[] = [];
afterAll(async () => {
  for (const launcher of launchers) await launcher.stop();
  for (const folder of folders) await removeFolder(folder);
});

interface Day {
  readonly launcher: Launcher;
  readonly dataDir: string;
}

const launch = async (
  program: 'embedded' | 'cluster',
  ...options: readonly string[]
): Promise<Day> => {
  const folder = temporaryFolder();
  folders.push(folder);
  const { port, mllpPort } = await freePorts(PORTS_NEEDED);
  const dataDir = join(folder, 'data');
  const settings: Record<string, string> =
    program === 'embedded' || ownKafka ? {} : { KAFKA_BROKERS: brokers };
  const launcher = new Launcher(
    [
      '--fresh',
      '--exit',
      '--data',
      dataDir,
      '--port',
      String(port),
      '--mllp-port',
      String(mllpPort),
      ...options,
    ],
    settings,
    program,
  );
  launchers.push(launcher);
  return { launcher, dataDir };
};

/** The page of a day that ended as it should. */
const pageOf = async ({ launcher }: Day): Promise<string> => {
  const code = await launcher.ended;
  if (code !== 0) throw new Error(`the day ended with ${code}:\n${launcher.output}`);
  return pageIn(launcher.output);
};

/**
 * On a broker that is not the launcher's own: takes back what the day before left there. The
 * launcher had refused to play it had there been anything else.
 */
const clearBroker = async (): Promise<void> => {
  if (ownKafka) return;
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) =>
    /^(hospital|visit-ledger|credit|adjudication|payment|identity|insurer)\./.test(name),
  );
  await admin.deleteTopics({ topics });
  await admin.disconnect();
};

/** Throws with what the launcher said when it ends before. */
const inMidMorning = async ({ launcher, dataDir }: Day): Promise<void> => {
  while (acknowledged(dataDir, 'day/HZ001') < KILL_AFTER) {
    if (!launcher.isRunning)
      throw new Error(`the launcher ended before the middle of the morning:\n${launcher.output}`);
    await pause(POLL_MS);
  }
};

let page: string;
beforeAll(async () => {
  page = await pageOf(await launch('embedded'));
}, DAY_TIMEOUT_MS);

test(
  'a day over Kafka, with a process and a database per service, ends with the page of the embedded run, to the letter',
  async () => {
    const day = await launch('cluster');
    expect(await pageOf(day)).toBe(page);
    expect(page).toContain('Trial balance 0.00 CNY');
    await clearBroker();
  },
  DAY_TIMEOUT_MS,
);

test(
  'so does a day with two ledgers, on which a service is killed and started again by hand',
  async () => {
    const day = await launch('cluster', '--replicas', 'visit-ledger=2');
    await inMidMorning(day);
    const { pid } = JSON.parse(readFileSync(join(day.dataDir, `run/${VICTIM}.json`), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    await day.launcher.says(`✗ ${VICTIM} died (SIGKILL)`, DAY_TIMEOUT_MS);
    expect(day.launcher.output).toContain(
      `npm run start:cluster -- --service ${VICTIM} --data ${day.dataDir}`,
    );

    const byHand = new Launcher(['--service', VICTIM, '--data', day.dataDir], {}, 'cluster');
    launchers.push(byHand);
    await day.launcher.says(`✔ ${VICTIM} is back`, DAY_TIMEOUT_MS);
    expect(await pageOf(day)).toBe(page);
    // What was started by hand ends with the cluster it is a part of.
    expect(await byHand.ended).toBe(0);
    await clearBroker();
  },
  DAY_TIMEOUT_MS,
);
