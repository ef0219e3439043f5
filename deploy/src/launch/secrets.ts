import { randomBytes } from 'node:crypto';
import { SERVICE } from '@caretab/access';
import { signerOf } from '@caretab/anchors';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { authorsOf, publicKeyOf } from '@caretab/bus';
import { ISSUED_KINDS } from '@caretab/contracts';
import { systemClock } from '@caretab/kernel';
import { SERVICES } from '../cluster/topology';
import { producerKeyOf, SAMPLE_PRODUCERS } from './sample-day';

const hex = (): string => randomBytes(32).toString('hex');
const base64 = (): string => randomBytes(32).toString('base64');

/** A ledger that begins now has no event without a signature. */
const eventKeys = (isFirstStart: boolean): string =>
  JSON.stringify({
    current: 'first',
    keys: { first: base64() },
    ...(isFirstStart && { signedAfter: '0' }),
  });

/** By which each service signs what it publishes, and by another what it asks. */
const withAllKeys = (known: string): string => {
  const authors = SERVICES.flatMap((service) => [service, `${SERVICE}${service}`]);
  const made = authors.map((author) => [author, { kid: `${author}-1`, key: base64() }] as const);
  return JSON.stringify({ ...Object.fromEntries(made), ...(JSON.parse(known) as object) });
};

/** From which each service derives the key that signs anchors of its records of access. */
const anchorSeeds = (): string =>
  JSON.stringify(Object.fromEntries(SERVICES.map((service) => [service, base64()])));

/** Topics of a folder from before signing hold messages that no author signed. */
const unsignedUntil = (isFirstStart: boolean): string =>
  new Date(isFirstStart ? 0 : systemClock.now().getTime() + UNSIGNED_MS).toISOString();
const UNSIGNED_MS = 60 * 60 * 1000;

/** Each secret of the platform by the name of its environment variable, with how one is made. */
const SECRETS: Readonly<Record<string, (isFirstStart: boolean) => string>> = {
  OPERATOR_KEY: hex,
  IDENTITY_MASTER_KEY: hex,
  IDENTITY_PUBLIC_DATA_SECRET: hex,
  IDENTITY_SHARED_DATA_SECRET: hex,
  IDENTITY_ISSUER_SECRET: hex,
  IDENTITY_CENTRE_SECRET: hex,
  CREDIT_SCORE_SECRET: hex,
  CREDIT_LENDER_SECRET: hex,
  PAYMENT_BANK_SECRET: hex,
  GATEWAY_SEALING_KEY: base64,
  PAYMENT_TOKEN_KEY: hex,
  PAYMENT_ACQUIRER_SECRET: hex,
  NOTIFICATION_WEBHOOK_KEY: hex,
  VISIT_LEDGER_EVENT_KEYS: eventKeys,
  VISIT_LEDGER_ANCHOR_KEY: () => signerOf('caretab/visit-ledger', randomBytes(32)).text,
  ACCESS_ANCHOR_KEY: anchorSeeds,
  SAMPLE_INSTITUTION_KEY: hex,
  BUS_SIGNING_KEYS: () => '{}',
  BUS_UNSIGNED_UNTIL: unsignedUntil,
};

/**
 * The secrets of this data folder: made at the first start, kept in a file that only its owner can
 * read. BUS_AUTHORS is the file beside it, with the public keys: of the services, and of the hospitals
 * that have a producer of their own.
 */
export const secretsOf = (
  path: string,
  producers: readonly string[] = SAMPLE_PRODUCERS,
): Readonly<Record<string, string>> => {
  const isFirstStart = !existsSync(path);
  const known = !isFirstStart
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
    : {};
  const secrets = Object.fromEntries(
    Object.entries(SECRETS).map(([name, make]) => [name, known[name] ?? make(isFirstStart)]),
  );
  // A folder from before services had keys for what they ask gets those.
  secrets['BUS_SIGNING_KEYS'] = withAllKeys(secrets['BUS_SIGNING_KEYS']!);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  const authorsPath = resolve(dirname(path), 'authors.json');
  writeAuthors(authorsPath, secrets, producers);
  return { ...secrets, BUS_AUTHORS: authorsPath };
};

/** The sandbox as the issuer of every kind of code, as identity reads it. */
export const issuersOf = (
  url: string | undefined,
  secrets: Readonly<Record<string, string>>,
): string | undefined =>
  url === undefined
    ? undefined
    : JSON.stringify([
        { issuer: 'sandbox', url, key: secrets['IDENTITY_ISSUER_SECRET'], kinds: ISSUED_KINDS },
      ]);

/**
 * Keys that an operator added to the file stay: a platform that runs reads it again by itself.
 */
const writeAuthors = (
  path: string,
  secrets: Readonly<Record<string, string>>,
  producers: readonly string[],
): void => {
  const ours = [
    ...authorsOf(secrets['BUS_SIGNING_KEYS']!),
    ...producers.map((institutionId) => publicKeyOf(producerKeyOf(secrets, institutionId))),
  ];
  const before = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { keys: typeof ours }).keys
    : [];
  const added = before.filter(({ kid }) => !ours.some((own) => own.kid === kid));
  const authors = { keys: [...ours, ...added], unsignedUntil: secrets['BUS_UNSIGNED_UNTIL'] };
  writeFileSync(`${path}.new`, `${JSON.stringify(authors, null, 2)}\n`);
  renameSync(`${path}.new`, path);
};

/** By what the sandbox's registries know who asks. */
export const registrySecretsOf = (secrets: Readonly<Record<string, string>>) => ({
  sharedDataSecret: secrets['IDENTITY_SHARED_DATA_SECRET']!,
  centreSecret: secrets['IDENTITY_CENTRE_SECRET']!,
  creditPlatformSecret: secrets['CREDIT_SCORE_SECRET']!,
  bankSecret: secrets['CREDIT_LENDER_SECRET']!,
  settlementBankSecret: secrets['PAYMENT_BANK_SECRET']!,
  issuerSecret: secrets['IDENTITY_ISSUER_SECRET']!,
});
