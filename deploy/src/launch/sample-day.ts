import { createHmac } from 'node:crypto';
import { type Bus, readSigningKeys, signingBus, type SigningKey } from '@caretab/bus';
import { privateKeyOf } from '@caretab/kernel';

export const SAMPLE_DAY = {
  // A declined collection is tried again at once instead of after an hour.
  PAYMENT_RETRY_DELAY_MS: '300',
  PAYMENT_COLLECT_INTERVAL_MS: '250',
  // The day is settled at whatever hour it is played.
  PAYMENT_QUIET_HOURS: 'off',
  // Its hospitals have the same keys at every start.
  IDENTITY_CHOSEN_KEYS: 'on',
};

/**
 * The key with which each sample hospital comes to the HTTP door: the same at every start of a data
 * folder.
 */
export const keysOf =
  (secrets: Readonly<Record<string, string>>) =>
  (institutionId: string): string =>
    createHmac('sha256', secrets['SAMPLE_INSTITUTION_KEY']!).update(institutionId).digest('hex');

/** The hospitals of the sample day that write to the bus themselves. */
export const SAMPLE_PRODUCERS = ['HZ003'];

/** The key by which a hospital's own producer signs: as its key for the HTTP door. */
export const producerKeyOf = (
  secrets: Readonly<Record<string, string>>,
  institutionId: string,
): SigningKey => {
  const seed = createHmac('sha256', secrets['SAMPLE_INSTITUTION_KEY']!)
    .update(`producer ${institutionId}`)
    .digest();
  const author = `hospital/${institutionId}`;
  return { kid: `${author}-1`, author, key: privateKeyOf(seed) };
};

/** The bus as a hospital's own producer has it. */
export const producersOf =
  (bus: Bus, secrets: Readonly<Record<string, string>>) =>
  (institutionId: string): Bus =>
    signingBus(bus, () => producerKeyOf(secrets, institutionId));

/** The key of a service or a sample hospital, for who writes in its place: a rehearsal. */
export const signingKeysOf = (
  secrets: Readonly<Record<string, string>>,
): ((author: string) => SigningKey) => {
  const keys = readSigningKeys(secrets['BUS_SIGNING_KEYS']!);
  return (author) => keys.get(author) ?? producerKeyOf(secrets, author.replace('hospital/', ''));
};
