import {
  chainHash,
  contentDigest,
  EventKeyWrong,
  EventSigner,
  EventStoreUnavailable,
  GENESIS,
  type LogCopy,
  type MemoryEventStore,
  type NewEvent,
  type RecordedEvent,
  serialise,
  type StreamFault,
  StreamFaulty,
  TWIN_KEYS,
  WrongExpectedRevision,
} from '@caretab/event-store';
import type { Rows, Where } from '@caretab/store';
import { altered, type PlantedBug, wrappedTransaction } from './planting';

/** As if nothing were verified: what was written beside the ledger has a signature that fits. */
const unverifiedEvents: PlantedBug = {
  name: 'unverified-events',
  seed: 4,
  needs: ({ intrusion }) => intrusion !== undefined,
  what: 'what a second writer writes into the log is taken for a fact',
  hasKey: true,
  breaks: ['balance', 'written'],
};

const withoutOrigin = ({ metadata = {}, ...event }: NewEvent): NewEvent => {
  const { copiedFrom: _, ...rest } = metadata;
  return { ...event, metadata: rest };
};

/** In the stream that continues another one, copies are facts once more. */
const copiesAreFacts: PlantedBug = {
  name: 'copies-are-facts',
  seed: 53,
  // A visit that stood aside goes on in a new stream.
  needs: ({ intrusion, hands }) => intrusion !== undefined || hands?.kind === 'truncated',
  what: 'facts that are copied into a new stream take effect once more',
  breaks: ['view', 'written', 'once', 'decided', 'balance'],
  events: (events) =>
    altered(events, {
      append: (stream, facts, expected) =>
        events.append(stream, facts.map(withoutOrigin), expected),
    }),
};

/** The view is fed a return that says nothing of what its charge was. */
const silentReturn = (fact: NewEvent): NewEvent => {
  const { notDeferredFor, ...data } = fact.data as { readonly notDeferredFor?: string };
  return fact.type === 'ChargeReturned' && notDeferredFor !== undefined
    ? { ...fact, data: { ...data, waited: true } }
    : fact;
};

/** The view equals its own fold all the same. */
const unseenReturn: PlantedBug = {
  name: 'unseen-return',
  seed: 1,
  what: 'the views ignore the return of a charge that is not deferred',
  breaks: ['view'],
  events: (events) =>
    altered(events, {
      append: (stream, facts, expected) => events.append(stream, facts.map(silentReturn), expected),
    }),
};

/** As if the driver's error were that of an append: no outage, but a message that cannot be handled. */
const refusal = (error: unknown): unknown =>
  error instanceof EventStoreUnavailable
    ? Object.assign(new Error('permission denied for schema'), { code: '42501' })
    : error;

const parksOnLostRight: PlantedBug = {
  name: 'parks-on-lost-right',
  seed: 31,
  needs: ({ hands }) => hands?.kind === 'right lost',
  what: 'messages are parked while the ledger has no right to its log',
  breaks: ['parked'],
  events: (events) =>
    altered(events, {
      append: (...append) =>
        events.append(...append).catch((error) => Promise.reject(refusal(error))),
      readStream: (...read) =>
        events.readStream(...read).catch((error) => Promise.reject(refusal(error))),
    }),
};

/** As if the key were right: each event that it does not verify is forged. */
const blamesStreamForKey: PlantedBug = {
  name: 'blames-stream-for-key',
  seed: 41,
  needs: ({ hands }) => hands?.kind === 'wrong key',
  what: 'a visit is set aside because the ledger was given a wrong key',
  // Its messages are parked, which may be seen first.
  breaks: ['chain', 'parked'],
  events: (given) => {
    const { log } = given as MemoryEventStore;
    const forged = ({
      stream,
      revision,
      position,
    }: Pick<StreamFault, 'stream' | 'revision' | 'position'>): StreamFault => ({
      ...{ kind: 'forged', stream, revision, position, digest: '' },
    });
    const rightKey = <Result>(error: unknown, otherwise: () => Result): Result => {
      if (!(error instanceof EventKeyWrong)) throw error;
      return otherwise();
    };
    return altered(given, {
      readStream: (stream, options) =>
        given.readStream(stream, options).catch((error) =>
          rightKey(error, () => {
            throw new StreamFaulty(forged(log.stream(stream)[0]!));
          }),
        ),
      readAll: (options) =>
        given.readAll(options).catch((error) =>
          rightKey(error, async () => {
            await options.onFaults?.(log.page(options.after, options.countMax).map(forged));
            return [];
          }),
        ),
    });
  },
};

/** What is left of a stream is taken for the stream. */
const onWhatIsLeft = (events: MemoryEventStore): Partial<MemoryEventStore> => ({
  append: async (stream, facts, expected) => {
    try {
      return await events.append(stream, facts, expected);
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      let last = events.log.stream(stream).at(-1);
      for (const event of serialise(stream, facts, expected)) {
        const content = { stream, ...event };
        const [revision, recordedAtMs] = [last ? last.revision + 1 : 0, last?.recordedAtMs ?? 0];
        const digest = contentDigest(content);
        const hash = chainHash(last?.hash ?? GENESIS, digest, revision, recordedAtMs);
        const signature = new EventSigner(TWIN_KEYS).sign(digest, revision);
        last = events.log.record({ ...content, revision, recordedAtMs, hash, signature });
      }
      events.log.wake();
      return { revision: last!.revision, position: last!.position };
    }
  },
  readStream: (stream, options) =>
    events.readStream(stream, options).catch((error) => {
      const first = events.log.stream(stream)[0]?.revision;
      if (!(error instanceof StreamFaulty) || first === undefined) throw error;
      return events.readStream(stream, { ...options, fromRevision: first });
    }),
});

const continuesTruncated: PlantedBug = {
  name: 'continues-truncated',
  seed: 26,
  needs: ({ hands }) => hands?.kind === 'truncated' && !hands.takesAll,
  what: 'the ledger goes on with what is left of a truncated stream',
  breaks: ['chain'],
  events: (events) => altered(events, onWhatIsLeft(events as MemoryEventStore)),
};

/** Visits whose stream was just read, and had no event. */
const unseen = new Set<string>();

/** What is remembered of the stream is dropped, and the views are not asked whether it had events. */
const reopensLost: PlantedBug = {
  name: 'reopens-lost',
  seed: 279,
  needs: ({ hands }) => hands?.kind === 'truncated' && hands.takesAll,
  what: 'a stream that lost every event is taken for a new one',
  breaks: ['chain', 'view'],
  events: (events) =>
    altered(events, {
      append: (...append) =>
        events.append(...append).catch((error) => {
          const isGone = error instanceof WrongExpectedRevision && error.actual === 'none';
          throw isGone ? new EventStoreUnavailable('asked again') : error;
        }),
      readStream: async (stream, options) => {
        const found = await events.readStream(stream, options);
        if (found.length === 0 && !options?.fromRevision) unseen.add(stream.slice('visit-'.length));
        return found;
      },
    }),
  store: (store, service) =>
    service === 'visit-ledger'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, { rows: (table) => notTheUnseen(transaction.rows(table)) }),
        )
      : store,
};

const notTheUnseen = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    get: async (where, options) =>
      unseen.delete((where as { visitId?: string }).visitId ?? '')
        ? undefined
        : rows.get(where, options),
  });

/** The place is proven by what is remembered of the log, and an append asks for no proof. */
const trustsOlderCopy: PlantedBug = {
  name: 'trusts-older-copy',
  seed: 220,
  needs: ({ hands }) => hands?.kind === 'older copy',
  what: 'the ledger writes into an older copy of its log',
  // On the copy other visits are at fault, and a message of theirs may be parked first; what is read
  // of it may be published before the chain is looked at, or not at all.
  breaks: ['chain', 'parked', 'written', 'reader'],
  events: (given) => {
    const events = given as MemoryEventStore;
    let newest: LogCopy = [];
    const end = (): bigint => newest.at(-1)?.position ?? 0n;
    const remember = (): void => {
      if (events.log.head >= end()) newest = events.log.copied();
    };
    return altered(given, {
      append: (...append) => {
        remember();
        Object.assign(events, { last: undefined });
        return events.append(...append);
      },
      readAll: async (options) => {
        remember();
        const known = newest.find(({ position }) => position > options.after);
        return options.countMax === 1 && known && events.log.head < end()
          ? ([known] as unknown as RecordedEvent[])
          : events.readAll(options);
      },
    });
  },
};

/** What a leader commits is bound neither to its epoch nor to the place where it read on. */
const unfenced = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    get: (where, options) => {
      const { epoch, position: _, ...named } = where as Where<Row & Term>;
      const isFence = epoch !== undefined && options?.lock === 'wait';
      return rows.get(isFence ? (named as Where<Row>) : where, options);
    },
  });

interface Term {
  readonly epoch: number;
  readonly position: string;
}

const uncomparedEpoch: PlantedBug = {
  name: 'uncompared-epoch',
  seed: 4,
  needs: ({ replicas }) => replicas['visit-ledger'] === 2,
  what: 'a process that was replaced as the leader goes on as if it still led',
  breaks: ['view', 'reader', 'balance', 'decided', 'settled', 'holds', 'quiet'],
  store: (store, service) =>
    service === 'visit-ledger'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) =>
              table.name === 'checkpoint'
                ? unfenced(transaction.rows(table))
                : transaction.rows(table),
          }),
        )
      : store,
};

/** Known bugs of a log that others write into, and of the views that read it. */
export const plantedLogBugs: readonly PlantedBug[] = [
  unverifiedEvents,
  copiesAreFacts,
  unseenReturn,
  parksOnLostRight,
  blamesStreamForKey,
  continuesTruncated,
  reopensLost,
  trustsOlderCopy,
  uncomparedEpoch,
];
