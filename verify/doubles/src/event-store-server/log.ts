import { EventEmitter } from 'node:events';

/** An event as the server keeps it. */
export interface StoredEvent {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  data: Buffer;
  metadata: Buffer;
  /** 100 ns since 1970. */
  readonly createdTicks: bigint;
  /** Offset of its record in the log. */
  readonly position: bigint;
}

export type ProposedEvent = Pick<StoredEvent, 'id' | 'type' | 'isJson' | 'data' | 'metadata'>;

/** What a write expects of its stream: a revision, or one of the three words. */
export type Expectation = number | 'none' | 'any' | 'exists';

export type WriteOutcome =
  | { readonly kind: 'written'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong'; readonly current: number }
  | { readonly kind: 'deleted' };

/** The server's data as it was at some time. */
export interface LogCopy {
  readonly events: readonly StoredEvent[];
  readonly tombstoned: ReadonlySet<string>;
  readonly end: bigint;
}

interface Stream {
  readonly events: StoredEvent[];
  isTombstoned: boolean;
}

/** What the metadata of a stream may say: which of its events are there, and who may do what. */
export interface StreamMetadata {
  readonly $tb?: number;
  readonly $maxCount?: number;
  /** Seconds. */
  readonly $maxAge?: number;
  readonly $acl?: Readonly<Record<string, string | readonly string[]>>;
}

/** `$tb` of a stream that was deleted softly: the last revision there can be. */
const DELETED = '9223372036854775807';
/** Revision of a tombstone; a JavaScript number does not reach to the last one there can be. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;
const TICKS_A_SECOND = 10_000_000n;

/** Bytes of a record besides its texts. */
const RECORD_BYTES = 131;
/** The server notes something of its own after so many writes. */
const STATISTICS_EVERY = 20;

/**
 * The transaction log: what was written, in its order, by the server's rules
 * (IndexWriter.CheckCommit of EventStoreDB 24.10).
 */
export class ServerLog extends EventEmitter {
  readonly events: StoredEvent[] = [];
  private readonly streams = new Map<string, Stream>();
  private writes = 0;
  /** The log begins with a record that is no event: no event stands at offset 0. */
  private end = 180n;

  constructor() {
    super();
    this.setMaxListeners(0);
    this.note('$users', '$User', '{"login":"admin"}');
    this.note('$user-admin', '$UserCreated', '{"loginName":"admin"}');
  }

  write(name: string, proposed: readonly ProposedEvent[], expected: Expectation): WriteOutcome {
    const stream = this.streams.get(name) ?? { events: [], isTombstoned: false };
    const isSoftDeleted = this.isSoftDeleted(name, stream);
    const refusalOrRepeat = check(stream, isSoftDeleted, proposed, expected);
    if (refusalOrRepeat) return refusalOrRepeat;
    this.streams.set(name, stream);
    const firstNew = stream.events.length;
    for (const event of proposed) this.record(name, stream, event);
    if (isSoftDeleted) this.note(`$$${name}`, '$metadata', `{"$tb":${firstNew}}`);
    if ((this.writes += 1) % STATISTICS_EVERY === 0)
      this.note('$stats-127.0.0.1:2113', '$statsCollected', `{"proc-mem":${this.writes}}`);
    const last = stream.events.at(-1)!;
    return { kind: 'written', revision: last.revision, position: last.position };
  }

  /** `hard` leaves a tombstone; otherwise the stream can go on where it was. */
  delete(name: string, expected: Expectation, hard: boolean): WriteOutcome {
    const stream = this.streams.get(name) ?? { events: [], isTombstoned: false };
    if (stream.isTombstoned) return { kind: 'deleted' };
    const current = stream.events.length - 1;
    const isExpected =
      expected === 'any' ||
      (expected === 'exists' ? current >= 0 : expected === (current < 0 ? 'none' : current));
    if (!isExpected) return { kind: 'wrong', current };
    this.streams.set(name, stream);
    if (hard) {
      stream.isTombstoned = true;
      this.record(name, undefined, proposedJson('$streamDeleted', '{}'));
    } else this.note(`$$${name}`, '$metadata', `{"$tb":${DELETED}}`);
    return { kind: 'written', revision: current, position: this.events.at(-1)!.position };
  }

  /** Undefined: there is no such stream, or no more. */
  stream(name: string): readonly StoredEvent[] | 'deleted' | undefined {
    const stream = this.streams.get(name);
    if (stream?.isTombstoned) return 'deleted';
    if (!stream || stream.events.length === 0 || this.isSoftDeleted(name, stream)) return undefined;
    const { $tb = 0, $maxCount = Infinity, $maxAge = Infinity } = this.metadata(name);
    const from = Math.max($tb, stream.events.length - $maxCount);
    const oldest =
      $maxAge === Infinity ? 0n : nowTicks() - BigInt(Math.round($maxAge)) * TICKS_A_SECOND;
    return stream.events.filter(
      ({ revision, createdTicks }) => revision >= from && createdTicks >= oldest,
    );
  }

  /** What the last event of `$$<name>` says; nothing where it is not readable. */
  metadata(name: string): StreamMetadata {
    return this.lastOf<StreamMetadata>(`$$${name}`);
  }

  /** Who may do what with streams whose metadata says nothing of it. */
  defaultAcl(): NonNullable<StreamMetadata['$acl']> {
    const settings = this.lastOf<{ $userStreamAcl?: StreamMetadata['$acl'] }>('$settings');
    return settings.$userStreamAcl ?? {};
  }

  private lastOf<Content extends object>(name: string): Partial<Content> {
    const last = this.streams.get(name)?.events.at(-1);
    try {
      return last ? (JSON.parse(last.data.toString()) as Partial<Content>) : {};
    } catch {
      return {};
    }
  }

  copied(): LogCopy {
    const tombstoned = [...this.streams].filter(([, { isTombstoned }]) => isTombstoned);
    return {
      events: [...this.events],
      tombstoned: new Set(tombstoned.map(([name]) => name)),
      end: this.end,
    };
  }

  put({ events, tombstoned, end }: LogCopy): void {
    this.streams.clear();
    this.events.splice(0, Infinity, ...events);
    this.end = end;
    for (const event of events) {
      const { stream: name, revision } = event;
      const stream = this.streams.get(name) ?? { events: [], isTombstoned: tombstoned.has(name) };
      this.streams.set(name, stream);
      if (revision !== TOMBSTONE_REVISION) stream.events.push(event);
    }
  }

  private isSoftDeleted(name: string, { events }: Stream): boolean {
    return events.length > 0 && this.metadata(name).$tb === Number(DELETED);
  }

  private note(stream: string, type: string, content: string): void {
    const owner = this.streams.get(stream) ?? { events: [], isTombstoned: false };
    this.streams.set(stream, owner);
    this.record(stream, owner, proposedJson(type, content));
  }

  private record(
    name: string,
    stream: Stream | undefined,
    { id, type, isJson, data, metadata }: ProposedEvent,
  ): void {
    const createdTicks = nowTicks();
    const revision = stream?.events.length ?? TOMBSTONE_REVISION;
    const event: StoredEvent = {
      stream: name,
      revision,
      id,
      type,
      isJson,
      data,
      metadata,
      createdTicks,
      position: this.end,
    };
    this.end += BigInt(
      RECORD_BYTES +
        data.length +
        metadata.length +
        Buffer.byteLength(name) +
        Buffer.byteLength(type),
    );
    stream?.events.push(event);
    this.events.push(event);
    this.emit('event', event);
  }
}

const nowTicks = (): bigint => BigInt(Date.now()) * 10_000n;

let noted = 0;
const proposedJson = (type: string, content: string): ProposedEvent => ({
  id: `00000000-0000-4000-8000-${String((noted += 1)).padStart(12, '0')}`,
  type,
  isJson: true,
  data: Buffer.from(content),
  metadata: Buffer.alloc(0),
});

/**
 * Undefined: write it. Otherwise the refusal, or the first answer to events that are there already.
 */
const check = (
  stream: Stream,
  isSoftDeleted: boolean,
  proposed: readonly ProposedEvent[],
  expected: Expectation,
): WriteOutcome | undefined => {
  if (stream.isTombstoned) return { kind: 'deleted' };
  const current = stream.events.length - 1;
  const wrong = { kind: 'wrong', current } as const;
  if (expected === 'exists' && isSoftDeleted) return { kind: 'deleted' };
  if (expected === 'exists' && current < 0) return wrong;
  if (expected === 'any' || expected === 'exists') {
    const found = proposed.map(({ id }) => stream.events.find((event) => event.id === id));
    if (!found[0]) return undefined;
    return found.includes(undefined) ? wrong : again(found.at(-1)!);
  }
  const before = expected === 'none' ? -1 : expected;
  if (before > current) return wrong;
  if (before === current) return undefined;
  const different = proposed.findIndex(
    ({ id }, index) => stream.events[before + 1 + index]?.id !== id,
  );
  if (different < 0) return again(stream.events[before + proposed.length]!);
  return different === 0 && expected === 'none' && isSoftDeleted ? undefined : wrong;
};

const again = ({ revision, position }: StoredEvent): WriteOutcome => ({
  kind: 'written',
  revision,
  position,
});
