import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CARD_FILE_KINDS,
  CARD_FILE_PART_MAX,
  type CardFileKind,
  cardFileRoutes as routes,
} from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { downloadList } from './card-file-list';
import { writeRejects } from './card-file-rejects';
import { type FileRow, rowsOf } from './card-file-rows';
import type { Command, Print } from './command';
import { machineHelp, machineOptions, machineOrPlatformOf } from './machine-key';
import { addressHelp, addressOptions, type Platform, Refused } from './platform';

const HELP = `caretab card-file send FILE --kind KIND   sends a file about cards, of any size, row by row
caretab card-file list white|black --to FILE   what changed on a list, as a file
  --kind KIND      ${CARD_FILE_KINDS.join(', ')}
  --rejects FILE   where rows that were not taken go, with why (default FILE.rejects.csv
                   or .ndjson); corrected there, that file can be sent itself
  --after N        list: what changed behind this number, the last line of an earlier file
${machineHelp}
${addressHelp}
  --json           send: what became of it, for other programs
A file ends with .csv (UTF-8, comma-separated, with a heading) or holds a JSON object a line. A file that
broke off goes on where it was, when it is sent again. Status 0: all rows were taken; 1: not all.
Fields of the rows: docs/integration-cards.md.`;

const VALUES = ['--kind', '--rejects', '--to', '--after'];
const TRIES_MAX = 6;
const PART_LENGTH_MAX = 700_000;
const PROGRESS_MS = 2_000;
/** Later it may be taken. */
const PASSING = new Set(['OVERLOADED', 'UNAVAILABLE', 'INTERNAL', 'ACCESS_NOT_RECORDED']);

/** Files about cards, by who sends and fetches them. Runbook: docs/runbooks/card-files.md. */
export const cardFile: Command = {
  name: 'card-file',
  what: 'files about cards: send one row by row, fetch the white or the black list',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [...VALUES, ...machineOptions, ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, what] = given.positionals;
    if (verb !== 'send' && verb !== 'list') throw given.wrong('It takes send or list');
    const platform = machineOrPlatformOf(given);
    if (verb === 'list') {
      const to = given.value('--to');
      if (what !== 'white' && what !== 'black') throw given.wrong('list takes white or black');
      if (to === undefined) throw given.wrong('list needs --to');
      return downloadList(platform, { list: what, to, after: given.value('--after') }, print);
    }
    const kind = given.oneOf('--kind', CARD_FILE_KINDS);
    if (what === undefined || kind === undefined) throw given.wrong('send needs a file and --kind');
    return send(platform, { file: what, kind, given }, print);
  },
};

interface Sending {
  readonly file: string;
  readonly kind: CardFileKind;
  readonly given: CommandLine;
}

const send = async (
  platform: Platform,
  { file, kind, given }: Sending,
  print: Print,
): Promise<number> => {
  const startedAtMs = Date.now();
  const fileHash = await hashOf(file);
  const which = { fileHash, kind };
  const before = await again(() =>
    platform.ask(routes.readCardFile, { params: { fileHash }, query: { kind } }),
  );
  let through = before.through;
  let shownAtMs = startedAtMs;
  for await (const rows of partsOf(file, before.through)) {
    const firstRow = rows[0]!.number;
    const body = { kind, firstRow, rows: rows.map(({ said }) => said) };
    await again(() => platform.ask(routes.sendCardFileRows, { params: { fileHash }, body }));
    through = firstRow + rows.length - 1;
    if (Date.now() - shownAtMs < PROGRESS_MS) continue;
    shownAtMs = Date.now();
    const perSecond = Math.round(((through - before.through) * 1000) / (shownAtMs - startedAtMs));
    process.stderr.write(`${through} rows, ${perSecond}/s\n`);
  }
  const { rejected } = await again(() =>
    platform.ask(routes.readCardFile, { params: { fileHash }, query: { kind } }),
  );
  const form = /\.csv$/i.test(file) ? 'csv' : 'ndjson';
  const to = given.value('--rejects') ?? `${file}.rejects.${form}`;
  if (rejected > 0) await writeRejects(platform, file, to, which);
  const seconds = (Date.now() - startedAtMs) / 1000;
  const done = { fileHash, kind, rows: through, taken: through - rejected, rejected, seconds };
  if (given.has('--json')) print(JSON.stringify({ ...done, ...(rejected > 0 && { rejects: to }) }));
  else {
    print(`${through} rows of ${file}: ${done.taken} taken, ${rejected} rejected`);
    if (rejected > 0)
      print(`why, and what to do: ${to}. Correct the rows there, and send that file`);
  }
  return rejected === 0 ? 0 : 1;
};

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  } catch (error) {
    throw new Refused(`${file} cannot be read: ${(error as Error).message}`);
  }
  return hash.digest('hex');
};

/** The rows behind one, as many at a time as one request takes. */
async function* partsOf(file: string, through: number): AsyncGenerator<readonly FileRow[]> {
  let [part, length]: [FileRow[], number] = [[], 0];
  for await (const row of rowsOf(file)) {
    if (row.number <= through) continue;
    if (part.length === CARD_FILE_PART_MAX || length + row.text.length > PART_LENGTH_MAX) {
      yield part;
      [part, length] = [[], 0];
    }
    part.push(row);
    length += row.text.length;
  }
  if (part.length > 0) yield part;
}

/** What a passing failure refused is asked again: the same part twice changes nothing. */
const again = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  for (let tries = 1; ; tries += 1)
    try {
      return await ask();
    } catch (error) {
      const isPassing =
        error instanceof Refused && (error.code === undefined || PASSING.has(error.code));
      if (!isPassing || tries === TRIES_MAX) throw error;
      process.stderr.write(`${(error as Error).message}; again in ${2 ** tries} s\n`);
      await sleep(2 ** tries * 1000);
    }
};
