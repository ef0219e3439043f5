import { CommandLine } from '@caretab/command-line';

export interface CardsOptions {
  readonly json: boolean;
  /** Rows of the file, each with a person who is registered before. */
  readonly rows: number;
}

export const CARDS_HELP = `npm run bench -- cards       a file of cards, sent by caretab card-file, with 1,000 rows that
                             have to be rejected
  --rows N                   rows of the file (default 1000000); of fewer than 20,000 each
                             20th is wrong
  --json                     end with one line of JSON: value and raw (rows a second), ratioToRaw
Identity is a process of its own with its own database, in a temporary folder that is removed. It runs as
its image runs it. The holders are written by COPY before. The raw limit is a COPY of the same rows into a table
with a primary key, in the same run. Ends with status 1 when another row is rejected than those that are
wrong, a card is missing, or the service or the sender takes 300 MB: then the run is void.`;

/** Reads the command line after `cards`. Throws Usage. */
export const cardsOptionsOf = (args: readonly string[]): CardsOptions => {
  const given = new CommandLine(args, { help: CARDS_HELP, flags: ['--json'], values: ['--rows'] });
  return {
    json: given.has('--json'),
    rows: given.whole('--rows', { min: 100, max: 1_000_000 }) ?? 1_000_000,
  };
};
