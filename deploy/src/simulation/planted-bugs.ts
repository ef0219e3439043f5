import type { EventBatchHandler, SubscribeOptions } from '@caretab/event-store';
import type { BatchHandler, ConsumeOptions } from '@caretab/messaging';
import type { FindOptions, Rows, Store, Transaction } from '@caretab/postgres';
import type { MachineBus } from './machine-twins';
import type { Invariant } from './violation';
import type { Planted } from './world';

/**
 * Known bugs, to see whether the simulation sees them. Each is a twin that is wrong in one way, put between a service and the right one: no code
 * that ships knows of them.
 */
export interface PlantedBug extends Planted {
  readonly what: string;
  /** Sentences that it breaks; the first one seen is told. */
  readonly breaks: readonly Invariant[];
}

const wrappedTransaction = (store: Store, wrap: (transaction: Transaction) => Transaction): Store =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === 'transact') return (work: (transaction: Transaction) => Promise<unknown>) => target.transact((transaction) => work(wrap(transaction)));
      const member: unknown = target[name as keyof Store];
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

const wrappedConsume = (bus: MachineBus, wrap: (handle: BatchHandler) => BatchHandler): MachineBus =>
  new Proxy(bus, {
    get: (target, name) => {
      if (name === 'consume') return (options: ConsumeOptions, handle: BatchHandler) => target.consume(options, wrap(handle));
      const member: unknown = target[name as keyof MachineBus];
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

/** Offsets are committed before the effect: what dies in between is never done. */
const lostOffset: PlantedBug = {
  name: 'lost-offset',
  what: 'a consumer commits its offset before the effect',
  breaks: ['decided', 'settled', 'holds', 'captured', 'balance', 'quiet'],
  bus: (bus) => wrappedConsume(bus, (handle) => async (batch) => void handle(batch).catch(() => undefined)),
};

/** What is published again has a fresh id: nobody can tell that it is the same. */
const doublePublish: PlantedBug = {
  name: 'double-publish',
  what: 'a message that is published twice has another id each time',
  breaks: ['written'],
  store: (store) => {
    const seen = new Map<string, number>();
    const timesSeen = (id: string): number => {
      seen.set(id, (seen.get(id) ?? -1) + 1);
      return seen.get(id)!;
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'unpublished') {
          return async (countMax: number) => (await target.unpublished(countMax)).map((message) => {
            const again = timesSeen(message.id);
            return again === 0 ? message : { ...message, headers: { ...message.headers, ce_id: `${message.headers['ce_id']}/${again}` } };
          });
        }
        const member: unknown = target[name as keyof Store];
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  },
};

/**
 * Rows are read to be changed, and not locked. The numbered entries of an account would refuse the second of two changes even so; to see the bug
 * itself, that second net is cut.
 */
const unlockedHold: PlantedBug = {
  name: 'unlocked-hold',
  what: 'credit reads a line without a lock and writes it back',
  breaks: ['line', 'heldAddsUp', 'holds', 'parked', 'settled'],
  store: (store, service) => (service === 'credit' ? wrappedTransaction(store, (transaction) => ({ markHandled: (group, id) => transaction.markHandled(group, id), publish: (...messages) => transaction.publish(...messages), rows: (table) => unlocked(transaction.rows(table)) })) : store),
};

const unlocked = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  new Proxy(rows, {
    get: (target, name) => {
      if (name === 'insert') return (...added: readonly Row[]) => target.save(...added);
      if (name === 'get') return (where: Parameters<Rows<Row>['get']>[0]) => target.get(where);
      if (name === 'find') return (where: Parameters<Rows<Row>['find']>[0], { lock, ...options }: FindOptions<Row> = {}) => target.find(where, lock === 'skip' ? { lock, ...options } : options);
      const member: unknown = target[name as keyof Rows<Row>];
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

/** A reader passes by an event whose transaction commits after that of a later position. */
const skippedPosition: PlantedBug = {
  name: 'skipped-position',
  what: 'a reader of the event store skips an event that was committed late',
  breaks: ['reader', 'view', 'decided', 'settled', 'holds', 'quiet'],
  events: (events, random) =>
    new Proxy(events, {
      get: (target, name) => {
        if (name === 'subscribe') return (options: SubscribeOptions, handle: EventBatchHandler) => target.subscribe(options, (batch) => handle(batch.length > 1 && random.next() < 0.05 ? batch.slice(1) : batch));
        const member: unknown = target[name as keyof typeof target];
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    }),
};

/** No message counts as handled before. */
const forgottenInbox: PlantedBug = {
  name: 'forgotten-inbox',
  what: 'a message that was handled before is taken for new',
  breaks: ['inEffectOnce'],
  store: (store) => wrappedTransaction(store, (transaction) => ({ rows: (table) => transaction.rows(table), publish: (...messages) => transaction.publish(...messages), markHandled: async (group, id) => ((await transaction.markHandled(group, id)), true) })),
};

export const plantedBugs: readonly PlantedBug[] = [lostOffset, doublePublish, unlockedHold, skippedPosition, forgottenInbox];
