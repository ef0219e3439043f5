import { canonicalJson } from '@caretab/kernel';
import { blindIndex, deriveKey, open, seal } from '@caretab/security';

/**
 * How messages are kept: sealed, and recognised by a keyed hash, because a plain one could be
 * guessed from an ID number.
 */
export class Envelope {
  private readonly sealingKey: Buffer;
  private readonly hashKey: Buffer;

  /** `master` is 32 bytes. */
  constructor(master: Buffer) {
    this.sealingKey = deriveKey(master, 'gateway raw messages');
    this.hashKey = deriveKey(master, 'gateway content hashes');
  }

  seal(bytes: Buffer, context: string): Buffer {
    return seal(this.sealingKey, bytes, context);
  }

  open(sealed: Buffer, context: string): Buffer {
    return open(this.sealingKey, sealed, context);
  }

  /** The same for the same JSON value, whatever the order of its keys. */
  hash(value: unknown): string {
    return blindIndex(this.hashKey, 'content', canonicalJson(value));
  }

  hashBytes(bytes: Buffer): string {
    return blindIndex(this.hashKey, 'bytes', bytes.toString('latin1'));
  }
}
