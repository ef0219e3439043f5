import { createHmac } from 'node:crypto';

/** A declined collection of the sample day is tried again at once instead of after an hour. */
export const SAMPLE_DAY = {
  PAYMENT_RETRY_DELAY_MS: '300',
  PAYMENT_COLLECT_INTERVAL_MS: '250',
  // The day is settled at whatever hour it is played.
  PAYMENT_QUIET_HOURS: 'off',
};

/**
 * The key with which each sample hospital comes to the HTTP door: the same at every start of a data
 * folder.
 */
export const keysOf =
  (secrets: Readonly<Record<string, string>>) =>
  (institutionId: string): string =>
    createHmac('sha256', secrets['SAMPLE_INSTITUTION_KEY']!).update(institutionId).digest('hex');
