import { CommandLine, Usage } from '@caretab/command-line';

export interface ProfileOptions {
  readonly json: boolean;
  /** Where a profiled run left its CPU profiles. */
  readonly dir: string;
  /** Of each profile left out: its start, and its end. */
  readonly skipSeconds: number;
  readonly tailSeconds: number;
}

export const PROFILE_HELP = `npm run bench -- profile DIR   on what the processes of a profiled run spent their CPU:
                               the access model by its parts, and the rest by libraries
  --skip S                     seconds at the start of each profile to leave out (default 25)
  --tail S                     seconds at its end (default 10)
  --json                       end with one line of JSON
DIR is what a bench was given as --profile. Each sample counts for the module that was running, or
that had called what Node itself was running.`;

/** Reads the command line after `profile`. Throws Usage. */
export const profileOptionsOf = (args: readonly string[]): ProfileOptions => {
  const [dir, ...rest] = args;
  const given = new CommandLine(dir?.startsWith('--') ? args : rest, {
    help: PROFILE_HELP,
    flags: ['--json'],
    values: ['--skip', '--tail'],
  });
  if (dir === undefined || dir.startsWith('--'))
    throw new Usage(`profile: DIR is missing\n\n${PROFILE_HELP}`, 2);
  return {
    dir,
    json: given.has('--json'),
    skipSeconds: given.whole('--skip', { min: 0, max: 3600 }) ?? 25,
    tailSeconds: given.whole('--tail', { min: 0, max: 3600 }) ?? 10,
  };
};
