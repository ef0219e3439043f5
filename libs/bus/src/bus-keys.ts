import { readFileSync } from 'node:fs';
import { isMoment } from '@caretab/contracts';
import { ED25519_BYTES, privateKeyOf, publicBytesOf, publicKeyFrom } from '@caretab/kernel';
import type { AuthorKey, AuthorKeys } from './authors';
import { KID, type SigningKey } from './message-signature';

/** The keys cannot be read; the message says which member is wrong, and no key. */
export class BusKeysRefused extends Error {
  constructor(name: string, why: string) {
    super(`${name}: ${why}`);
    this.name = 'BusKeysRefused';
  }
}

const HOSPITAL = /^hospital\/([A-Z0-9]{2,20})$/;

const AUTHOR = /^[a-z][a-z-]{0,40}(\/[A-Za-z0-9-]{1,40})?$/;

/** Reads what a variable gives: the text itself, or a file that holds it. Throws BusKeysRefused. */
class Reading {
  constructor(
    readonly name: string,
    private readonly given: string,
  ) {}

  object(): Record<string, unknown> {
    const text = this.given.trimStart().startsWith('{') ? this.given : this.content();
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
      // Said below, without the text: it may hold keys.
    }
    return this.refuse('this is not a JSON object');
  }

  bytes(text: unknown, of: string): Buffer {
    const bytes = Buffer.from(String(text), 'base64');
    return bytes.length === ED25519_BYTES
      ? bytes
      : this.refuse(`the key ${of} is not 32 bytes in base64`);
  }

  kid(kid: unknown): string {
    return typeof kid === 'string' && KID.test(kid)
      ? kid
      : this.refuse('the id of a key is 1 to 60 letters, digits, -, _ and /');
  }

  author(author: unknown): string {
    return typeof author === 'string' && AUTHOR.test(author)
      ? author
      : this.refuse('an author is a service, or hospital/<institution id>');
  }

  moment(text: unknown, of: string): Date | undefined {
    if (text === undefined) return undefined;
    return typeof text === 'string' && isMoment(text)
      ? new Date(text)
      : this.refuse(`${of} is no RFC 3339 instant`);
  }

  refuse(why: string): never {
    throw new BusKeysRefused(this.name, why);
  }

  private content(): string {
    try {
      return readFileSync(this.given, 'utf8');
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'unknown';
      return this.refuse(`the file cannot be read (${code})`);
    }
  }
}

/**
 * Reads `{"payment": {"kid": "payment-2026", "key": "<32 bytes in base64>"}}`: the private keys of a
 * process, by author.
 */
export const readSigningKeys = (given: string): ReadonlyMap<string, SigningKey> => {
  const reading = new Reading('BUS_SIGNING_KEYS', given);
  return new Map(
    Object.entries(reading.object()).map(([name, value]) => {
      const author = reading.author(name);
      const { kid, key } = (value ?? {}) as Record<string, unknown>;
      const own = { kid: reading.kid(kid), author };
      return [author, { ...own, key: privateKeyOf(reading.bytes(key, `of ${author}`)) }];
    }),
  );
};

/**
 * Reads `{"keys": [{"kid": "payment-2026", "author": "payment", "key": "<32 bytes in base64>"}]}`:
 * the public keys of all authors, each with `from` and `until` where they are given; and
 * `unsignedUntil`.
 */
export const readAuthors = (given: string): AuthorKeys & Pick<BusKeys, 'hospitals'> => {
  const reading = new Reading('BUS_AUTHORS', given);
  const { keys, unsignedUntil } = reading.object();
  if (!Array.isArray(keys)) return reading.refuse('keys is not a list');
  const byId = new Map<string, AuthorKey>();
  for (const one of keys as Record<string, unknown>[]) {
    const kid = reading.kid(one?.['kid']);
    if (byId.has(kid)) reading.refuse(`there are two keys "${kid}"`);
    byId.set(kid, {
      kid,
      author: reading.author(one['author']),
      key: publicKeyFrom(reading.bytes(one['key'], `"${kid}"`)),
      from: reading.moment(one['from'], `from of "${kid}"`),
      until: reading.moment(one['until'], `until of "${kid}"`),
    });
  }
  return {
    of: (kid) => byId.get(kid),
    unsignedUntil: reading.moment(unsignedUntil, 'unsignedUntil'),
    hospitals: [
      ...new Set([...byId.values()].flatMap(({ author }) => HOSPITAL.exec(author)?.[1] ?? [])),
    ],
  };
};

/** What belongs into `keys` of BUS_AUTHORS for a private key. */
export const publicKeyOf = ({
  kid,
  author,
  key,
}: SigningKey): { readonly kid: string; readonly author: string; readonly key: string } => ({
  ...{ kid, author },
  key: publicBytesOf(key).toString('base64'),
});

/** The same for all private keys of BUS_SIGNING_KEYS. */
export const authorsOf = (signingKeys: string): readonly ReturnType<typeof publicKeyOf>[] =>
  [...readSigningKeys(signingKeys).values()].map(publicKeyOf);

/**
 * The keys of a process. Where a variable names a file, what is in the file is read again at each
 * `reload`: a key is added, ends or takes over while the process runs.
 */
export class BusKeys implements AuthorKeys {
  private signing: ReadonlyMap<string, SigningKey>;
  private authors: ReturnType<typeof readAuthors>;

  /** Throws BusKeysRefused. */
  constructor(private readonly given: { readonly signingKeys: string; readonly authors: string }) {
    this.signing = readSigningKeys(given.signingKeys);
    this.authors = readAuthors(given.authors);
  }

  /** Throws BusKeysRefused; then all is as it was. */
  reload(): void {
    const signing = readSigningKeys(this.given.signingKeys);
    this.authors = readAuthors(this.given.authors);
    this.signing = signing;
  }

  of(kid: string): AuthorKey | undefined {
    return this.authors.of(kid);
  }

  get unsignedUntil(): Date | undefined {
    return this.authors.unsignedUntil;
  }

  /** The institutions that have a key, and so write to a topic of their own. */
  get hospitals(): readonly string[] {
    return this.authors.hospitals;
  }

  /** The key by which an author signs now. Throws BusKeysRefused. */
  signingKeyOf(author: string): SigningKey {
    const key = this.signing.get(author);
    if (!key) throw new BusKeysRefused('BUS_SIGNING_KEYS', `has no key of ${author}`);
    return key;
  }
}
