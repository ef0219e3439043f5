import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@caretab/hospital';
import { ROOT } from './launcher';
import { temporaryFolder } from './platform';

const PRELOAD = join(ROOT, 'test-e2e/shifted-clock.cjs');
/** The platform's processes look at the file this often, and a little more. */
const SEEN_AFTER_MS = 200;
const HOUR_MS = 3_600_000;

/** A clock that a journey sets, in a file. */
class FileSetClock {
  protected readonly file = join(temporaryFolder(), 'clock');
  private aheadMs = 0;

  readonly now = (): number => Date.now() + this.aheadMs;

  /** Resolves when every process goes by it. */
  async isAhead(hours: number): Promise<void> {
    this.aheadMs = Math.round(hours * HOUR_MS);
    writeFileSync(this.file, String(this.aheadMs));
    await pause(SEEN_AFTER_MS);
  }
}

/**
 * The clock by which a platform and the sandbox decide, as days that pass. One-time codes, tokens and
 * approvals go by the database's.
 */
export class PlatformClock extends FileSetClock {
  /** Settings to start the platform with. */
  get settings(): Readonly<Record<string, string>> {
    return { CLOCK_FILE: this.file };
  }
}

/** The clock of the machine on which a platform's processes run; PostgreSQL keeps its own. */
export class MachineClock extends FileSetClock {
  /** Settings to start the platform with. */
  get settings(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--require ${PRELOAD}`, SHIFTED_CLOCK_FILE: this.file };
  }
}
