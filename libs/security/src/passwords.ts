import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Randomness } from './seal';

/** 2^15 · 8 · 128 bytes: 32 MiB and about a tenth of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const scrypted = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, COST, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  );

/** What is stored of a password: scrypt (RFC 7914), `scrypt$<salt>$<hash>` in base64url. */
export const passwordHash = async (
  password: string,
  randomness: Randomness = randomBytes,
): Promise<string> => {
  const salt = randomness(SALT_BYTES);
  const hash = await scrypted(password, salt);
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`;
};

const NO_PASSWORD = `scrypt$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Takes as long without a stored password: who exists does not show. */
export const isPassword = async (given: string, stored: string | null): Promise<boolean> => {
  const [, salt = '', hash = ''] = (stored ?? NO_PASSWORD).split('$');
  const expected = Buffer.from(hash, 'base64url');
  const found = await scrypted(given, Buffer.from(salt, 'base64url'));
  return timingSafeEqual(found, expected) && stored !== null;
};

const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The one-time code of a time step: HOTP (RFC 4226) with SHA-1 and six digits. */
export const oneTimeCode = (secret: Buffer, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac[mac.length - 1]! & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};

/**
 * The time step whose code was given (TOTP, RFC 6238): that of now, the one before or the one after.
 * Undefined for a wrong code, and for one of a step up to `after`: each code is good once.
 */
export const stepOfCode = (
  secret: Buffer,
  code: string,
  { now, after }: { readonly now: Date; readonly after: number },
): number | undefined => {
  if (!/^\d{6}$/.test(code)) return undefined;
  const step = Math.floor(now.getTime() / STEP_MS);
  return [step, step - 1, step + 1].find(
    (each) =>
      each > after && timingSafeEqual(Buffer.from(oneTimeCode(secret, each)), Buffer.from(code)),
  );
};

/** RFC 4648, as authenticator apps take a secret. */
export const base32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[parseInt(five.padEnd(5, '0'), 2)])
    .join('');
};
