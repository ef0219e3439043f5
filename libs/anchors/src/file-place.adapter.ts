import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AnchorPlace } from './place';

const FILE = /^\d{20}\.jsonl$/;
const NEWLINE = 10;

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'unknown';

/**
 * Anchors in a folder, which is there before: one that was not mounted must not be made on the disk
 * below. In it each log has a folder of its own. Files are only appended to, and only their owner
 * reads them.
 */
export class FilePlace implements AnchorPlace {
  private readonly home: string;

  constructor(
    readonly name: string,
    private readonly folder: string,
    origin: string,
  ) {
    this.home = join(folder, basename(origin.replaceAll(/[^A-Za-z0-9.-]+/g, '_')));
  }

  async files(): Promise<readonly string[]> {
    await this.read(() => readdir(this.folder));
    const found = await readdir(this.home).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw away(error);
    });
    return found.filter((name) => FILE.test(name)).sort();
  }

  async lines(file: string): Promise<readonly string[]> {
    const text = await this.read(() => readFile(join(this.home, file), 'utf8'));
    return text.split('\n').filter((line) => line !== '');
  }

  async append(file: string, line: string): Promise<void> {
    await this.read(() => readdir(this.folder));
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const path = join(this.home, file);
    const isNew = !(await this.files()).includes(file);
    const handle = await open(path, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const end = Buffer.alloc(1);
      if (size > 0) await handle.read(end, 0, 1, size - 1);
      // What a power failure left of a line stays one of its own.
      const isTorn = size > 0 && end[0] !== NEWLINE;
      await handle.write(`${isTorn ? '\n' : ''}${line}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (isNew) for (const folder of [this.home, this.folder]) await syncFolder(folder);
  }

  private async read<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw away(error);
    }
  }
}

const away = (error: unknown): Error =>
  new Error(`the folder cannot be read or written (${codeOf(error)})`, { cause: error });

/** The name of a new file is durable when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
