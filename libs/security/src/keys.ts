import { hkdfSync } from 'node:crypto';
import { assert } from '@caretab/kernel';
import { SUITES, type SuiteName } from './suites';

export const KEY_BYTES = 32;
/**
 * The id of a key that was given without one. Values that were sealed before keys had ids are opened
 * by it, and blind indexes stay with it.
 */
export const FIRST = 'first';

/**
 * The keys of one purpose: one seals, all of them open. The port to where keys are: a file
 * (`KeyFile`), or a hardware module or key service that gives the same bytes at start.
 */
export interface MasterKeys {
  readonly currentId: string;
  /** With which suite is sealed; a sealed value says its own. */
  readonly suite: SuiteName;
  /** 32 bytes. */
  key(id: string): Buffer | undefined;
}

/** What `seal` and `open` take: keys of one purpose, by id and suite. */
export interface SealingKeys {
  readonly currentId: string;
  readonly suite: SuiteName;
  keyOf(id: string, suite: SuiteName): Buffer | undefined;
}

/**
 * A key of 32 bytes for one purpose, derived from a master key (HKDF, RFC 5869), so that no key
 * serves two purposes.
 */
export const deriveKey = (master: Buffer, purpose: string, suite: SuiteName = 'aes'): Buffer => {
  assert(master.length === KEY_BYTES, 'a master key has 32 bytes');
  const { digest } = SUITES[suite];
  return Buffer.from(hkdfSync(digest, master, Buffer.alloc(0), `caretab ${purpose}`, KEY_BYTES));
};

/**
 * The key that blind indexes and content hashes are made with. It does not change: what was indexed
 * is found by it alone. Throws where it is no longer among the keys.
 */
export const indexKey = (masters: MasterKeys): Buffer => {
  const key = masters.key(FIRST);
  assert(key, `the key "${FIRST}" stays among the keys: indexes were made with it`);
  return key;
};

/** Derives each key once. Follows the master keys when they change. */
export class DerivedKeys implements SealingKeys {
  private readonly known = new WeakMap<Buffer, Map<SuiteName, Buffer>>();

  constructor(
    private readonly masters: MasterKeys,
    private readonly purpose: string,
  ) {}

  get currentId(): string {
    return this.masters.currentId;
  }

  get suite(): SuiteName {
    return this.masters.suite;
  }

  keyOf(id: string, suite: SuiteName): Buffer | undefined {
    const master = this.masters.key(id);
    if (!master) return undefined;
    const bySuite = this.known.get(master) ?? new Map<SuiteName, Buffer>();
    this.known.set(master, bySuite);
    const known = bySuite.get(suite);
    if (known) return known;
    const derived = deriveKey(master, this.purpose, suite);
    bySuite.set(suite, derived);
    return derived;
  }
}

/** One key without an id: the row of the value says which it is. */
export const onlyKey = (key: Buffer, suite: SuiteName): SealingKeys => {
  assert(key.length === KEY_BYTES, 'a sealing key has 32 bytes');
  return { currentId: '', suite, keyOf: (id) => (id === '' || id === FIRST ? key : undefined) };
};
