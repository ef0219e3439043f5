import { hash } from 'node:crypto';
import { isKnownFault, type KnownFaults } from './audit';
import { chainHash, contentDigest, GENESIS } from './chain';
import type { ChainedEvent } from './recorded';

/**
 * What an import goes by; an exported event's position is its place in the store it came from, and
 * means nothing in another.
 */
export type TransferredEvent = Omit<ChainedEvent, 'position'>;

/**
 * A ledger that can be moved: every store exports what any other imports, and `LogDigest` proves
 * the two equal.
 * - `export` returns the whole log in its global order, in pages, with the texts exactly as they are
 *   stored. What another client wrote in a form that is not ours is left out of streams whose faults
 *   are known. Throws StreamFaulty in others.
 * - `import` keeps id, revision, time of recording, texts, hash and signature, and the order.
 *   Events already present are skipped, so that an interrupted move can be repeated from any earlier
 *   point. From a known fault on, an event of its stream need not fit its chain. Throws
 *   ImportRefused when another event stands at an event's place, when a stream would get a gap, when
 *   an event does not fit its chain, or when the order would differ. One caller at a time, and no
 *   other writer meanwhile.
 */
export interface Transferable {
  export(known?: KnownFaults): AsyncIterable<readonly ChainedEvent[]>;
  import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void>;
}

/**
 * The target holds something else, or what is to be imported is not whole. Nothing of this event
 * and of what follows it is written.
 */
export class ImportRefused extends Error {
  constructor(
    readonly stream: string,
    readonly revision: number,
    reason:
      | 'another event is there'
      | 'the events before it are missing'
      | 'it does not fit its chain'
      | 'the stream was deleted'
      | 'what comes after it is there already',
  ) {
    super(`Event ${revision} of stream ${stream} was not imported: ${reason}`);
    this.name = 'ImportRefused';
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * A digest over a whole log in its order, signatures included and positions not: equal in every
 * store that holds the same log.
 */
export class LogDigest {
  events = 0;
  private folded: Uint8Array = GENESIS;

  read({
    stream,
    revision,
    hash: eventHash,
    signature,
  }: Pick<ChainedEvent, 'stream' | 'revision' | 'hash' | 'signature'>): void {
    const place = Buffer.from(
      `${Buffer.byteLength(stream)}:${stream},${revision},${signature?.keyId ?? ''},`,
    );
    const parts = [this.folded, place, eventHash, signature?.mac ?? EMPTY];
    this.folded = hash('sha256', Buffer.concat(parts), 'buffer');
    this.events += 1;
  }

  /** Hex. */
  get value(): string {
    return Buffer.from(this.folded).toString('hex');
  }
}

/** Reads a whole log for its digest. */
export const digestOf = async (
  log: Pick<Transferable, 'export'>,
): Promise<{ readonly events: number; readonly digest: string }> => {
  const digest = new LogDigest();
  for await (const page of log.export()) for (const event of page) digest.read(event);
  return { events: digest.events, digest: digest.value };
};

/**
 * Where a stream stands in the target: its last event's revision and hash, -1 and GENESIS for none.
 */
export interface Tail {
  readonly revision: number;
  readonly hash: Uint8Array;
}

export const NO_TAIL: Tail = { revision: -1, hash: GENESIS };

/** The place of an event, as a key. */
export const placeOf = ({
  stream,
  revision,
}: {
  readonly stream: string;
  readonly revision: number;
}): string => `${revision} ${stream}`;

/**
 * What of a batch is still to be written, in order. `there` holds the hashes of those places of the
 * batch that the target has, `tails` where its streams stand. What is there must come before what
 * is not. From a known fault on, an event need not fit its chain; a target that `mayLeap` takes it
 * also where revisions before it are missing. Throws ImportRefused.
 */
export const stillToImport = (
  events: readonly TransferredEvent[],
  there: ReadonlyMap<string, Uint8Array>,
  tails: ReadonlyMap<string, Tail>,
  { known, mayLeap = false }: { readonly known?: KnownFaults | undefined; mayLeap?: boolean } = {},
): TransferredEvent[] => {
  const reached = new Map(tails);
  let missing: TransferredEvent | undefined;
  return events.filter((event) => {
    const { stream, revision } = event;
    const held = there.get(placeOf(event));
    if (held) {
      if (!Buffer.from(held).equals(event.hash))
        throw new ImportRefused(stream, revision, 'another event is there');
      // Written now, the one that is missing would come after it: the order of all would be
      // another.
      if (missing)
        throw new ImportRefused(
          missing.stream,
          missing.revision,
          'what comes after it is there already',
        );
      return false;
    }
    const tail = reached.get(stream) ?? NO_TAIL;
    const isAtFault = isKnownFault(known, event);
    const isNext = revision === tail.revision + 1;
    if (!isNext && !(isAtFault && mayLeap && revision > tail.revision))
      throw new ImportRefused(stream, revision, 'the events before it are missing');
    if (
      !isAtFault &&
      !chainHash(tail.hash, contentDigest(event), revision, event.recordedAtMs).equals(event.hash)
    ) {
      throw new ImportRefused(stream, revision, 'it does not fit its chain');
    }
    reached.set(stream, { revision, hash: event.hash });
    missing ??= event;
    return true;
  });
};
