import type { EventRow } from './audit-chain';
import { Check, type Finding } from './finding';
import type { Touched } from './touched';

interface Held {
  readonly ours: EventRow[];
  /** Of them, in the stream in which the visit goes on. */
  readonly copies: EventRow[];
  leftOut: number;
  retired: number;
  decided: number;
}

const DECISIONS = 'resumption-';
const copiedFrom = ({ metadata }: EventRow): string | undefined =>
  (JSON.parse(metadata) as { copiedFrom?: string }).copiedFrom;

/**
 * Reads the rows of the log in their order, and says which are facts of the ledger. What others
 * wrote is known by name, so that no more than one event of each visit they touched is left out.
 */
export class ContinuedStory {
  private readonly held: ReadonlyMap<string, Held>;
  private readonly check = new Check(
    'a visit into which others wrote goes on with every event of its stream that is ours, in order, ' +
      'and no other goes on elsewhere',
    true,
  );

  constructor(private readonly touched: readonly Touched[]) {
    this.held = new Map(
      touched.map(({ visitId }) => [
        visitId,
        { ours: [], copies: [], leftOut: 0, retired: 0, decided: 0 },
      ]),
    );
  }

  /** Whether another writer wrote it. */
  isTheirs({ stream, revision, id }: Pick<EventRow, 'stream' | 'revision' | 'id'>): boolean {
    return this.touched.some(
      (one) => one.eventId === id && one.stream === stream && one.revision === revision,
    );
  }

  /** Whether the row is a fact at its place: no copy, no end of a stream, no operator's decision. */
  read(row: EventRow): boolean {
    const { stream, type } = row;
    const isDecision = stream.startsWith(DECISIONS);
    const isCopy = copiedFrom(row) !== undefined;
    const [visitId = ''] = stream.slice(stream.indexOf('-') + 1).split('~');
    const held = this.held.get(visitId);
    const isFact =
      !isDecision && !isCopy && type !== 'StreamRetired' && !(held && this.isTheirs(row));
    if (!held) {
      if (!isFact) this.check.must(false, () => ({ stream, type, touched: 'by nobody' }));
      return isFact;
    }
    if (isDecision) held.decided += 1;
    else if (isCopy) held.copies.push(row);
    else if (type === 'StreamRetired') held.retired += 1;
    else if (!isFact) held.leftOut += 1;
    else if (!stream.includes('~')) held.ours.push(row);
    return isFact;
  }

  finding(): Finding {
    for (const { visitId, kind } of this.touched) {
      const { ours, copies, ...counts } = this.held.get(visitId)!;
      const isPutBack = kind === 'truncated';
      const isSame = isPutBack
        ? copies.length === 0
        : ours.length === copies.length &&
          ours.every((one, at) => {
            const copy = copies[at]!;
            const { stream, revision, id, type, data } = one;
            return (
              copy.stream === `${stream}~2` &&
              copiedFrom(copy) === String(revision) &&
              [copy.id, copy.type, copy.data].join() === [id, type, data].join()
            );
          });
      const times = isPutBack ? 0 : 1;
      const areCounts = Object.values(counts).every((count) => count === times);
      this.check.must(isSame && areCounts, () => ({
        ...{ visitId, ours: ours.length, copies: copies.length, isSame, ...counts },
      }));
    }
    const leftOut = [...this.held.values()].reduce((sum, held) => sum + held.leftOut, 0);
    this.check.note(`${leftOut} events of others are left out`);
    return this.check.finding();
  }
}
