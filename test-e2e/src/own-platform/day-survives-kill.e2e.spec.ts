import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { Launcher } from '../launcher';
import { removeFolder, temporaryFolder } from '../platform';
import { freePorts } from '../ports';
import { acknowledged, expectedPage, pageIn } from '../sample-day';

const DAY_TIMEOUT_MS = 240_000;
/**
 * Messages of the first hospital that were acknowledged when the power goes: early, and in the
 * middle.
 */
const KILL_AFTER = [40, 350] as const;

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

const optionsOf = async (folder: string): Promise<string[]> => {
  const { port, mllpPort } = await freePorts();
  return [
    '--exit',
    '--data',
    join(folder, 'data'),
    '--port',
    String(port),
    '--mllp-port',
    String(mllpPort),
  ];
};

const newFolder = (): string => {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
};

/**
 * Plays the day through, killing the process whenever so many messages are acknowledged; gives the
 * page.
 */
const playDay = async (killAfter: readonly number[]): Promise<string> => {
  const folder = newFolder();
  const options = await optionsOf(folder);
  for (const messages of killAfter) {
    const killed = new Launcher(options);
    await eventually(
      () =>
        expect(acknowledged(join(folder, 'data'), 'day/HZ001')).toBeGreaterThanOrEqual(messages),
      DAY_TIMEOUT_MS,
    );
    await killed.killHard();
  }
  const finished = new Launcher(options);
  const code = await finished.ended;
  if (code !== 0) throw new Error(`the day ended with ${code}:\n${finished.output}`);
  return pageIn(finished.output);
};

test(
  'a sample day that is killed twice ends with exactly the page of a day that was not',
  async () => {
    expect(await playDay(KILL_AFTER)).toBe(expectedPage());
  },
  2 * DAY_TIMEOUT_MS,
);
