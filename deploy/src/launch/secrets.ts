import { randomBytes } from 'node:crypto';
import { signerOf } from '@caretab/anchors';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const hex = (): string => randomBytes(32).toString('hex');
const base64 = (): string => randomBytes(32).toString('base64');

/** A ledger that begins now has no event without a signature. */
const eventKeys = (isFirstStart: boolean): string =>
  JSON.stringify({
    current: 'first',
    keys: { first: base64() },
    ...(isFirstStart && { signedAfter: '0' }),
  });

/** Each secret of the platform by the name of its environment variable, with how one is made. */
const SECRETS: Readonly<Record<string, (isFirstStart: boolean) => string>> = {
  INTERNAL_TOKEN: hex,
  IDENTITY_MASTER_KEY: hex,
  GATEWAY_SEALING_KEY: base64,
  PAYMENT_TOKEN_KEY: hex,
  PAYMENT_ACQUIRER_SECRET: hex,
  NOTIFICATION_WEBHOOK_KEY: hex,
  VISIT_LEDGER_EVENT_KEYS: eventKeys,
  VISIT_LEDGER_ANCHOR_KEY: () => signerOf('caretab/visit-ledger', randomBytes(32)).text,
  SAMPLE_INSTITUTION_KEY: hex,
};

/**
 * The secrets of this data folder: made at the first start, kept in a file that only its owner can
 * read.
 */
export const secretsOf = (path: string): Readonly<Record<string, string>> => {
  const isFirstStart = !existsSync(path);
  const known = !isFirstStart
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
    : {};
  const secrets = Object.fromEntries(
    Object.entries(SECRETS).map(([name, make]) => [name, known[name] ?? make(isFirstStart)]),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
};
