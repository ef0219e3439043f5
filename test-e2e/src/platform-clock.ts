import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@caretab/hospital';
import { ROOT } from './launcher';
import { temporaryFolder } from './platform';

const PRELOAD = join(ROOT, 'test-e2e/shifted-clock.cjs');
/** The platform's processes look at the file this often, and a little more. */
const SEEN_AFTER_MS = 200;

/** The clock of a platform's processes, which a journey can set. PostgreSQL keeps the machine's. */
export class PlatformClock {
  private readonly file = join(temporaryFolder(), 'clock');
  private aheadMs = 0;

  /** Settings to start the platform with. */
  get settings(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--require ${PRELOAD}`, SHIFTED_CLOCK_FILE: this.file };
  }

  readonly now = (): number => Date.now() + this.aheadMs;

  /** Resolves when every process goes by it. */
  async isAhead(hours: number): Promise<void> {
    this.aheadMs = hours * 3_600_000;
    writeFileSync(this.file, String(this.aheadMs));
    await pause(SEEN_AFTER_MS);
  }
}
