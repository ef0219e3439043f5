import { hash, timingSafeEqual } from 'node:crypto';
import { assert } from '@caretab/kernel';
import { briefSha256 } from './chain';

/** What an event carries from its writer: which key, and the code over its content and place. */
export interface Signature {
  readonly keyId: string;
  readonly mac: Uint8Array;
}

/** The keys of a ledger. The database that holds the events must not hold them. */
export interface EventKeys {
  /** The key that signs. */
  readonly current: string;
  /** By id, 32 bytes each: the current one and those that signed before it. */
  readonly keys: ReadonlyMap<string, Buffer>;
  /**
   * Position of the last event from before signing: what comes after it without a signature is
   * foreign. Absent while replicas that do not sign yet still write: then a missing signature is no
   * fault.
   */
  readonly signedAfter?: bigint;
  /**
   * Ids of keys that an operator knows to be right, for a key whose only events are forged ones:
   * they are faults of their streams then, not of the key.
   */
  readonly proven?: readonly string[];
  /** Ids of keys that this ledger never had: an event that names one is foreign. */
  readonly disowned?: readonly string[];
}

export const KEY_BYTES = 32;
const MAC_BYTES = 32;

/**
 * The key of an event is not among ours, so that it cannot be verified. That is a
 * fault of the setting, not of the event: readers wait until the key is there.
 */
export class EventKeyUnknown extends Error {
  /** Message handlers and followers retry until it succeeds. */
  readonly kind = 'unavailable';

  constructor(
    readonly keyId: string,
    stream: string,
    revision: number,
  ) {
    super(
      `Event ${revision} of stream ${stream} is signed with the key "${keyId}", which is not among ` +
        'the keys of this ledger. Add it to VISIT_LEDGER_EVENT_KEYS and start the service again; ' +
        'a key that never was is disowned there (docs/runbooks/event-keys.md)',
    );
    this.name = 'EventKeyUnknown';
  }
}

/**
 * The key verifies no event that names it, so that it is another key under the same id. That is a
 * fault of the setting: no stream is blamed before the key has verified one event.
 */
export class EventKeyWrong extends Error {
  /** Message handlers and followers retry until it succeeds. */
  readonly kind = 'unavailable';

  constructor(
    readonly keyId: string,
    { stream, revision }: Pick<Signable, 'stream' | 'revision'>,
  ) {
    super(
      `The key "${keyId}" has verified no event, and does not verify event ${revision} of stream ` +
        `${stream}: it is another key under the same id. Put the right one into ` +
        'VISIT_LEDGER_EVENT_KEYS and start the service again (docs/runbooks/event-keys.md)',
    );
    this.name = 'EventKeyWrong';
  }
}

/** An event as far as its signature goes. */
export interface Signable {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly signature?: Signature | undefined;
}

/**
 * Signs events before they are written and verifies them as they are read, each by itself: HMAC-
 * SHA-256 (RFC 2104) over the revision as a 4-byte big-endian integer and the content digest, which
 * holds the stream's name. Order and time are the chain's.
 */
export class EventSigner {
  /** Ids of keys that have verified an event. */
  private readonly proven: Set<string>;
  private readonly macs: ReadonlyMap<string, Mac>;

  constructor(private readonly keys: EventKeys) {
    assert(keys.keys.has(keys.current), 'the key that signs is among the keys');
    for (const key of keys.keys.values())
      assert(key.length === KEY_BYTES, 'a key of events has 32 bytes');
    this.proven = new Set(keys.proven);
    this.macs = new Map([...keys.keys].map(([id, key]) => [id, macWith(key)]));
  }

  sign(digest: Uint8Array, revision: number): Signature {
    const { current } = this.keys;
    return { keyId: current, mac: this.macs.get(current)!(digest, revision) };
  }

  /** Undefined for an event of ours. Throws EventKeyUnknown and EventKeyWrong. */
  faultOf(event: Signable, digest: Uint8Array): 'foreign' | 'forged' | undefined {
    const { signature, stream, revision, position } = event;
    const { signedAfter } = this.keys;
    if (!signature) {
      const isFromBefore = signedAfter === undefined || position <= signedAfter;
      // No store gives a position below 1: only other hands put a row there.
      return isFromBefore && position > 0n ? undefined : 'foreign';
    }
    const macOf = this.macs.get(signature.keyId);
    if (!macOf && this.keys.disowned?.includes(signature.keyId)) return 'foreign';
    if (!macOf) throw new EventKeyUnknown(signature.keyId, stream, revision);
    const isOurs =
      signature.mac.length === MAC_BYTES && timingSafeEqual(signature.mac, macOf(digest, revision));
    if (isOurs) this.proven.add(signature.keyId);
    else if (!this.proven.has(signature.keyId)) throw new EventKeyWrong(signature.keyId, event);
    return isOurs ? undefined : 'forged';
  }
}

type Mac = (digest: Uint8Array, revision: number) => Buffer;

/** What HMAC hashes at once (RFC 2104, B), and what its key is combined with. */
const BLOCK_BYTES = 64;
const [INNER_PAD, OUTER_PAD] = [0x36, 0x5c];
const DIGEST_BYTES = 32;

/**
 * HMAC-SHA-256 (RFC 2104) by two one-shot hashes over blocks that are kept: half the time of
 * `createHmac`, and every event is signed once and verified once.
 */
const macWith = (key: Buffer): Mac => {
  const inner = padded(key, INNER_PAD, 4 + DIGEST_BYTES);
  const outer = padded(key, OUTER_PAD, MAC_BYTES);
  return (digest, revision) => {
    assert(digest.length === DIGEST_BYTES, 'a content digest has 32 bytes');
    inner.writeInt32BE(revision, BLOCK_BYTES);
    inner.set(digest, BLOCK_BYTES + 4);
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'binary');
    return briefSha256(outer);
  };
};

/** The key combined with a pad, and room for what is hashed behind it. */
const padded = (key: Buffer, pad: number, room: number): Buffer => {
  const block = Buffer.alloc(BLOCK_BYTES + room, pad);
  key.forEach((byte, index) => (block[index] = byte ^ pad));
  return block;
};
