import type { Visit } from './visit-state';

/** A visit as it was last read or appended to. */
export interface KeptVisit {
  readonly stream: string;
  readonly state: Visit;
  readonly revision: number | 'none';
  /** Messages that caused a fact of the stream: they were answered. Grows with the stream. */
  readonly causes: Set<string>;
  /** A row of its own was read, or is being written. */
  readonly hasSnapshot?: boolean;
}

/**
 * Bytes of V8's heap, measured over visits of the bench: what each visit has, each of its charges,
 * each id that it remembers, and anything else that it lists.
 */
const VISIT_BYTES = 3_200;
const CHARGE_BYTES = 600;
const ID_BYTES = 110;
const OTHER_BYTES = 400;
const DEFAULT_BYTES_MAX = 128 * 1024 * 1024;

export const bytesOf = ({ state, causes }: KeptVisit): number =>
  VISIT_BYTES +
  state.charges.size * CHARGE_BYTES +
  causes.size * ID_BYTES +
  (state.returns.size + state.waitingReturns.size + state.submissions.size) * OTHER_BYTES;

/**
 * Visits that need not be read again, bounded in bytes: the least recently used go first. The one
 * that was kept last stays, whatever its size.
 */
export class KeptVisits {
  /** For metrics: how often a visit was here, and was not. */
  hits = 0;
  misses = 0;
  /** Of the misses: it was read from a snapshot on. */
  fromSnapshots = 0;
  bytes = 0;
  private readonly visits = new Map<
    string,
    { readonly visit: KeptVisit; readonly bytes: number }
  >();

  constructor(private readonly bytesMax = DEFAULT_BYTES_MAX) {}

  get(visitId: string): KeptVisit | undefined {
    return this.visits.get(visitId)?.visit;
  }

  keep(visitId: string, visit: KeptVisit): void {
    this.drop(visitId);
    const bytes = bytesOf(visit);
    this.visits.set(visitId, { visit, bytes });
    this.bytes += bytes;
    for (const oldest of this.visits.keys()) {
      if (this.bytes <= this.bytesMax || oldest === visitId) return;
      this.drop(oldest);
    }
  }

  drop(visitId: string): void {
    this.bytes -= this.visits.get(visitId)?.bytes ?? 0;
    this.visits.delete(visitId);
  }

  clear(): void {
    this.visits.clear();
    this.bytes = 0;
  }
}
