import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { CommandLine } from '@caretab/command-line';
import { formatYuan } from '@caretab/kernel';
import { compareFiles, type KeyDifference, type RowFile } from '@caretab/payment';
import { type Command, printJson, printTable } from './command';

const HELP = `caretab compare-rows --institution FILE --centre FILE
                                      compare two files of delimited rows by their keys: a hospital's
                                      with those of an insurer, a channel or a bank
  --institution-key C   the column of the hospital's file by which rows belong together (default id)
  --institution-amount C
                        its column of the amount, in yuan (default yuan)
  --centre-key C        the same of the other file (default id)
  --centre-amount C     the same of the other file (default yuan)
  --delimiter D         between columns (default ,)
  --differences FILE    where keys that differ are written, as CSV
  --json                for other programs
Files have a header and no quotes, UTF-8, in any order and of any length: memory does not grow with them.
One row may stand against several; then their sums are compared. Ends with status 1 where a key differs or a row
is not readable.`;

const HEADING = 'key,result,institution_rows,institution_yuan,centre_rows,centre_yuan\n';

const rowOf = ({ key, result, leftRows, leftFen, rightRows, rightFen }: KeyDifference): string =>
  `${[key, result, leftRows, formatYuan(leftFen), rightRows, formatYuan(rightFen)].join(',')}\n`;

const fileOf = (given: CommandLine, side: 'institution' | 'centre'): RowFile => {
  const path = given.value(`--${side}`);
  if (path === undefined) throw given.wrong(`It needs --${side}`);
  return {
    path,
    delimiter: given.value('--delimiter') ?? ',',
    key: given.value(`--${side}-key`) ?? 'id',
    amount: given.value(`--${side}-amount`) ?? 'yuan',
  };
};

/** Compares what a hospital has with what another has. Runbook: docs/runbooks/reconciliation.md. */
export const compareRows: Command = {
  name: 'compare-rows',
  what: "compare a hospital's rows with an insurer's, a channel's or a bank's",
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [
        ...['--institution', '--institution-key', '--institution-amount', '--delimiter'],
        ...['--centre', '--centre-key', '--centre-amount', '--differences'],
      ],
    });
    const [ours, theirs] = [fileOf(given, 'institution'), fileOf(given, 'centre')];
    const path = given.value('--differences');
    const out: WriteStream | undefined =
      path === undefined ? undefined : createWriteStream(path, { mode: 0o600 });
    out?.write(HEADING);
    const compared = await compareFiles(ours, theirs, (difference) =>
      out?.write(rowOf(difference)),
    );
    if (out) await once(out.end(), 'close');
    if (given.has('--json')) printJson(compared, print);
    else {
      const { balanced, institutionMore, centreMore, differ, unreadable } = compared;
      printTable(
        [
          ['result', 'keys'],
          ...Object.entries(balanced).map(([how, keys]) => [`balanced ${how}`, String(keys)]),
          ['institution more', String(institutionMore)],
          ['centre more', String(centreMore)],
          ['differ', String(differ)],
        ],
        print,
      );
      print(`institution less centre: ${formatYuan(compared.differenceFen)} yuan`);
      if (unreadable > 0) print(`rows that are not readable: ${unreadable}`);
    }
    return compared.agrees ? 0 : 1;
  },
};
