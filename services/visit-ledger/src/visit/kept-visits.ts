import { bytesOf, isOver, type KeptVisit } from './kept-visit';
import { packed, packedBytesOf, type PackedVisit, unpacked } from './packed-visits';

const DEFAULT_BYTES_MAX = 128 * 1024 * 1024;

/** Of the room, what visits may take that are packed; the others have the rest. */
const PACKED_PART = 0.75;

/** In the order of their use, and how much room they take. */
class Shelf<Item> {
  bytes = 0;
  private readonly items = new Map<string, { readonly item: Item; readonly bytes: number }>();

  constructor(private readonly bytesOf: (item: Item) => number) {}

  get(visitId: string): Item | undefined {
    return this.items.get(visitId)?.item;
  }

  put(visitId: string, item: Item): void {
    this.take(visitId);
    const bytes = this.bytesOf(item);
    this.items.set(visitId, { item, bytes });
    this.bytes += bytes;
  }

  take(visitId: string): Item | undefined {
    const found = this.items.get(visitId);
    if (!found) return undefined;
    this.bytes -= found.bytes;
    this.items.delete(visitId);
    return found.item;
  }

  oldest(): string | undefined {
    return this.items.keys().next().value;
  }

  clear(): void {
    this.items.clear();
    this.bytes = 0;
  }
}

/**
 * Visits that need not be read again, bounded in bytes. Where they do not fit, the least recently
 * used are packed, and of those the least recently used go; so does one that is over. The one that
 * was kept last stays, whatever its size.
 */
export class KeptVisits {
  /** For metrics: how often a visit was here, and was not. */
  hits = 0;
  misses = 0;
  /** Of the misses: it was read from a snapshot on. */
  fromSnapshots = 0;
  /** Of the hits: it was packed. */
  unpacked = 0;
  private readonly whole = new Shelf<KeptVisit>(bytesOf);
  private readonly packed = new Shelf<PackedVisit>(packedBytesOf);

  constructor(private readonly bytesMax = DEFAULT_BYTES_MAX) {}

  get bytes(): number {
    return this.whole.bytes + this.packed.bytes;
  }

  get(visitId: string): KeptVisit | undefined {
    const visit = this.whole.get(visitId);
    if (visit) return visit;
    const found = this.packed.take(visitId);
    if (!found) return undefined;
    this.unpacked += 1;
    this.keep(visitId, unpacked(found));
    return this.whole.get(visitId);
  }

  keep(visitId: string, visit: KeptVisit): void {
    this.packed.take(visitId);
    this.whole.put(visitId, visit);
    while (this.bytes > this.bytesMax) if (!this.makeRoom(visitId)) return;
  }

  drop(visitId: string): void {
    this.whole.take(visitId);
    this.packed.take(visitId);
  }

  clear(): void {
    this.whole.clear();
    this.packed.clear();
  }

  /** False where there is nothing but the visit that stays. */
  private makeRoom(stays: string): boolean {
    const oldest = this.whole.oldest();
    const isPackedFull = this.packed.bytes > this.bytesMax * PACKED_PART;
    if (oldest === undefined || oldest === stays || isPackedFull) {
      const leaving = this.packed.oldest();
      if (leaving === undefined) return false;
      this.packed.take(leaving);
    } else {
      const visit = this.whole.take(oldest)!;
      if (!isOver(visit.state)) this.packed.put(oldest, packed(visit));
    }
    return true;
  }
}
