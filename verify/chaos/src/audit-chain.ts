import { hash } from 'node:crypto';
import { Check, type Finding } from './finding';

/** A row of the ledger's event table, the texts as they are stored. */
export interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly recordedAt: Date;
  readonly hash: Buffer;
}

const GENESIS = Buffer.alloc(32);
const framed = (text: string): string => `${Buffer.byteLength(text)}:${text},`;

/**
 * The chain, implemented a second time from its definition: an auditor does not use the audited
 * code.
 */
export const linkOf = (
  previous: Uint8Array,
  { stream, id, type, data, metadata, revision, recordedAt }: Omit<EventRow, 'hash' | 'position'>,
): Buffer => {
  const content = hash('sha256', [stream, id, type, data, metadata].map(framed).join(''), 'buffer');
  const place = Buffer.alloc(12);
  place.writeInt32BE(revision, 0);
  place.writeBigInt64BE(BigInt(recordedAt.getTime()), 4);
  return hash('sha256', Buffer.concat([previous, content, place]), 'buffer');
};

/** Reads the event table in the order of positions and holds every stream's chain against it. */
export class ChainStory {
  private readonly check = new Check(
    'the audit chain verifies from the first event: no event was changed, dropped or moved',
  );
  private readonly tails = new Map<
    string,
    { readonly revision: number; readonly hash: Uint8Array }
  >();
  private position = 0;
  private theirs = 0;
  events = 0;

  /** `isTheirs`: what another writer wrote is chained to nothing, and a fault that is known. */
  constructor(private readonly isTheirs: (row: EventRow) => boolean = () => false) {}

  read(row: EventRow): void {
    const tail = this.tails.get(row.stream) ?? { revision: -1, hash: GENESIS };
    this.events += 1;
    const isNext = row.revision === tail.revision + 1 && row.position === this.position + 1;
    const isTheirs = this.isTheirs(row);
    if (isTheirs) this.theirs += 1;
    this.check.must(isNext && linkOf(tail.hash, row).equals(row.hash) !== isTheirs, () => ({
      stream: row.stream,
      revision: row.revision,
      position: row.position,
      what: isNext ? 'content' : 'gap',
    }));
    this.tails.set(row.stream, { revision: row.revision, hash: row.hash });
    this.position = row.position;
  }

  /** `proof`: what the ledger's own route says. */
  finding(proof: {
    readonly intact: boolean;
    readonly events: number;
    readonly faults: readonly unknown[];
    readonly knownFaults: number;
  }): Finding {
    const { intact, events, knownFaults, faults } = proof;
    this.check.must(intact && events === this.events && knownFaults === this.theirs, () => ({
      proof: faults.slice(0, 3),
      ...{ events, counted: this.events, knownFaults, ofOthers: this.theirs },
    }));
    return this.check.finding();
  }
}
