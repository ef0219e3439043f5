import { readFileSync } from 'node:fs';
import { FIRST, KEY_BYTES, type MasterKeys } from './keys';
import { isSuite, type SuiteName } from './suites';

const ID = /^[A-Za-z0-9._-]{1,40}$/;
const HEX = /^[0-9a-fA-F]{64}$/;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** The keys cannot be read; the message says which member is wrong, and no key. */
export class KeysRefused extends Error {
  constructor(name: string, why: string) {
    super(`${name}: ${why}`);
    this.name = 'KeysRefused';
  }
}

interface Content {
  readonly currentId: string;
  readonly suite: SuiteName;
  readonly keys: ReadonlyMap<string, Buffer>;
  readonly retired: readonly string[];
}

/**
 * Keys as an environment variable gives them: 32 bytes in hex or base64, then called `first`; or
 * `{"current": "2026-11", "keys": {"first": "<32 bytes in base64>", "2026-11": "…"}, "suite": "aes"}`;
 * or the path of a file that holds this, which may change while the service runs. `"retired":
 * ["first"]` names keys by which no value is sealed any more.
 */
export class KeyFile implements MasterKeys {
  private content: Content;

  /** `name` is the variable's. Throws KeysRefused. */
  constructor(
    readonly name: string,
    private readonly given: string,
  ) {
    this.content = this.read();
  }

  get currentId(): string {
    return this.content.currentId;
  }

  get suite(): SuiteName {
    return this.content.suite;
  }

  /** Values may be sealed by another key than the current one. */
  get isRotating(): boolean {
    return this.content.keys.size - this.content.retired.length > 1;
  }

  get ids(): readonly string[] {
    return [...this.content.keys.keys()];
  }

  key(id: string): Buffer | undefined {
    return this.content.keys.get(id);
  }

  /**
   * Reads the file again, and takes what it holds now once `accepts` has. Returns whether anything
   * has changed. Throws KeysRefused, also where an id has another key than before, and what `accepts`
   * throws; then it keeps what it has.
   */
  async reload(
    accepts: (keys: KeyFile) => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    if (isInline(this.given)) return false;
    const next = new KeyFile(this.name, this.given);
    if (!this.changes(next.content)) return false;
    await accepts(next);
    // A key that is known keeps its buffer, and what was derived of it.
    const { keys: before } = this.content;
    const keys = [...next.content.keys].map(([id, key]) => [id, before.get(id) ?? key] as const);
    this.content = { ...next.content, keys: new Map(keys) };
    return true;
  }

  private changes(next: Content): boolean {
    const before = this.content;
    for (const [id, key] of next.keys) {
      const known = before.keys.get(id);
      if (known && !known.equals(key)) this.refuse(`keys.${id} is another key than before`);
    }
    return shapeOf(next) !== shapeOf(before);
  }

  private read(): Content {
    const text = isInline(this.given) ? this.given : this.contentOf(this.given);
    const single = singleKey(text.trim());
    if (single)
      return { currentId: FIRST, suite: 'aes', keys: new Map([[FIRST, single]]), retired: [] };
    const {
      current,
      keys,
      suite = 'aes',
      retired = [],
    } = this.jsonOf(text) as Record<string, unknown>;
    if (typeof current !== 'string') return this.refuse('current is missing');
    if (!isSuite(suite)) return this.refuse('suite is neither aes nor sm');
    if (typeof keys !== 'object' || keys === null) return this.refuse('keys is missing');
    const byId = new Map(
      Object.entries(keys).map(([id, key]): [string, Buffer] => {
        if (!ID.test(id)) this.refuse('the id of a key is 1 to 40 letters, digits, dots, _ and -');
        return [
          id,
          singleKey(String(key)) ?? this.refuse(`keys.${id} is not 32 bytes in base64 or hex`),
        ];
      }),
    );
    if (!byId.has(current)) return this.refuse(`keys has no "${current}", which is current`);
    const isOther = (id: unknown): boolean => byId.has(String(id)) && id !== current;
    if (!Array.isArray(retired) || !retired.every(isOther))
      return this.refuse('retired is not a list of ids in keys without the current one');
    return { currentId: current, suite, keys: byId, retired: [...new Set(retired as string[])] };
  }

  private contentOf(path: string): string {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const { code = 'unknown' } = error as { code?: string };
      return this.refuse(
        `neither 32 bytes in hex or base64, nor a file that can be read (${code})`,
      );
    }
  }

  private jsonOf(text: string): object {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // Said below, without the text: it holds the keys.
    }
    return this.refuse('this is not a JSON object');
  }

  private refuse(why: string): never {
    throw new KeysRefused(this.name, why);
  }
}

const shapeOf = ({ currentId, suite, keys, retired }: Content): string =>
  JSON.stringify([currentId, suite, [...keys.keys()], retired]);

const isInline = (given: string): boolean =>
  given.trimStart().startsWith('{') || singleKey(given.trim()) !== undefined;

const singleKey = (text: string): Buffer | undefined => {
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  return bytes?.length === KEY_BYTES ? bytes : undefined;
};
