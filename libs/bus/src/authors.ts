import type { KeyObject } from 'node:crypto';
import { type Topic, UNREADABLE } from '@caretab/contracts';
import { type Clock, type Digest, DomainError, wayToRoot } from '@caretab/kernel';
import type { ReceivedMessage } from './bus';
import { digestOf, isSigned, readSignature, SIGNATURE } from './message-signature';

/** By what a message of an author is verified. */
export interface AuthorKey {
  readonly kid: string;
  readonly author: string;
  readonly key: KeyObject;
  /** The key counts from here on, by the clock of who verifies. */
  readonly from?: Date | undefined;
  /** Nothing is accepted by it any more from here on. */
  readonly until?: Date | undefined;
}

/** Who may be believed: the keys of all authors, by their ids. */
export interface AuthorKeys {
  of(kid: string): AuthorKey | undefined;
  /** Until then a message without a signature is taken, for topics that are older than signing. */
  readonly unsignedUntil?: Date | undefined;
}

const HOSPITAL = 'hospital/';

/** All that was signed: a message has the same verdict before and after others of its batch. */
interface Verified {
  readonly key: AuthorKey;
  readonly size: number;
  readonly signature: Buffer;
}

/** Roots that were verified and are kept: some 1 MB. */
const VERIFIED_MAX = 5_000;

/**
 * Verifies who wrote a message, before anything else of it is believed. One Ed25519 verification per
 * batch of its author and process: roots that were verified are kept.
 */
export class Authors {
  private readonly verified = new Map<Digest, Verified>();

  constructor(
    private readonly keys: AuthorKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws AUTHOR_FORBIDDEN (forbidden) where no author of the topic wrote it, and SIGNATURE_INVALID
   * (invalid) where it is not as its author wrote it.
   */
  verify(topic: Topic, message: ReceivedMessage): void {
    const text = message.headers[SIGNATURE];
    // What the bus had to encode is refused by its reader, by name.
    if (message.headers[UNREADABLE] !== undefined) return;
    if (text === undefined) return this.checkUnsigned(topic);
    const header = readSignature(text);
    if (!header) throw invalid(topic, 'the signature cannot be read');
    const key = this.keyOf(topic, header.kid);
    const { author } = key;
    if (!topic.authors.includes(author))
      throw forbidden(topic, `${author} is no author of the topic`);
    if (author.startsWith(HOSPITAL) && message.headers['ce_source'] !== author)
      throw forbidden(topic, `${author} names another source`);
    const leaf = digestOf('message', topic.name, message);
    const root = wayToRoot({ ...header, leaf })?.at(-1);
    if (root === undefined) throw invalid(topic, 'the proof fits no batch');
    const { size, signature } = header;
    const known = this.verified.get(root);
    if (known?.key === key && known.size === size && known.signature.equals(signature)) return;
    if (!isSigned(root, header, key.key)) throw invalid(topic, `it is not what ${author} signed`);
    this.note(root, { key, size, signature: Buffer.from(signature) });
  }

  private checkUnsigned(topic: Topic): void {
    const { unsignedUntil } = this.keys;
    if (!unsignedUntil || this.clock.now() >= unsignedUntil)
      throw forbidden(topic, 'no author signed it');
  }

  private keyOf(topic: Topic, kid: string): AuthorKey {
    const key = this.keys.of(kid);
    const now = this.clock.now();
    if (!key) throw forbidden(topic, 'its key is none of an author');
    if ((key.from && now < key.from) || (key.until && now >= key.until))
      throw forbidden(topic, `the key ${kid} does not count now`);
    return key;
  }

  private note(digest: Digest, verified: Verified): void {
    this.verified.set(digest, verified);
    if (this.verified.size <= VERIFIED_MAX) return;
    const [oldest] = this.verified.keys();
    this.verified.delete(oldest!);
  }
}

const forbidden = ({ name }: Topic, why: string): DomainError =>
  new DomainError('AUTHOR_FORBIDDEN', 'forbidden', { topic: name, why });

const invalid = ({ name }: Topic, why: string): DomainError =>
  new DomainError('SIGNATURE_INVALID', 'invalid', { topic: name, why });
