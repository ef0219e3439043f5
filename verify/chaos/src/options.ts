import { join, resolve } from 'node:path';
import { CommandLine } from '@caretab/command-line';
import { isKind, type Kind, KINDS, MEANING } from './faults';

export interface ChaosOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** The first of the ports to listen on. */
  readonly port: number;
  readonly dataDir: string;
  /** Nothing but the result and the JSON line. */
  readonly json: boolean;
  readonly kinds: readonly Kind[];
  /** Charges a second that the hospitals try to send. */
  readonly ratePerSecond: number;
}

const SEEDS = 1_000_000;
const MINUTES_MAX = 24 * 60;

const HELP = `npm run chaos                    start a cluster, put it under load and under fire
  for 5 minutes, heal it, judge it
  --minutes N                    how long the fire lasts (default 5, decimals allowed)
  --seed N                       which faults, and when (default: from the time; printed). The schedule is the seed's;
                                 what real processes make of it is not replayed exactly
  --faults A,B                   only these kinds (default: all)
  --rate N                       charges a second (default 40)
  --port N                       first of 80 ports to listen on (default 18200)
  --data DIR                     data folder, deleted and created again (default ./data/chaos); kept
  when a promise is broken
  --json                         only the result and one JSON line
${KINDS.map((kind) => `  ${kind.padEnd(24)}${MEANING[kind]}`).join('\n')}
It needs Java 17 or newer, and Maven the first time. Status 0 only if every promise held.`;

/** Reads the command line. `nowMs`: where a seed comes from that was not given. Throws Usage. */
export const optionsOf = (args: readonly string[], root: string, nowMs: number): ChaosOptions => {
  const commandLine = new CommandLine(args, {
    help: HELP,
    flags: ['--json'],
    values: ['--minutes', '--seed', '--faults', '--rate', '--port', '--data'],
  });
  const minutes = Number(commandLine.value('--minutes') ?? 5);
  if (!(minutes > 0 && minutes <= MINUTES_MAX))
    throw commandLine.wrong(`--minutes takes a number above 0, ${MINUTES_MAX} at most`);
  const whole = (name: string, otherwise: number, max: number): number =>
    commandLine.whole(name, { min: 1, max }) ?? otherwise;
  const named = commandLine.all('--faults').flatMap((list) => list.split(','));
  const unknown = named.find((name) => !isKind(name));
  if (unknown !== undefined) throw commandLine.wrong(`--faults: there is no kind ${unknown}`);
  return {
    durationMs: Math.round(minutes * 60_000),
    seed: whole('--seed', (nowMs % SEEDS) + 1, 2 ** 31),
    port: commandLine.port('--port', 18_200),
    dataDir: resolve(commandLine.value('--data') ?? join(root, 'data/chaos')),
    json: commandLine.has('--json'),
    kinds: named.length === 0 ? KINDS : KINDS.filter((kind) => named.includes(kind)),
    ratePerSecond: whole('--rate', 40, 1000),
  };
};
