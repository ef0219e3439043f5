import { appendFileSync } from 'node:fs';
import type { Steps } from '../launch/steps';
import { isLiving, type Records } from './process-identity';
import { logFileOf, startProcess } from './service-process';
import { runningSite } from './site-file';

const LOOK_INTERVAL_MS = 1000;

/**
 * Starts one process of the cluster that runs on the folder, in the foreground: its log goes to the
 * terminal and to its file. Gives its exit code.
 */
export const serveOne = async (
  dataDir: string,
  asked: string,
  parts: { readonly steps: Steps; readonly records: Records; readonly stop: Promise<unknown> },
): Promise<number> => {
  const { steps, records } = parts;
  const site = runningSite(dataDir);
  if (!site)
    throw new Error(
      `No cluster runs on ${dataDir} that ${asked} could join: ` +
        'start one with npm run start:cluster.',
    );
  if (site.instances.length === 0)
    throw new Error(`The cluster on ${dataDir} is still starting: try again when it is up.`);
  const lives = (name: string): boolean => isLiving(records.of(name) ?? { pid: 0, began: 'never' });
  const instance = site.instances.find(
    ({ name, service }) => (name === asked || service === asked) && !lives(name),
  );
  const known = site.instances.filter(({ name, service }) => name === asked || service === asked);
  if (known.length === 0)
    throw new Error(
      `The cluster on ${dataDir} has no ${asked}; it has ${site.instances.map(({ name }) => name).join(', ')}.`,
    );
  if (!instance)
    throw new Error(
      `${asked} runs already (process ` +
        `${known.map(({ name }) => records.of(name)!.pid).join(', ')}); what it logs ` +
        `is in ${logFileOf(dataDir, known[0]!.name)}.`,
    );
  const { name } = instance;
  const { child, life } = startProcess(dataDir, instance, instance.env, { output: 'pipe' });
  records.note(name, life);
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      appendFileSync(logFileOf(dataDir, name), chunk);
    });
  }
  steps.line(`${name} starts on ${instance.env['HTTP_HOST']}:${instance.port}; Ctrl-C stops it.`);
  void parts.stop.then(() => child.kill('SIGTERM'));
  const looking = setInterval(
    () => !isLiving(site.launcher) && child.kill('SIGTERM'),
    LOOK_INTERVAL_MS,
  );
  const code = await new Promise<number>((resolve) =>
    child.once('close', (status, signal) => {
      steps.line(`${name} ended (${signal ?? `exit code ${status}`}).`);
      resolve(status ?? 1);
    }),
  );
  clearInterval(looking);
  records.forget(name, life);
  return code;
};
