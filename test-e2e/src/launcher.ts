import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@caretab/hospital';

export const ROOT = join(__dirname, '../..');
const LAUNCHERS = {
  embedded: join(ROOT, 'deploy/dist/embedded/main.js'),
  cluster: join(ROOT, 'deploy/dist/cluster/main.js'),
  chaos: join(ROOT, 'verify/chaos/dist/main.js'),
  fuzz: join(ROOT, 'verify/fuzz/dist/main.js'),
} as const;
const TAIL_LINES = 40;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Only what a program needs of our own environment: a variable of the developer's must not change
 * what is tested.
 */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG', 'JAVA_HOME'].map((name) => [name, process.env[name]]),
  );

const tailOf = (text: string): string => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');

/** One run of a built launcher, as a process of its own. */
export class Launcher {
  private said = '';
  private readonly child: ChildProcess;
  /** The exit code, or null after a signal. */
  readonly ended: Promise<number | null>;

  constructor(
    options: readonly string[],
    settings: Readonly<Record<string, string>> = {},
    kind: keyof typeof LAUNCHERS = 'embedded',
  ) {
    const program = LAUNCHERS[kind];
    if (!existsSync(program)) throw new Error('the launcher is not built: node tools/build.mjs');
    this.child = spawn(process.execPath, [program, ...options], {
      cwd: ROOT,
      env: { ...environment(), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  /** Everything it has printed and logged so far. */
  get output(): string {
    return this.said;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Resolves once the text was printed. Throws with the end of the log when the process ends first,
   * or the deadline passes.
   */
  async says(text: string, timeoutMs: number): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    while (!this.said.includes(text)) {
      if (!this.isRunning)
        throw new Error(
          `the launcher ended (${this.child.exitCode ?? this.child.signalCode}) before ` +
            `it said "${text}":\n${tailOf(this.said)}`,
        );
      if (performance.now() > giveUpAt)
        throw new Error(
          `the launcher did not say "${text}" within ${timeoutMs / 1000} s:\n${tailOf(this.said)}`,
        );
      await pause(20);
    }
  }

  /** As a power cut: the process gets no signal to handle. */
  async killHard(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** As Ctrl-C; a process that does not stop is killed. Gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.isRunning) this.child.kill('SIGINT');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const code = await this.ended;
    clearTimeout(killer);
    return code;
  }
}
