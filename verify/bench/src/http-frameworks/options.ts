import { CommandLine } from '@caretab/command-line';

export const FRAMEWORKS = ['raw', 'express', 'fastify'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export interface HttpOptions {
  readonly json: boolean;
  /** Requests to each server in each round. */
  readonly requests: number;
  readonly rounds: number;
}

export const HTTP_HELP = `npm run bench -- http        what an empty POST costs in Nest on Express, in Nest on Fastify,
                             and in Node alone (the raw limit)
  --requests N               requests to each server in each round (default 20000)
  --rounds N                 rounds; the median counts (default 5)
  --json                     end with one line of JSON
Each server is a process of its own. Servers take turns, and their order changes from round to round.`;

/** Reads the command line after `http`. Throws Usage. */
export const httpOptionsOf = (args: readonly string[]): HttpOptions => {
  const given = new CommandLine(args, {
    help: HTTP_HELP,
    flags: ['--json'],
    values: ['--requests', '--rounds'],
  });
  return {
    json: given.has('--json'),
    requests: given.whole('--requests', { min: 1000, max: 1_000_000 }) ?? 20_000,
    rounds: given.whole('--rounds', { min: 1, max: 99 }) ?? 5,
  };
};
