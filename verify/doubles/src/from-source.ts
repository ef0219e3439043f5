import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface FromSourceOptions {
  readonly args?: readonly string[];
  /** Options of Node itself, such as `--max-old-space-size=64`. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Loads TypeScript as the tests do: the compiler's settings of the build, and the workspaces'
 * sources under their names.
 */
const loader = (root: string): string => `
  const { addHook } = require('pirates');
  const { transformSync } = require('@swc/core');
  const { join } = require('node:path');
  const Module = require('node:module');
  const { $schema, ...swc } = require('./tools/swc.json');
  const { paths } = require('./tsconfig.base.json').compilerOptions;
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    const source = paths[request] && join(${JSON.stringify(root)}, paths[request][0]);
    return resolve.call(this, source ?? request, ...rest);
  };
  const options = { ...swc, swcrc: false, sourceMaps: 'inline' };
  const compiled = (code, filename) => transformSync(code, { ...options, filename }).code;
  addHook(compiled, { exts: ['.ts'] });
  void require(process.argv[1]).run(...process.argv.slice(2));`;

const rootOf = (folder: string): string =>
  existsSync(join(folder, 'tsconfig.base.json')) ? folder : rootOf(dirname(folder));

/**
 * The exported `run` of a TypeScript file of the repository, given `args`, as a process of its own,
 * so that a test can kill it or measure it. It talks by `process.send`; `ended` resolves to its
 * exit code or signal.
 */
export class FromSource {
  private readonly child: ChildProcess;
  private said = '';
  private readonly told: unknown[] = [];
  private wakeUp: () => void = () => undefined;
  readonly ended: Promise<number | string>;

  constructor(file: string, { args = [], nodeOptions = [] }: FromSourceOptions = {}) {
    const root = rootOf(__dirname);
    this.child = spawn(
      process.execPath,
      [...nodeOptions, '-e', loader(root), '--', file, ...args],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.child.on('message', (message) => {
      this.told.push(message);
      this.wakeUp();
    });
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code, signal) => resolve(code ?? signal!)),
    );
  }

  /** Everything it printed. */
  get output(): string {
    return this.said;
  }

  /** What it sends next. Throws with what it printed when it ends instead. */
  async tells<Message>(): Promise<Message> {
    while (this.told.length === 0) {
      const news = new Promise<undefined>((resolve) => (this.wakeUp = () => resolve(undefined)));
      const end = await Promise.race([news, this.ended]);
      if (end !== undefined && this.told.length === 0)
        throw new Error(`the process ended (${end}) before it answered:\n${this.said}`);
    }
    return this.told.shift() as Message;
  }

  /** As a power cut: the process gets no signal to handle. */
  async killHard(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
