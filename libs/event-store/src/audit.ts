import { chainHash, contentDigest, GENESIS, sealHash } from './chain';
import type { ChainedEvent } from './recorded';
import type { EventSigner } from './signature';

/**
 * Where the chain breaks: `gap` a revision or position is missing or out of order; `content` an
 * event is not what was recorded; `foreign` and `forged` as of a stream's fault; `truncated` the
 * server was set to keep events of the stream back; `deleted` it took the stream away.
 */
export interface ChainFault {
  readonly kind: 'gap' | 'content' | 'foreign' | 'forged' | 'truncated' | 'deleted';
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
}

/**
 * Streams whose faults are decided, by the revision of the first event at fault: their visits go on
 * in other streams.
 */
export type KnownFaults = ReadonlyMap<string, number>;

export const isKnownFault = (
  known: KnownFaults | undefined,
  { stream, revision }: { readonly stream: string; readonly revision: number },
): boolean => revision >= (known?.get(stream) ?? Infinity);

export interface AuditReport {
  readonly events: number;
  readonly streams: number;
  /**
   * The first faults found, at most FAULTS_MAX; none means that the chain verifies from the first
   * event.
   */
  readonly faults: readonly ChainFault[];
}

export interface LogAuditReport extends AuditReport {
  /** Position the seal reaches to. */
  readonly head: bigint;
  /** Faults that are known (`AuditOptions.known`); they are not among `faults`. */
  readonly knownFaults: number;
  /**
   * Hex; the same log up to the same head always has the same seal. Kept outside, it proves later
   * that nothing was cut off at the end.
   */
  readonly seal: string;
}

export interface AuditOptions {
  /** Seal only up to this position, to compare with a seal that was kept. */
  readonly until?: bigint;
  readonly known?: KnownFaults | undefined;
  /** Called periodically with the number of events read, chains first, then the order of all. */
  readonly progress?: (eventsRead: number) => void;
}

/** What proves the log; every store has it. */
/**
 * `gapless`: positions count 1, 2, 3; `growing`: they are offsets in the server's log, and a cut in
 * it shows in a stream's revisions or in the seal.
 */
export type Positions = 'gapless' | 'growing';

export interface AuditTrail {
  readonly positions: Positions;
  /** `each` is given the events of ours in their order, whether they are at fault or not. */
  verifyStream(stream: string, each?: (event: ChainedEvent) => void): Promise<AuditReport>;
  /** Pages of all events in their order, from a position on, that position included; 0n for all. */
  entries(from: bigint): AsyncIterable<readonly OrderedEvent[]>;
  verifyAll(options?: AuditOptions): Promise<LogAuditReport>;
}

export const FAULTS_MAX = 100;

/** The first faults, and how many of the known ones were met. */
class Faults {
  readonly faults: ChainFault[] = [];
  knownFaults = 0;

  constructor(private readonly known: KnownFaults | undefined) {}

  fault(
    kind: ChainFault['kind'],
    { stream, revision, position }: Pick<ChainedEvent, 'stream' | 'revision' | 'position'>,
  ): void {
    if (isKnownFault(this.known, { stream, revision })) this.knownFaults += 1;
    else if (this.faults.length < FAULTS_MAX)
      this.faults.push({ kind, stream, revision, position });
  }
}

/** Checks chains. Events come stream by stream, each stream in the order of its revisions. */
export class ChainAudit extends Faults {
  events = 0;
  streams = 0;
  private stream: string | undefined;
  private revision = -1;
  private previous: Uint8Array = GENESIS;

  constructor(
    private readonly signer: EventSigner,
    known?: KnownFaults,
  ) {
    super(known);
  }

  read(event: ChainedEvent): void {
    if (event.stream !== this.stream) this.begin(event.stream);
    this.events += 1;
    const isNext = event.revision === this.revision + 1;
    const kind = isNext ? faultOf(event, this.previous, this.signer) : 'gap';
    if (kind) this.fault(kind, event);
    // Going on from the hash as stored: one altered event is one fault, not a fault for every event
    // after it.
    this.revision = event.revision;
    this.previous = event.hash;
  }

  report(): AuditReport {
    return { events: this.events, streams: this.streams, faults: this.faults };
  }

  get lastRevision(): number {
    return this.revision;
  }

  private begin(stream: string): void {
    this.stream = stream;
    this.streams += 1;
    this.revision = -1;
    this.previous = GENESIS;
  }
}

/**
 * Checks chains whose events come mixed, in the order of all: one hash is kept for every stream.
 */
export class MixedChainAudit extends Faults {
  events = 0;
  private readonly tails = new Map<
    string,
    { readonly revision: number; readonly hash: Uint8Array }
  >();

  constructor(
    private readonly signer: EventSigner,
    known?: KnownFaults,
  ) {
    super(known);
  }

  read(event: ChainedEvent): void {
    const { stream, revision, hash } = event;
    const tail = this.tails.get(stream) ?? { revision: -1, hash: GENESIS };
    this.events += 1;
    const isNext = revision === tail.revision + 1;
    const kind = isNext ? faultOf(event, tail.hash, this.signer) : 'gap';
    if (kind) this.fault(kind, event);
    this.tails.set(stream, { revision, hash });
  }

  report(): AuditReport {
    return { events: this.events, streams: this.tails.size, faults: this.faults };
  }
}

/** Throws EventKeyUnknown. */
const faultOf = (
  event: ChainedEvent,
  previous: Uint8Array,
  signer: EventSigner,
): ChainFault['kind'] | undefined => {
  const digest = contentDigest(event);
  const isIntact = chainHash(previous, digest, event.revision, event.recordedAtMs).equals(
    event.hash,
  );
  return isIntact ? signer.faultOf(event, digest) : 'content';
};

export type OrderedEvent = Pick<ChainedEvent, 'position' | 'hash' | 'stream' | 'revision'>;

/** Checks the order of all events and seals it. Events come in the order of positions. */
export class OrderAudit extends Faults {
  head = 0n;
  private sealed: Uint8Array = GENESIS;

  constructor(
    private readonly positions: Positions = 'gapless',
    known?: KnownFaults,
  ) {
    super(known);
  }

  /** What stands below position 1 is none of the log, and not sealed. */
  read({ position, hash, stream, revision }: OrderedEvent): void {
    if (position <= 0n) return this.fault('gap', { stream, revision, position });
    const isNext =
      this.positions === 'gapless' ? position === this.head + 1n : position > this.head;
    if (!isNext) this.fault('gap', { stream, revision, position });
    this.head = position;
    this.sealed = sealHash(this.sealed, position, hash);
  }

  get seal(): string {
    return Buffer.from(this.sealed).toString('hex');
  }
}

/** The report of a whole log. */
export const logReport = (
  chains: ChainAudit | MixedChainAudit,
  order: OrderAudit,
): LogAuditReport => ({
  ...chains.report(),
  faults: [...chains.faults, ...order.faults].slice(0, FAULTS_MAX),
  knownFaults: chains.knownFaults + order.knownFaults,
  head: order.head,
  seal: order.seal,
});
