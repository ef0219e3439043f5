import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareFiles, type KeyDifference, type RowFile } from '@caretab/payment';
import type { Progress } from '../progress';
import { forgetPeak, peakRssMb } from '../summaries/memory';
import type { ReconciliationOptions } from './options';
import type { ReconciliationResult } from './report';

const SECONDS_MAX = 300;
const MB_MAX = 1000;
/** Rows of the channel that one line of the bank comes to. */
const BATCH = 1000;

const insuredYuan = (visit: number): string => `${(visit % 900) + 10}.${10 + (visit % 90)}`;
const cashFen = (visit: number): number => 1000 + (visit % 9000);
const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** Writes lines as they are made. */
const written = async (path: string, lines: Iterable<string>): Promise<string> => {
  const out = createWriteStream(path);
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < 1 << 16) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'close');
  return path;
};

/** Every visit but two is on both sides: one only here, one only there, and one has another amount. */
const planted = (visits: number) => ({ onlyOurs: 7, onlyTheirs: visits - 7, differs: 11 });

function* institutionRows(visits: number): Generator<string> {
  const { onlyTheirs } = planted(visits);
  yield 'settlement,insured,order,cash';
  for (let visit = 0; visit < visits; visit++)
    if (visit !== onlyTheirs)
      yield `S${visit},${insuredYuan(visit)},O${visit},${yuan(cashFen(visit))}`;
}

function* insurerRows(visits: number): Generator<string> {
  const { onlyOurs, differs } = planted(visits);
  yield 'id,yuan';
  // Another order than the hospital's.
  for (let visit = visits - 1; visit >= 0; visit--)
    if (visit !== onlyOurs) yield `S${visit},${visit === differs ? '0.01' : insuredYuan(visit)}`;
}

function* channelRows(visits: number): Generator<string> {
  const { onlyOurs, differs } = planted(visits);
  yield 'order,batch,cash';
  for (let visit = 0; visit < visits; visit++)
    if (visit !== onlyOurs)
      yield `O${visit},B${Math.floor(visit / BATCH)},${visit === differs ? '0.01' : yuan(cashFen(visit))}`;
}

function* bankRows(visits: number): Generator<string> {
  const { onlyOurs, differs } = planted(visits);
  const batches = Math.ceil(visits / BATCH);
  yield 'batch,yuan';
  for (let batch = 0; batch < batches; batch++) {
    let fen = 0;
    const until = Math.min(visits, (batch + 1) * BATCH);
    for (let visit = batch * BATCH; visit < until; visit++)
      if (visit !== onlyOurs) fen += visit === differs ? 1 : cashFen(visit);
    // The bank lacks one batch, and has one of another sum.
    if (batch !== 2) yield `B${batch},${yuan(batch === 4 ? fen + 1 : fen)}`;
  }
  yield 'B-unknown,1.00';
}

interface Comparison {
  readonly name: string;
  readonly left: RowFile;
  readonly right: RowFile;
  readonly expected: readonly string[];
}

const comparisonsOf = (
  paths: Readonly<Record<'institution' | 'insurer' | 'channel' | 'bank', string>>,
  visits: number,
): readonly Comparison[] => {
  const file = (path: string, key: string, amount: string): RowFile => ({
    ...{ path, delimiter: ',', key, amount },
  });
  const { onlyOurs, onlyTheirs, differs } = planted(visits);
  const kinds = (prefix: string): string[] => [
    ...[`${prefix}${onlyOurs} institution-more`, `${prefix}${onlyTheirs} centre-more`],
    `${prefix}${differs} differ`,
  ];
  return [
    {
      name: 'hospital with insurer',
      left: file(paths.institution, 'settlement', 'insured'),
      right: file(paths.insurer, 'id', 'yuan'),
      expected: kinds('S'),
    },
    {
      name: 'hospital with channel',
      left: file(paths.institution, 'order', 'cash'),
      right: file(paths.channel, 'order', 'cash'),
      expected: kinds('O'),
    },
    {
      name: 'channel with bank',
      left: file(paths.channel, 'batch', 'cash'),
      right: file(paths.bank, 'batch', 'yuan'),
      expected: ['B2 institution-more', 'B-unknown centre-more', 'B4 differ'],
    },
  ];
};

/** One run. Rejects when it is void before its end. */
export const reconciliation = async (
  { rows }: ReconciliationOptions,
  progress: Progress,
): Promise<ReconciliationResult> => {
  const visits = Math.floor((rows * BATCH) / (3 * BATCH + 1));
  const folder = await mkdtemp(join(tmpdir(), 'caretab-bench-'));
  try {
    const make = (name: string, lines: Iterable<string>): Promise<string> =>
      progress.step(`rows of the ${name}`, () => written(join(folder, `${name}.csv`), lines));
    const paths = {
      institution: await make('hospital', institutionRows(visits)),
      insurer: await make('insurer', insurerRows(visits)),
      channel: await make('channel', channelRows(visits)),
      bank: await make('bank', bankRows(visits)),
    };
    const faults: string[] = [];
    forgetPeak(process.pid);
    let seconds = 0;
    for (const { name, left, right, expected } of comparisonsOf(paths, visits)) {
      const found: string[] = [];
      const note = ({ key, result }: KeyDifference): void => void found.push(`${key} ${result}`);
      const began = performance.now();
      const compared = await progress.step(name, () => compareFiles(left, right, note));
      seconds += (performance.now() - began) / 1000;
      if (compared.unreadable > 0) faults.push(`${name}: ${compared.unreadable} rows are not read`);
      if (found.sort().join() !== [...expected].sort().join())
        faults.push(`${name}: ${found.length} keys differ, not the planted ${expected.join(', ')}`);
    }
    const peakMb = Math.round(peakRssMb(process.pid));
    if (seconds >= SECONDS_MAX) faults.push(`it took ${seconds.toFixed(0)} s`);
    if (peakMb >= MB_MAX) faults.push(`it took ${peakMb} MB`);
    return {
      ...{ bench: 'reconciliation', rows, seconds, peakMb, faults },
      value: Math.round(rows / seconds),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
