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

export const bytesOf = ({ state, causes }: KeptVisit): number =>
  VISIT_BYTES +
  state.charges.size * CHARGE_BYTES +
  causes.size * ID_BYTES +
  (state.returns.size + state.waitingReturns.size + state.submissions.size) * OTHER_BYTES;

/** Nothing more is expected of it. */
export const isOver = ({ status }: Visit): boolean =>
  status === 'settled' || status === 'cancelled';
