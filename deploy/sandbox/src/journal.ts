import { existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * What a sandbox remembers: an append-only file of JSON lines, fsynced, read again at the next
 * start. Lines that come while one write is on its way go out together in the next. Without a file
 * it only forgets at the end of the process.
 */
export class Journal<Entry> {
  private waiting: string[] = [];
  private writing: Promise<void> | undefined;
  private handle: FileHandle | undefined;

  private constructor(
    /** Everything earlier runs have written, oldest first. */
    readonly earlier: readonly Entry[],
    private readonly file: string | undefined,
  ) {}

  /**
   * Opens or makes the file. A last line truncated by a crash was never acknowledged, and is
   * removed.
   */
  static async open<Entry>(file: string | undefined): Promise<Journal<Entry>> {
    if (!file) return new Journal<Entry>([], undefined);
    mkdirSync(dirname(file), { recursive: true });
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    const entries = whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry);
    const journal = new Journal<Entry>(entries, file);
    journal.handle = await open(file, 'a');
    return journal;
  }

  /** Takes an entry in; it is durable when `synced` resolves next. */
  append(entry: Entry): void {
    if (this.file) this.waiting.push(`${JSON.stringify(entry)}\n`);
  }

  /** Resolves when everything appended so far is on disk. */
  async synced(): Promise<void> {
    while (this.waiting.length > 0 || this.writing) {
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      await this.writing;
    }
  }

  async close(): Promise<void> {
    await this.synced();
    await this.handle?.close();
    this.handle = undefined;
  }

  private async write(): Promise<void> {
    const lines = this.waiting;
    this.waiting = [];
    await this.handle!.appendFile(lines.join(''));
    await this.handle!.datasync();
  }
}
