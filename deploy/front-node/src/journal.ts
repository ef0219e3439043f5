import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { type FileHandle, open as openFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '@caretab/kernel';
import { open, seal, type SealingKeys } from '@caretab/security';

const NAME = /^journal-(\d{6})\.sealed$/;
const CONTEXT = 'front node journal';
const DIGEST_CHARS = 16;
/** Of one line: a journal is read line by line, however long it is. */
const LINE_CHARS = 4_000_000;
const READ_BYTES = 1_000_000;
const NEWLINE = 0x0a;

const nameOf = (number: number): string => `journal-${String(number).padStart(6, '0')}.sealed`;
const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARS);

/** What keeps a node from starting, or from taking anything more, in one sentence for its operator. */
export class JournalFault extends Error {}

interface Parts<Entry> {
  readonly folder: string;
  readonly keys: SealingKeys;
  /** Called for each entry that is on disk, in order: at the start for those of earlier runs. */
  readonly apply: (entry: Entry) => void;
}

/**
 * An append-only file of sealed lines: what was appended during a write goes out together, and is
 * acknowledged once it is fsynced. A last line that a crash cut off was never acknowledged.
 */
export class Journal<Entry> {
  private batch: { readonly entries: Entry[]; readonly done: Promise<void> } | undefined;
  private last: Promise<void> = Promise.resolve();
  private broken: JournalFault | undefined;

  private constructor(
    private readonly parts: Parts<Entry>,
    private handle: FileHandle,
    private number: number,
    private bytes: number,
  ) {}

  /** Throws JournalFault: the key is another one, or a line that was acknowledged is damaged. */
  static async open<Entry>(parts: Parts<Entry>): Promise<Journal<Entry>> {
    mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
    const numbers = readdirSync(parts.folder)
      .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0);
    const number = Math.max(1, ...numbers);
    const file = join(parts.folder, nameOf(number));
    const bytes = numbers.length > 0 ? replay(file, parts) : 0;
    const handle = await openFile(file, 'a', 0o600);
    if (bytes < (await handle.stat()).size) await handle.truncate(bytes);
    await handle.sync();
    await syncFolder(parts.folder);
    // What was written again is whole: the file before it says the same.
    for (const name of readdirSync(parts.folder))
      if (name.startsWith('journal-') && name !== nameOf(number))
        rmSync(join(parts.folder, name), { force: true });
    return new Journal(parts, handle, number, bytes);
  }

  get size(): number {
    return this.bytes;
  }

  get fault(): string | undefined {
    return this.broken?.message;
  }

  /** Resolves when the entry is on disk and applied. Throws where it is not. */
  append(entry: Entry): Promise<void> {
    if (!this.batch) {
      const entries: Entry[] = [];
      const done = this.last.then(() => {
        this.batch = undefined;
        return this.write(entries);
      });
      this.batch = { entries, done };
      this.last = done.catch(() => undefined);
    }
    this.batch.entries.push(entry);
    return this.batch.done;
  }

  /** Writes the journal again with what `entries` gives then, and lets go of the old file. */
  rewrite(entries: () => readonly Entry[]): Promise<void> {
    const done = this.last.then(() => this.replace(entries()));
    this.last = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.last;
    await this.handle.close();
  }

  private async write(entries: readonly Entry[]): Promise<void> {
    if (this.broken) throw this.broken;
    let bytes = 0;
    try {
      for (const line of linesOf(this.parts.keys, entries)) {
        await this.handle.appendFile(line);
        bytes += line.length;
      }
    } catch (error) {
      await this.cutOff();
      throw new JournalFault(`the disk takes nothing: ${codeOf(error)}`, { cause: error });
    }
    try {
      await this.handle.datasync();
    } catch (error) {
      // After a failed fsync no one knows what is on the disk: only a start reads it again.
      this.broken = new JournalFault(`the disk failed (${codeOf(error)}): start the node again`);
      throw this.broken;
    }
    this.bytes += bytes;
    for (const entry of entries) this.parts.apply(entry);
  }

  private async cutOff(): Promise<void> {
    try {
      await this.handle.truncate(this.bytes);
    } catch (error) {
      this.broken = new JournalFault(`the disk failed (${codeOf(error)}): start the node again`);
    }
  }

  private async replace(entries: readonly Entry[]): Promise<void> {
    if (this.broken) throw this.broken;
    const { folder, keys } = this.parts;
    const [name, number] = [nameOf(this.number + 1), this.number + 1];
    const made = await openFile(join(folder, `${name}.new`), 'w', 0o600);
    let bytes = 0;
    try {
      for (const line of linesOf(keys, entries)) {
        await made.appendFile(line);
        bytes += line.length;
      }
      await made.sync();
    } finally {
      await made.close();
    }
    await rename(join(folder, `${name}.new`), join(folder, name));
    await syncFolder(folder);
    const handle = await openFile(join(folder, name), 'a', 0o600);
    await this.handle.close();
    rmSync(join(folder, nameOf(this.number)), { force: true });
    [this.handle, this.number, this.bytes] = [handle, number, bytes];
  }
}

/** ASCII: as long in bytes as in characters. */
function* linesOf(keys: SealingKeys, entries: readonly unknown[]): Generator<string> {
  let [texts, chars]: [string[], number] = [[], 0];
  for (const [index, entry] of entries.entries()) {
    const text = JSON.stringify(entry);
    texts.push(text);
    chars += text.length;
    if (chars < LINE_CHARS && index < entries.length - 1) continue;
    const sealed = seal(keys, `[${texts.join()}]`, CONTEXT).toString('base64');
    yield `${digestOf(sealed)} ${sealed}\n`;
    [texts, chars] = [[], 0];
  }
}

/** Lines with their newline, the last perhaps without. */
function* linesIn(file: string): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    let rest: Buffer[] = [];
    for (;;) {
      const room = Buffer.alloc(READ_BYTES);
      const part = room.subarray(0, readSync(descriptor, room, 0, READ_BYTES, null));
      if (part.length === 0) break;
      let from = 0;
      for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, from)) {
        yield Buffer.concat([...rest, part.subarray(from, at + 1)]);
        [rest, from] = [[], at + 1];
      }
      rest.push(part.subarray(from));
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield last;
  } finally {
    closeSync(descriptor);
  }
}

/** Applies what is whole. How many bytes that is. */
const replay = <Entry>(
  file: string,
  { keys, apply }: Pick<Parts<Entry>, 'keys' | 'apply'>,
): number => {
  let [bytes, number, isDamaged] = [0, 0, false];
  for (const line of linesIn(file)) {
    // Only the last one may be what a crash cut off.
    if (isDamaged)
      throw new JournalFault(
        `Line ${number} of ${file} is damaged. Restore the folder, or move it away and start again.`,
      );
    number += 1;
    const [digest = '', sealed = ''] = line.toString('latin1').trimEnd().split(' ');
    isDamaged = line.at(-1) !== NEWLINE || digestOf(sealed) !== digest;
    if (isDamaged) continue;
    for (const entry of opened<Entry>(keys, sealed, file)) apply(entry);
    bytes += line.length;
  }
  return bytes;
};

const opened = <Entry>(keys: SealingKeys, sealed: string, file: string): readonly Entry[] => {
  try {
    return JSON.parse(
      open(keys, Buffer.from(sealed, 'base64'), CONTEXT).toString('utf8'),
    ) as Entry[];
  } catch (cause) {
    throw new JournalFault(`${file} was sealed by another FRONT_NODE_DATA_KEY.`, { cause });
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await openFile(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const codeOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  assert(error instanceof Error, 'what a file throws is an Error');
  return code ?? error.name;
};
