import { assert } from '@caretab/kernel';
import type { ChainedEvent, RecordedEvent } from '@caretab/event-store';
import type { EventStoreConnection } from './eventstore-connection';
import { untilAnswered } from './eventstore-errors';
import { readEvent, type ReadEvent, type ReadWanted } from './eventstore-messages';

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

  async stream(stream: string, fromRevision: number, countMax: number): Promise<ChainedEvent[]> {
    const events: ChainedEvent[] = [];
    while (events.length < countMax) {
      const wanted = Math.min(PAGE_EVENTS_MAX, countMax - events.length);
      const page = (await this.streamPage(stream, fromRevision + events.length, wanted)).map(ours);
      for (const event of page) {
        assert(
          event.revision === fromRevision + events.length,
          `stream ${stream} is whole on the server`,
        );
        events.push(event);
      }
      if (page.length < wanted) break;
    }
    return events;
  }

  /** Foreign events are in it, for an audit. */
  streamPage(stream: string, from: number, countMax: number): Promise<ReadEvent[]> {
    return this.read({ stream: this.namespace + stream, from, countMax });
  }

  /** The newest event of a stream. */
  async tail(stream: string): Promise<ChainedEvent | undefined> {
    const [last] = await this.read({
      stream: this.namespace + stream,
      from: 'end',
      countMax: 1,
      backwards: true,
    });
    return last && ours(last);
  }

  /** Events after a position, the server's own left out. */
  async all(after: bigint, countMax: number, streamPrefix = ''): Promise<ChainedEvent[]> {
    const events: ChainedEvent[] = [];
    for (let from = after; events.length < countMax;) {
      const wanted = Math.min(PAGE_EVENTS_MAX, countMax - events.length);
      const { page, isLast } = await this.allPage(from, wanted, streamPrefix);
      for (const event of page) if (!isSystem(event)) events.push(ours(event));
      if (isLast) break;
      from = page.at(-1)!.position;
    }
    return events;
  }

  /** Every event of the namespace in pages, foreign ones and the server's own too, for an audit. */
  async *pages(until?: bigint): AsyncGenerator<ReadEvent[]> {
    for (let from = 0n; ;) {
      const { page, isLast } = await this.allPage(from, PAGE_EVENTS_MAX, '');
      const wanted = until === undefined ? page : page.filter(({ position }) => position <= until);
      if (wanted.length > 0) yield wanted;
      if (isLast || wanted.length < page.length) return;
      from = page.at(-1)!.position;
    }
  }

  /** Position of the namespace's newest event, 0n for none. */
  async head(): Promise<bigint> {
    const [last] = await this.read({
      prefix: this.namespace,
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
   * one that is known is dropped.
   */
  private async allPage(
    after: bigint,
    countMax: number,
    streamPrefix: string,
  ): Promise<{ page: ReadEvent[]; isLast: boolean }> {
    const answer = await this.read({
      prefix: this.namespace + streamPrefix,
      from: after > 0n ? after : 'start',
      countMax: countMax + 1,
    });
    const page = answer.filter(({ position }) => position > after).slice(0, countMax);
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

/** What the server notes itself, such as that a stream was deleted. */
const isSystem = ({ type }: ReadEvent): boolean => type.startsWith('$');

const ours = ({ event, stream, revision }: ReadEvent): ChainedEvent => {
  assert(event, `event ${revision} of stream ${stream} was written by us`);
  return event;
};

export const recordedEvent = ({
  stream,
  revision,
  position,
  id,
  type,
  data,
  metadata,
  recordedAtMs,
}: ChainedEvent): RecordedEvent => ({
  stream,
  revision,
  position,
  id,
  type,
  data: JSON.parse(data),
  metadata: JSON.parse(metadata),
  recordedAt: new Date(recordedAtMs),
});
