import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@caretab/hospital';
import { acknowledged, expectedPage } from '../sample-day';
import {
  clearBroker,
  type Day,
  DAY_TIMEOUT_MS,
  endDays,
  pageOf,
  playDay,
  startByHand,
} from '../whole-day';

/**
 * Messages of the first hospital after which the service is killed: in the middle of the morning.
 */
const KILL_AFTER = 150;
const VICTIM = 'credit';
const POLL_MS = 50;

afterAll(endDays);

/** Throws with what the launcher said when it ends before. */
const inMidMorning = async ({ launcher, dataDir }: Day): Promise<void> => {
  while (acknowledged(dataDir, 'day/HZ001') < KILL_AFTER) {
    if (!launcher.isRunning)
      throw new Error(`the launcher ended before the middle of the morning:\n${launcher.output}`);
    await pause(POLL_MS);
  }
};

// The same day without a kill: whole-day.long.spec.ts.
test(
  'a day over Kafka, with a process and a database per service and two ledgers, on which a service ' +
    'is killed and started again by hand, ends with the page of the embedded run, to the letter',
  async () => {
    const day = await playDay('cluster', '--replicas', 'visit-ledger=2');
    await inMidMorning(day);
    const { pid } = JSON.parse(readFileSync(join(day.dataDir, `run/${VICTIM}.json`), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    await day.launcher.says(`✗ ${VICTIM} died (SIGKILL)`, DAY_TIMEOUT_MS);
    expect(day.launcher.output).toContain(
      `npm run start:cluster -- --service ${VICTIM} --data ${day.dataDir}`,
    );

    const byHand = startByHand(VICTIM, day);
    await day.launcher.says(`✔ ${VICTIM} is back`, DAY_TIMEOUT_MS);
    expect(await pageOf(day)).toBe(expectedPage());
    // What was started by hand ends with the cluster it is a part of.
    expect(await byHand.ended).toBe(0);
    await clearBroker();
  },
  2 * DAY_TIMEOUT_MS,
);
