import {
  type ChainedEvent,
  type KnownFaults,
  LogDigest,
  type Transferable,
} from '@caretab/event-store';

export type LedgerLog = Pick<Transferable, 'export'>;

export interface Comparison {
  /**
   * `behind`, `ahead`: the target holds the beginning of the source, or the source that of the
   * target.
   */
  readonly outcome: 'equal' | 'behind' | 'ahead' | 'different';
  /** Events at the beginning that both hold, in one order. */
  readonly common: number;
  /** The first event of the target that the source has not there. */
  readonly at?: { readonly stream: string; readonly revision: number };
  /** Hex; over what both hold, in its order. */
  readonly digest: string;
  /**
   * Positions of the source, as they were asked for → the same places in the target. Absent where
   * the source has nothing up to there.
   */
  readonly translated: ReadonlyMap<bigint, bigint>;
}

async function* eventsOf(
  log: LedgerLog,
  known: KnownFaults | undefined,
): AsyncGenerator<ChainedEvent> {
  for await (const page of log.export(known)) yield* page;
}

const isSame = (one: ChainedEvent, other: ChainedEvent): boolean =>
  one.stream === other.stream &&
  one.revision === other.revision &&
  Buffer.from(one.hash).equals(other.hash) &&
  one.signature?.keyId === other.signature?.keyId &&
  Buffer.from(one.signature?.mac ?? '').equals(other.signature?.mac ?? Buffer.alloc(0));

/**
 * Walks both logs in their orders, as far as they agree. An event's hash stands for its content
 * where the chains of both verify.
 */
export const compareLogs = async (
  source: LedgerLog,
  target: LedgerLog,
  {
    known,
    positions = [],
  }: { readonly known?: KnownFaults; readonly positions?: readonly bigint[] } = {},
): Promise<Comparison> => {
  const [left, right] = [eventsOf(source, known), eventsOf(target, known)];
  const digest = new LogDigest();
  const translated = new Map<bigint, bigint>();
  const ended = (outcome: Comparison['outcome'], event?: ChainedEvent): Comparison => ({
    outcome,
    common: digest.events,
    digest: digest.value,
    translated,
    ...(event && { at: { stream: event.stream, revision: event.revision } }),
  });
  try {
    for (;;) {
      const [one, other] = await Promise.all([left.next(), right.next()]);
      if (one.done && other.done) return ended('equal');
      if (other.done) return ended('behind');
      if (one.done) return ended('ahead', other.value);
      if (!isSame(one.value, other.value)) return ended('different', other.value);
      digest.read(one.value);
      for (const position of positions)
        if (one.value.position <= position) translated.set(position, other.value.position);
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
};
