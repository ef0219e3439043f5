import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { heapFlagsOf } from '@caretab/deploy';
import { copyIn } from '../identity/copy-in';
import { type LoneSite, startLone } from '../lone/site';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { fillHolders } from './holders';
import type { CardsOptions } from './options';
import type { CardsResult } from './report';
import { isPlanted, rowOf } from './rows';

const CARETAB = resolve(__dirname, '../../../../deploy/dist/caretab/main.js');
const MEMORY_MB_MAX = 300;
/** As its image runs it. */
const FLAGS = [...heapFlagsOf('identity'), '--enable-source-maps'];
const LOOK_MS = 200;
const BATCH = 5_000;
const HEADING = 'idNumber,name,medium,number';

/** One run. Rejects when it is void before its end. */
export const cards = (options: CardsOptions, progress: Progress): Promise<CardsResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  { rows }: CardsOptions,
  progress: Progress,
  machine: Machine,
): Promise<CardsResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const database = await progress.step('PostgreSQL', (update) => machine.database(update));
  const site = await progress.step('identity, a process of its own', () =>
    startLone(machine, 'identity', { database, profileDir: undefined, flags: FLAGS }),
  );
  const { client, secrets } = site;
  await progress.step(`${rows.toLocaleString('en')} holders by COPY`, () =>
    fillHolders(client, rows, secrets['IDENTITY_MASTER_KEY']!),
  );
  const file = join(machine.folder, 'cards.csv');
  await progress.step('the file', () => writeFile(file, rows));
  const raw = await progress.step('raw COPY of its rows', () => rawCopy(site, rows));
  const sent = await progress.step('sent by caretab card-file', () =>
    Promise.race([send(site, file, machine.folder), site.process.died]),
  );
  const serviceMb = peakMb(site.process.pid) ?? 0;
  const faults = [
    ...(await rejectFaults(`${file}.rejects.csv`, rows)),
    ...(await cardFaults(site, rows)),
    ...[
      ['the service', serviceMb],
      ['the sender', sent.senderMb],
    ].flatMap(([who, mb]) =>
      Number(mb) < MEMORY_MB_MAX ? [] : [`${who} took ${mb} MB, not less than ${MEMORY_MB_MAX}`],
    ),
  ];
  await site.process.stop();
  const value = Math.round(rows / sent.seconds);
  return {
    ...{ bench: 'cards', value, raw, ratioToRaw: Number((value / raw).toFixed(4)) },
    ...{ rejected: sent.rejected, serviceMb, senderMb: sent.senderMb, faults },
    settings: { rows, loadAverage, flags: FLAGS.join(' '), node: process.version },
  };
};

const writeFile = async (file: string, rows: number): Promise<void> => {
  const out = createWriteStream(file);
  out.write(`${HEADING}\n`);
  for (let row = 1; row <= rows; row += 1) {
    const { idNumber, name, medium, number } = rowOf(row, rows);
    if (!out.write(`${idNumber},${name},${medium},${number}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
};

/** Rows a second into a table of the same columns. */
const rawCopy = async ({ client }: LoneSite, rows: number): Promise<number> => {
  await client.query(
    'create table raw_card (row integer primary key, id_number text, name text, medium text, number text)',
  );
  let tookMs = 0;
  for (let from = 1; from <= rows; from += BATCH) {
    const part = Array.from({ length: Math.min(BATCH, rows - from + 1) }, (_, at) => {
      const { idNumber, name, medium, number } = rowOf(from + at, rows);
      return [String(from + at), idNumber, name, medium, number];
    });
    const startedAtMs = performance.now();
    await copyIn(client, 'raw_card (row, id_number, name, medium, number)', part);
    tookMs += performance.now() - startedAtMs;
  }
  await client.query('drop table raw_card');
  return Math.round((rows * 1000) / tookMs);
};

/** The most memory that a process had so far, as Linux counts it. */
const peakMb = (pid: number): number | undefined => {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, 'utf8')) ?? [];
  return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
};

const send = async (
  { process: service }: LoneSite,
  file: string,
  folder: string,
): Promise<{ seconds: number; rejected: number; senderMb: number }> => {
  const args = [CARETAB, 'card-file', 'send', file, '--kind', 'cards', '--json'];
  const child = spawn(process.execPath, [...args, '--url', service.url], {
    // Where no key of an operator is: the service asks for none.
    env: { ...process.env, CARETAB_DATA: join(folder, 'none'), HOME: folder, OPERATOR_KEY: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [senderMb, out] = [0, ''];
  const look = setInterval(() => {
    senderMb = Math.max(senderMb, (child.pid && peakMb(child.pid)) || 0);
  }, LOOK_MS);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  // Some rows are wrong: that is its status 1.
  if (code !== 1 || out === '') throw new Error(`caretab card-file ended with ${code}`);
  const { seconds, rejected } = JSON.parse(out) as { seconds: number; rejected: number };
  return { seconds, rejected, senderMb };
};

/** The rows of the file of rejects are those that are wrong, and no others. */
const rejectFaults = async (file: string, rows: number): Promise<string[]> => {
  const faults: string[] = [];
  const rejected = new Set<number>();
  if (existsSync(file))
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const row = Number(line.split(',')[4]?.replaceAll('"', ''));
      if (Number.isInteger(row)) rejected.add(row);
    }
  for (let row = 1; row <= rows; row += 1)
    if (rejected.has(row) !== isPlanted(row, rows))
      faults.push(`row ${row} was ${rejected.has(row) ? '' : 'not '}rejected`);
  return faults.slice(0, 20);
};

const cardFaults = async ({ client }: LoneSite, rows: number): Promise<string[]> => {
  const { rows: found } = await client.query<{ count: number }>(
    'select count(*)::int as count from identity.card',
  );
  let right = 0;
  for (let row = 1; row <= rows; row += 1) if (!isPlanted(row, rows)) right += 1;
  return found[0]!.count === right ? [] : [`there are ${found[0]!.count} cards, not ${right}`];
};
