import { assert } from '@caretab/kernel';
import { type ChainedEvent, isFault, StreamFaulty, type StreamFault } from '@caretab/event-store';
import type { EventStoreConnection } from './eventstore-connection';
import { onStream, untilAnswered } from './eventstore-errors';
import { readEvent, type ReadEvent, type ReadWanted, TOMBSTONE } from './eventstore-messages';
import { metadataOf, withMetadata } from './eventstore-metadata';

/** Events of one call. */
const PAGE_EVENTS_MAX = 1_000;

/**
 * Reads the streams of one namespace. Full names are `<namespace>-<stream>`; no caller sees them.
 */
export class EventStoreReader {
  /** What full names start with. */
  readonly namespace: string;

  constructor(
    private readonly connection: EventStoreConnection,
    namespace: string,
    private readonly deadlineMs: number,
  ) {
    assert(
      /^[a-z][a-z0-9_]{0,40}$/.test(namespace),
      'a namespace is lower case letters, digits and underscores',
    );
    this.namespace = `${namespace}-`;
  }

  /** Events of a stream from a revision on, as they are: others' are in it as faults. */
  async stream(
    stream: string,
    fromRevision: number,
    countMax: number,
  ): Promise<(ChainedEvent | StreamFault)[]> {
    const events: (ChainedEvent | StreamFault)[] = [];
    while (events.length < countMax) {
      const wanted = Math.min(PAGE_EVENTS_MAX, countMax - events.length);
      const page = await this.streamPage(stream, fromRevision + events.length, wanted);
      for (const event of page) events.push(storedOrFault(event));
      if (page.length < wanted) break;
    }
    return events;
  }

  /** Foreign events are in it, for an audit. */
  streamPage(stream: string, from: number, countMax: number): Promise<ReadEvent[]> {
    return onStream(stream, () => this.read({ stream: this.namespace + stream, from, countMax }));
  }

  /** The newest event of a stream. Throws StreamFaulty when it is not ours. */
  async tail(stream: string): Promise<ChainedEvent | undefined> {
    const [last] = await onStream(stream, () =>
      this.read({ stream: this.namespace + stream, from: 'end', countMax: 1, backwards: true }),
    );
    return last && ours(storedOrFault(last));
  }

  /**
   * The metadata that takes events of a stream away now; undefined: none does. Of a stream that is
   * deleted for good, nothing is said here.
   */
  async truncation(stream: string): Promise<ReadEvent | undefined> {
    const [last] = await this.read({
      ...{ stream: metadataOf(this.namespace + stream), from: 'end', countMax: 1, backwards: true },
    });
    return last?.truncates ? last : undefined;
  }

  /**
   * Events after a position; others', the note of a deletion, and metadata that takes events away
   * now are in it as faults.
   */
  async all(
    after: bigint,
    countMax: number,
    streamPrefix = '',
  ): Promise<(ChainedEvent | StreamFault)[]> {
    const events: (ChainedEvent | StreamFault)[] = [];
    for (let from = after; events.length < countMax;) {
      const wanted = Math.min(PAGE_EVENTS_MAX, countMax - events.length);
      const { page, isLast } = await this.allPage(from, wanted, streamPrefix);
      for (const event of page)
        if (!(await this.isHarmless(event))) events.push(storedOrFault(event));
      if (isLast) break;
      from = page.at(-1)!.position;
    }
    return events;
  }

  /** Metadata that took nothing away, or has been put back since. */
  private async isHarmless({ truncates, stream }: ReadEvent): Promise<boolean> {
    return truncates === false || (truncates === true && !(await this.truncation(stream)));
  }

  /** Every event of the namespace in pages, metadata and foreign ones too, for an audit. */
  async *pages({
    from: first = 0n,
    until,
  }: { readonly from?: bigint; readonly until?: bigint } = {}): AsyncGenerator<ReadEvent[]> {
    // The event at a position is found by that position alone.
    let isFirst = first > 0n;
    for (let from = first; ; isFirst = false) {
      const { page, isLast } = await this.allPage(from, PAGE_EVENTS_MAX, '', isFirst);
      const wanted = until === undefined ? page : page.filter(({ position }) => position <= until);
      if (wanted.length > 0) yield wanted;
      if (isLast || wanted.length < page.length) return;
      from = page.at(-1)!.position;
    }
  }

  /** What is ours of the namespace, from a position on to the end of now. */
  async *entries(from: bigint): AsyncGenerator<readonly ChainedEvent[]> {
    for await (const page of this.pages({ from, until: await this.end() }))
      yield page.flatMap(({ event }) => event ?? []);
  }

  /** Position of the namespace's newest event, 0n for none. */
  async head(): Promise<bigint> {
    const [last] = await this.read({
      prefixes: [this.namespace],
      from: 'end',
      countMax: 1,
      backwards: true,
    });
    return last?.position ?? 0n;
  }

  /** Position of the server's newest event, of any writer. */
  async end(): Promise<bigint> {
    const [last] = await this.read({ from: 'end', countMax: 1, backwards: true });
    return last?.position ?? 0n;
  }

  /**
   * The server counts from a position on, that position included: one more is asked for, and the
   * one that is known is dropped, unless it is wanted too.
   */
  private async allPage(
    after: bigint,
    countMax: number,
    streamPrefix: string,
    isWanted = false,
  ): Promise<{ page: ReadEvent[]; isLast: boolean }> {
    const answer = await this.read({
      prefixes: withMetadata(this.namespace + streamPrefix),
      from: after > 0n ? after : 'start',
      countMax: countMax + 1,
    });
    const page = answer
      .filter(({ position }) => position > after || (isWanted && position === after))
      .slice(0, countMax);
    return { page, isLast: answer.length <= countMax };
  }

  private async read(wanted: ReadWanted & { readonly countMax: number }): Promise<ReadEvent[]> {
    const deadlineAtMs = performance.now() + this.deadlineMs;
    const responses = await untilAnswered('a read', deadlineAtMs, (timeoutMs) =>
      this.connection.read(wanted, timeoutMs),
    );
    return responses.flatMap((response) => readEvent(response, this.namespace) ?? []);
  }
}

export const faultOf = (read: ReadEvent): StreamFault => {
  const { stream, revision, position } = read;
  return { kind: kindOf(read), stream, revision, position, digest: '' };
};

const storedOrFault = (read: ReadEvent): ChainedEvent | StreamFault => read.event ?? faultOf(read);

/** Of an event that is not ours. */
export const kindOf = ({
  type,
  truncates,
}: Pick<ReadEvent, 'type' | 'truncates'>): 'deleted' | 'truncated' | 'foreign' =>
  type === TOMBSTONE ? 'deleted' : truncates ? 'truncated' : 'foreign';

/** Throws StreamFaulty. */
export const ours = (one: ChainedEvent | StreamFault): ChainedEvent => {
  if (isFault(one)) throw new StreamFaulty(one);
  return one;
};
