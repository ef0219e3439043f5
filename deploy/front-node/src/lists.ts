import { join } from 'node:path';
import { blindIndex, type CodeKey } from '@caretab/security';
import type { PlatformClient } from './platform';
import type { PlatformClock } from './platform-clock';
import { readWhole, writeWhole } from './places';

interface KeptKey {
  readonly keyId: string;
  readonly algorithm: CodeKey['algorithm'];
  readonly publicKey: string;
}

interface Kept {
  readonly keys: readonly KeptKey[];
  readonly keysAt?: string;
  readonly hashKey?: string;
  readonly through: number;
  readonly listAt?: string;
  /** Hashes of numbers that are refused. */
  readonly refused: readonly string[];
}

interface Page {
  readonly hashKey: string;
  readonly through: number;
  readonly entries: readonly { readonly numberHash: string; readonly list: 'white' | 'black' }[];
}

/** Keys that signed before: a code is good for a minute, a key that went may have signed it. */
const KEYS_MAX = 5;
const FILE = 'lists.json';
const PAGES_MAX = 10_000;
/** The file may be large: where nothing changed it is written at this interval. */
const WRITE_MS = 600_000;

/** What a node needs to judge codes and cards while the platform is away: public keys, and who is refused. */
export class Lists {
  private kept: Kept;
  private refused: Set<string>;
  private readonly file: string;
  private written = '';
  private writtenMs = 0;

  constructor(
    private readonly parts: {
      readonly folder: string;
      readonly platform: Pick<PlatformClient, 'ask'>;
      readonly clock: PlatformClock;
    },
  ) {
    this.file = join(parts.folder, FILE);
    this.kept = readWhole<Kept>(this.file) ?? { keys: [], through: 0, refused: [] };
    this.refused = new Set(this.kept.refused);
  }

  /** By the platform's time, when the keys that lie there were fetched. */
  static knownMs(folder: string): number {
    const { keysAt } = readWhole<Kept>(join(folder, FILE)) ?? {};
    return keysAt === undefined ? -Infinity : Date.parse(keysAt);
  }

  get keys(): readonly CodeKey[] {
    return this.kept.keys.map((key) => ({
      ...key,
      publicKey: Buffer.from(key.publicKey, 'base64url'),
    }));
  }

  /** How old each is, in seconds; absent: there is none yet. */
  get ages(): { readonly keysSeconds?: number; readonly listSeconds?: number } {
    const ageOf = (at: string): number =>
      Math.max(0, Math.round((this.parts.clock.now().getTime() - Date.parse(at)) / 1_000));
    const { keysAt, listAt } = this.kept;
    return {
      ...(keysAt !== undefined && { keysSeconds: ageOf(keysAt) }),
      ...(listAt !== undefined && { listSeconds: ageOf(listAt) }),
    };
  }

  get refusedCount(): number {
    return this.refused.size;
  }

  /** Whether the list refuses a card or code; undefined where there is no list yet. */
  isRefused(type: 'qr' | 'health-card', number: string): boolean | undefined {
    const { hashKey } = this.kept;
    if (hashKey === undefined) return undefined;
    const hash = blindIndex(Buffer.from(hashKey, 'hex'), type, number.normalize('NFKC').trim());
    return this.refused.has(hash);
  }

  /** Asks for keys and time, then for what changed on the list. Whether all was there. */
  async refresh(): Promise<boolean> {
    const hasKeys = await this.refreshKeys();
    const hasList = await this.refreshList();
    this.write();
    return hasKeys && hasList;
  }

  /** The ages that are kept may be older than they are: that errs on the side of caution. */
  private write(): void {
    const { keysAt, through, keys } = this.kept;
    if (keysAt === undefined) return;
    const content = JSON.stringify([through, keys]);
    if (content === this.written && Date.parse(keysAt) - this.writtenMs < WRITE_MS) return;
    writeWhole(this.file, { ...this.kept, refused: [...this.refused] });
    [this.written, this.writtenMs] = [content, Date.parse(keysAt)];
  }

  async refreshKeys(): Promise<boolean> {
    const { platform, clock } = this.parts;
    let keys: readonly KeptKey[] | undefined;
    await clock.measure(async () => {
      const said = await platform.ask({ method: 'GET', path: '/identity/code-keys' });
      if (said.outcome !== 'answered' || said.status !== 200) return undefined;
      const body = said.body as { readonly keys: readonly KeptKey[]; readonly now: string };
      keys = body.keys;
      return new Date(body.now);
    });
    if (!keys) return false;
    const now = keys;
    const earlier = this.kept.keys.filter(({ keyId }) => now.every((key) => key.keyId !== keyId));
    const all = [...now, ...earlier].slice(0, KEYS_MAX);
    this.kept = { ...this.kept, keys: all, keysAt: clock.now().toISOString() };
    return true;
  }

  private async refreshList(): Promise<boolean> {
    const { platform, clock } = this.parts;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const path = `/identity/card-list?after=${this.kept.through}`;
      const said = await platform.ask({ method: 'GET', path });
      if (said.outcome !== 'answered' || said.status !== 200) return false;
      const { hashKey, entries, through } = said.body as Page;
      for (const { numberHash, list } of entries)
        if (list === 'black') this.refused.add(numberHash);
        else this.refused.delete(numberHash);
      this.kept = { ...this.kept, hashKey, through };
      if (entries.length > 0) continue;
      this.kept = { ...this.kept, listAt: clock.now().toISOString() };
      return true;
    }
    return false;
  }
}
