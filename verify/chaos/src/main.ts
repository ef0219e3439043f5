import { join, relative } from 'node:path';
import { removeEmbeddedPostgres } from '@caretab/engines';
import { setLogLevel } from '@caretab/telemetry';
import {
  end,
  interrupted,
  lifeOf,
  Records,
  run,
  runningSite,
  startOver,
  Steps,
  writeSite,
} from '@caretab/deploy';
import { CalledOff, fight } from './chaos-run';
import { type Ground, startGround } from './supervised-platform';
import { type ChaosOptions, optionsOf } from './options';
import { isGood, jsonLine, page } from './report';

const COMMAND = 'npm run chaos';
const ROOT = join(__dirname, '../../..');
const OURS = ['postgres', 'kafka', 'sandbox', 'logs', 'run', 'clocks', 'cluster.json'];
const LEFTOVERS_TIMEOUT_MS = 20_000;

/**
 * An empty folder: ends what a run that was killed left, and deletes what it made. Refuses while
 * another run has it.
 */
const prepare = async (dataDir: string, records: Records): Promise<void> => {
  const other = runningSite(dataDir);
  if (other)
    throw new Error(
      `Process ${other.launcher.pid} runs on ${dataDir} already: stop it first, or ` +
        `choose another folder: ${COMMAND} -- --data DIR`,
    );
  await end(records.living(), LEFTOVERS_TIMEOUT_MS);
  await clear(dataDir);
  writeSite(dataDir, { launcher: lifeOf(process.pid), instances: [] });
};

const clear = (dataDir: string): Promise<void> =>
  startOver(dataDir, OURS, (folder) => removeEmbeddedPostgres({ dataDir: folder }));

const fightOn = async (
  options: ChaosOptions,
  steps: Steps,
  stop: AbortSignal,
): Promise<boolean> => {
  const { dataDir, port } = options;
  const records = new Records(dataDir);
  await prepare(dataDir, records);
  const goOn = (): void => {
    if (stop.aborted) throw new CalledOff('called off');
  };
  let ground: Ground | undefined;
  let isDone = false;
  try {
    ground = await startGround({ dataDir, port, records, steps, goOn });
    const outcome = await fight(options, { ground, steps, stop });
    isDone = isGood(outcome);
    await ground.stop();
    if (!options.json) process.stdout.write(`${page(outcome)}\n`);
    else
      for (const { promise, holds, details } of outcome.findings)
        if (!holds) process.stdout.write(`✗ ${promise}: ${details}\n`);
    process.stdout.write(
      `\n${isDone ? '✔ every promise held' : '✗ NOT every promise held'} (seed ${options.seed})\n`,
    );
    if (!isDone)
      process.stdout.write(`  what each process logged is in ${join(shown(dataDir), 'logs')}\n`);
    process.stdout.write(`${jsonLine(outcome)}\n`);
  } catch (error) {
    await ground?.stop();
    process.stdout.write(
      `✗ broken off (seed ${options.seed}); what each process logged is in ${join(shown(dataDir), 'logs')}\n`,
    );
    throw error;
  }
  if (isDone) await clear(dataDir);
  return isDone;
};

const shown = (dataDir: string): string => relative(process.cwd(), dataDir) || '.';

const errors = new Steps(process.stdout);
const program = async (): Promise<number> => {
  setLogLevel('fatal');
  const options = optionsOf(process.argv.slice(2), ROOT, Date.now());
  const stop = new AbortController();
  void interrupted().then(() => stop.abort());
  const steps = options.json ? new Steps(process.stderr) : errors;
  steps.line(`seed ${options.seed}`);
  try {
    return (await fightOn(options, steps, stop.signal)) ? 0 : 1;
  } catch (error) {
    if (error instanceof CalledOff) return 1;
    throw error;
  }
};

run(program, errors, COMMAND);
