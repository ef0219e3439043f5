import { join } from 'node:path';
import { Launcher } from '../launcher';
import { removeFolder, temporaryFolder } from '../platform';
import { freePorts } from '../ports';

const TIMEOUT_MS = 600_000;
/** Those of the platform's processes, engines and lines; some stay unused. */
const PORTS_NEEDED = 80;
const MINUTES = '0.8';
/** Charges a second: what waits when the fire is over is worked off in seconds. */
const RATE = '25';
const SEED = '20260301';
const FAULTS = ['service-kill', 'postgres-kill', 'kafka-kill', 'postgres-line', 'clock-jump'];

interface ChaosResult {
  readonly result: string;
  readonly decided: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly promise: string;
    readonly holds: boolean;
    readonly checked: number;
  }[];
}

let folder: string;
let launcher: Launcher | undefined;
afterAll(async () => {
  await launcher?.stop();
  await removeFolder(folder);
});

test(
  'nothing is lost or doubled while services, the database and the broker are ' +
    'killed under load, a line breaks, and a clock jumps',
  async () => {
    folder = temporaryFolder();
    const { port } = await freePorts(PORTS_NEEDED);
    launcher = new Launcher(
      [
        '--minutes',
        MINUTES,
        '--rate',
        RATE,
        '--seed',
        SEED,
        '--faults',
        FAULTS.join(','),
        '--json',
        '--port',
        String(port),
        '--data',
        join(folder, 'data'),
      ],
      {},
      'chaos',
    );
    const code = await launcher.ended;
    const line = launcher.output
      .trimEnd()
      .split('\n')
      .reverse()
      .find((text) => text.startsWith('{'));
    if (!line) throw new Error(`it ended with ${code} and without a result:\n${launcher.output}`);
    const { result, decided, faults, findings } = JSON.parse(line) as ChaosResult;
    expect(findings.filter(({ holds }) => !holds)).toEqual([]);
    expect({ result, code }).toEqual({ result: 'held', code: 0 });
    // A result of nothing would hold as well.
    expect(findings.length).toBeGreaterThan(20);
    expect(decided).toBeGreaterThan(300);
    for (const kind of FAULTS) expect(faults[kind]).toBeGreaterThanOrEqual(1);
  },
  TIMEOUT_MS,
);
