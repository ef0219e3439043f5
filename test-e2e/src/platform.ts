import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MllpAddress, pause, type SignedIn } from '@caretab/hospital';
import { Launcher } from './launcher';
import { freePorts, type Ports } from './ports';

/**
 * Where a running platform is found; plain data, so that it can be handed from the set-up of a run
 * to its journeys.
 */
export interface Address {
  readonly url: string;
  readonly host: string;
  readonly mllpPort: number;
  readonly dataDir: string;
  /** Staff who are registered there and approve what its operator asks for. */
  readonly people?: readonly SignedIn[];
  /** Where single services answer, if not all at `url`. */
  readonly serviceUrls?: Readonly<Record<string, string>>;
}

/** Where its gateway takes HL7. */
export const mllpOf = ({ host, mllpPort }: Address): MllpAddress => ({ host, port: mllpPort });

const HOST = '127.0.0.1';
/** A journey looks into the log for what must never stand there, so everything is logged. */
const VERBOSE = { LOG_LEVEL: 'debug' };
/** As in a cluster: the machine may be busy with other journeys' starts. */
const START_TIMEOUT_MS = 240_000;
const DATABASE_STOP_TIMEOUT_MS = 20_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * A platform that was killed leaves its database running for the next start; after a test there is
 * none.
 */
const stopDatabase = async (dataDir: string): Promise<void> => {
  const file = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid < 2 || !isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  const giveUpAt = performance.now() + DATABASE_STOP_TIMEOUT_MS;
  while (isAlive(pid) && performance.now() < giveUpAt) await pause(50);
};

/** An empty folder for the data of one platform. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'caretab-e2e-'));

/** Stops what a killed platform left behind, and removes the folder. */
export const removeFolder = async (folder: string): Promise<void> => {
  await stopDatabase(join(folder, 'data'));
  rmSync(folder, { recursive: true, force: true });
};

/**
 * The whole platform in one process, from outside: start, stop, kill -9, start again on the same
 * data and the same ports.
 */
export class Platform {
  private readonly logs: string[] = [];
  private launcher: Launcher | undefined;

  private constructor(
    private readonly folder: string,
    private readonly ports: Ports,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /**
   * Starts on free ports in an empty temporary folder, without the sample day. `settings`: further
   * environment variables.
   */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Platform> {
    const platform = new Platform(temporaryFolder(), await freePorts(), settings);
    try {
      await platform.startAgain();
    } catch (error) {
      await platform.remove();
      throw error;
    }
    return platform;
  }

  get address(): Address {
    return {
      url: `http://${HOST}:${this.ports.port}`,
      host: HOST,
      mllpPort: this.ports.mllpPort,
      dataDir: join(this.folder, 'data'),
    };
  }

  /** Everything printed and logged by every process of it. */
  get log(): string {
    return [...this.logs, this.launcher?.output ?? ''].join('');
  }

  async startAgain(): Promise<void> {
    this.keepLog();
    this.launcher = new Launcher(
      [
        '--idle',
        '--data',
        this.address.dataDir,
        '--port',
        String(this.ports.port),
        '--mllp-port',
        String(this.ports.mllpPort),
      ],
      { ...VERBOSE, ...this.settings },
    );
    await this.launcher.says('CareTab is up', START_TIMEOUT_MS);
  }

  async killHard(): Promise<void> {
    await this.launcher?.killHard();
  }

  /** Gives the exit code. */
  async stop(): Promise<number | null | undefined> {
    return this.launcher?.stop();
  }

  /** Stops it, whatever state it is in, and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    await removeFolder(this.folder);
  }

  private keepLog(): void {
    if (this.launcher) this.logs.push(this.launcher.output);
  }
}
