import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A key of a channel, in PEM. Throws an Error of one sentence where it cannot be read. */
export const keyOf = (
  channel: string,
  file: string,
  read: (pem: string) => KeyObject,
): KeyObject => {
  try {
    return read(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(`The key ${file} of the channel ${channel} cannot be read: ${why}`, { cause });
  }
};
