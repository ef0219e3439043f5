/** Why a connection is refused or cut off. */
export type Cut =
  | 'address'
  | 'bytes'
  | 'certificate'
  | 'first byte'
  | 'frame'
  | 'full'
  | 'gave way'
  | 'handshake'
  | 'http'
  | 'idle'
  | 'peer';

/** One connection's place. */
export interface Seat {
  /** Whose it is: a certificate, or an address; undefined while a certificate is awaited. */
  peer: string | undefined;
  /** Whether its sender is known, as of now: then it keeps its place. */
  isKnown: () => boolean;
  /** Bytes that it holds in memory. */
  bytes: number;
  /** They wait for its sender, not for us. */
  isStalled: boolean;
  /** Closes the connection. */
  cut: (why: Cut) => void;
}

export interface SeatLimits {
  readonly connectionsMax: number;
  /** Of one certificate or address. */
  readonly connectionsPerPeerMax: number;
  /** Bytes in flight, of all connections together. */
  readonly bytesMax: number;
}

/**
 * Who may be connected, and how many bytes all of them may hold. Where there is no place left, the
 * oldest connection of an unknown sender gives way: who says nothing keeps no hospital out.
 */
export class Seats {
  /** The oldest first. */
  private readonly taken = new Set<Seat>();
  private bytes = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly limits: SeatLimits) {}

  /** What is here now, for metrics. */
  get counts(): { readonly connections: number; readonly bytes: number } {
    return { connections: this.taken.size, bytes: this.bytes };
  }

  /** A place, or why there is none. */
  take(cut: Seat['cut'], peer?: string): Seat | Extract<Cut, 'full' | 'peer'> {
    if (peer !== undefined && !this.hasShareLeft(peer)) return 'peer';
    if (this.taken.size >= this.limits.connectionsMax && !this.freeOneOf([...this.taken]))
      return 'full';
    const seat: Seat = { peer, isKnown: () => false, bytes: 0, isStalled: false, cut };
    this.taken.add(seat);
    return seat;
  }

  /** Whose the place is has become known; false when that is one too many of theirs. */
  name(seat: Seat, peer: string): boolean {
    if (!this.hasShareLeft(peer)) return false;
    seat.peer = peer;
    return true;
  }

  leave(seat: Seat): void {
    this.holds(seat, 0);
    this.taken.delete(seat);
  }

  /**
   * What a connection holds from now on. At the bound the sender that makes most bytes wait for it
   * loses its largest connection, until there is room again or everything left is in our work.
   */
  holds(seat: Seat, bytes: number, isStalled = false): void {
    if (!this.taken.has(seat)) return;
    this.bytes += bytes - seat.bytes;
    seat.bytes = bytes;
    seat.isStalled = isStalled;
    while (!this.hasRoom()) {
      const worst = this.worst();
      if (!worst) return;
      this.leave(worst);
      worst.cut('bytes');
    }
    for (const go of this.waiting.splice(0)) go();
  }

  /** Resolves once more bytes may be read. */
  room(): Promise<void> {
    return this.hasRoom()
      ? Promise.resolve()
      : new Promise((resolve) => void this.waiting.push(resolve));
  }

  private hasRoom(): boolean {
    return this.bytes < this.limits.bytesMax;
  }

  private hasShareLeft(peer: string): boolean {
    const theirs = [...this.taken].filter((seat) => seat.peer === peer);
    return theirs.length < this.limits.connectionsPerPeerMax || this.freeOneOf(theirs);
  }

  private freeOneOf(seats: readonly Seat[]): boolean {
    const unknown = seats.find(({ isKnown }) => !isKnown());
    if (!unknown) return false;
    this.leave(unknown);
    unknown.cut('gave way');
    return true;
  }

  private worst(): Seat | undefined {
    const stalled = [...this.taken].filter(({ isStalled, bytes }) => isStalled && bytes > 0);
    const ofPeer = new Map<string | undefined, number>();
    for (const { peer, bytes } of stalled) ofPeer.set(peer, (ofPeer.get(peer) ?? 0) + bytes);
    const [first] = stalled.sort(
      (one, other) => ofPeer.get(other.peer)! - ofPeer.get(one.peer)! || other.bytes - one.bytes,
    );
    return first;
  }
}
