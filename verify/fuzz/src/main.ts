import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTelemetry } from '@caretab/telemetry';
import { run, Steps } from '@caretab/deploy';
import { fuzz } from './fuzz';
import { type FuzzOptions, optionsOf } from './options';
import type { Tally } from './tally';

const telemetry = startTelemetry({ serviceName: 'caretab-fuzz' });
const steps = new Steps(process.stdout);
const ROOT = join(__dirname, '../../..');

const told = ({ door, sent, outcomes }: Tally): string => {
  const rows = [...outcomes].sort(([, a], [, b]) => b - a);
  return [
    `${door}: ${sent} inputs`,
    ...rows.slice(0, 12).map(([what, count]) => `  ${String(count).padStart(7)}  ${what}`),
    ...(rows.length > 12 ? [`           and ${rows.length - 12} other outcomes`] : []),
  ].join('\n');
};

const fuzzAll = async (options: FuzzOptions): Promise<number> => {
  const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'caretab-fuzz-'));
  const startedAt = performance.now();
  try {
    const { tallies, faults, peakMemoryMb } = await fuzz(
      { ...options, dataDir, samplesDir: join(ROOT, 'samples'), isNew: options.data === undefined },
      steps,
      telemetry,
    );
    const inputs = tallies.reduce((sum, { sent }) => sum + sent, 0);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (!options.json) for (const tally of tallies) steps.line(`\n${told(tally)}`);
    for (const fault of faults.slice(0, 30)) steps.line(`✗ ${fault}`);
    const result = faults.length === 0 ? 'held' : 'broken';
    steps.line(
      faults.length === 0
        ? `\n✓ ${inputs} inputs: each was accepted, refused with a reason, or parked; ` +
            'no crash, no hang, nothing dropped'
        : `\n✗ ${inputs} inputs: ${faults.length} faults`,
    );
    steps.line(
      JSON.stringify({
        result,
        seed: options.seed,
        bus: options.kafka ? 'kafka' : 'embedded',
        inputs,
        faults: faults.length,
        peakMemoryMb,
        seconds,
        doors: Object.fromEntries(
          tallies.map(({ door, sent, repeats, outcomes }) => [
            door,
            { sent, ...(repeats > 0 && { repeats }), ...Object.fromEntries(outcomes) },
          ]),
        ),
      }),
    );
    return faults.length === 0 ? 0 : 1;
  } finally {
    if (!options.data) rmSync(dataDir, { recursive: true, force: true });
  }
};

run(() => fuzzAll(optionsOf(process.argv.slice(2))), steps, 'npm run fuzz');
