import type { EventBatchHandler, SubscribeOptions } from '@caretab/event-store';
import type { Message } from '@caretab/bus';
import type { FindOptions, Rows, Where } from '@caretab/store';
import { plantedBankBugs } from './planted-bank-bugs';
import { plantedCalendarBugs } from './planted-calendars';
import { plantedCrashBugs } from './planted-crash-bugs';
import { plantedErasureBugs } from './planted-erasures';
import { plantedFateBugs } from './planted-fates';
import { plantedLateChargeBugs } from './planted-late-charges';
import { plantedLogBugs } from './planted-log-bugs';
import { plantedRewrites } from './planted-rewrites';
import { plantedForgeryBugs } from './planted-forgeries';
import { plantedHolderBugs } from './planted-holders';
import { plantedInNotices } from './planted-notices';
import { plantedPresenceBugs } from './planted-presence';
import { plantedRestoreBugs } from './planted-restore-bugs';
import { plantedSnapshotBugs } from './planted-snapshots';
import { plantedLendingBugs } from './planted-lending';
import { plantedMergeBugs } from './planted-merges';
import { plantedStandingBugs } from './planted-standing';
import { plantedTabBugs } from './planted-tab-bugs';
import { altered, type PlantedBug, wrappedConsume, wrappedTransaction } from './planting';
import type { Planted } from './simulated-platform';

/** Offsets are committed before the effect: what dies in between is never done. */
const lostOffset: PlantedBug = {
  name: 'lost-offset',
  seed: 1,
  what: 'a consumer commits its offset before the effect',
  // What was lost may be missed first by the message after it, which is parked; or, where it was a
  // report, by the check that lays the visit beside its hospital's own book; or it was forged, and
  // is not parked.
  breaks: [
    ...(['decided', 'settled', 'holds', 'captured', 'balance', 'parked', 'quiet'] as const),
    ...(['hospital', 'stays', 'ends', 'answered', 'arrives', 'fates', 'forged'] as const),
  ],
  bus: (bus) =>
    wrappedConsume(bus, (handle) => async (batch) => void handle(batch).catch(() => undefined)),
};

/** What is published again has a fresh id, so that a repetition is not recognised. */
const doublePublish: PlantedBug = {
  name: 'double-publish',
  seed: 5,
  what: 'a message that is published twice has another id each time',
  // A hospital's report that was sent under another id is one that was never applied, and has no fate.
  breaks: ['written', 'answered', 'fates'],
  store: (store) => {
    const seen = new Map<string, number>();
    const timesSeen = (id: string): number => {
      seen.set(id, (seen.get(id) ?? -1) + 1);
      return seen.get(id)!;
    };
    return altered(store, {
      unpublished: async (countMax) =>
        (await store.unpublished(countMax)).map((message) => {
          const again = timesSeen(message.id);
          return again === 0
            ? message
            : {
                ...message,
                headers: { ...message.headers, ce_id: `${message.headers['ce_id']}/${again}` },
              };
        }),
    });
  },
};

/**
 * Rows are read to be changed, and not locked. The numbered entries of an account would refuse the
 * second of two changes even so; to see the bug itself, that second net is cut.
 */
const unlockedHold: PlantedBug = {
  name: 'unlocked-hold',
  seed: 5,
  what: 'credit reads a line without a lock and writes it back',
  breaks: ['line', 'heldAddsUp', 'holds', 'parked', 'settled'],
  store: (store, service) =>
    service === 'credit'
      ? wrappedTransaction(store, (transaction) => ({
          markHandled: (...mark) => transaction.markHandled(...mark),
          markAllHandled: (...marks) => transaction.markAllHandled(...marks),
          publish: (...messages) => transaction.publish(...messages),
          rows: (table) => unlocked(transaction.rows(table)),
        }))
      : store,
};

const unlocked = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    insert: (...added: readonly Row[]) => rows.save(...added),
    get: (where) => rows.get(where),
    lockAll: async (keys) => {
      const found = await Promise.all(keys.map((key) => rows.get(key as Where<Row>)));
      return found.filter((row) => row !== undefined);
    },
    find: (where, { lock, ...options }: FindOptions<Row> = {}) =>
      rows.find(where, lock === 'skip' ? { lock, ...options } : options),
  });

/** A reader passes by an event whose transaction commits after that of a later position. */
const skippedPosition: PlantedBug = {
  name: 'skipped-position',
  seed: 2,
  what: 'a reader of the event store skips an event that was committed late',
  breaks: ['reader', 'view', 'decided', 'settled', 'holds', 'quiet'],
  events: (events, random) =>
    altered(events, {
      subscribe: (options: SubscribeOptions, handle: EventBatchHandler) =>
        events.subscribe(options, (batch) =>
          handle(batch.length > 1 && random.next() < 0.05 ? batch.slice(1) : batch),
        ),
    }),
};

/** No message counts as handled before. */
const forgottenInbox: PlantedBug = {
  name: 'forgotten-inbox',
  seed: 5,
  what: 'a message that was handled before is taken for new',
  breaks: ['inEffectOnce'],
  store: (store) =>
    wrappedTransaction(store, (transaction) => ({
      rows: (table) => transaction.rows(table),
      publish: (...messages) => transaction.publish(...messages),
      markHandled: async (...mark) => (await transaction.markHandled(...mark), true),
      markAllHandled: async (...marks) =>
        (await transaction.markAllHandled(...marks)).map(() => true),
    })),
};

/** What the ledger publishes is on its way when the checkpoint says that it has arrived. */
const earlyCheckpoint: PlantedBug = {
  name: 'early-checkpoint',
  seed: 2,
  what: 'a checkpoint is saved before its effect',
  breaks: ['reader', 'decided', 'settled', 'holds', 'quiet'],
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? altered(bus, {
          send: async (topic: string, messages: readonly Message[]) =>
            void bus.send(topic, messages).catch(() => undefined),
        })
      : bus,
};

/**
 * A worker records the outcome of an order without looking at its lease, or whether another worker
 * has recorded one meanwhile; the unique keys behind that are cut too.
 */
const unfencedLease: PlantedBug = {
  name: 'unfenced-lease',
  seed: 20,
  what: 'a worker whose lease ran out goes on as if it still had it',
  breaks: ['inEffectOnce', 'captured', 'balance', 'owedBack'],
  store: (store, service) => {
    if (service !== 'payment') return store;
    const unfenced = <Row extends object>(rows: Rows<Row>, key: keyof Row): Rows<Row> =>
      altered(rows, {
        lockAll: async (keys) => {
          const leased = new Map(keys.map((one) => [one[key], one]));
          return (await rows.lockAll(keys)).map((row) => asLeased(row, leased.get(row[key])!));
        },
        get: async (where, options) => {
          const row = await rows.get(where, options);
          return row && asSent(row);
        },
        insert: (...added) => rows.save(...added),
      });
    return wrappedTransaction(store, (transaction) =>
      altered(transaction, { rows: (table) => unfenced(transaction.rows(table), table.key[0]!) }),
    );
  },
};

/** An order or a refund as if no outcome of it had been recorded. */
const asSent = <Row extends object>(row: Row): Row =>
  'sealedToken' in row ? { ...row, status: 'sending' } : row;

/** The row with the lease that its worker has; where it was locked for none, as it is. */
const asLeased = <Row extends object>(row: Row, leased: object): Row =>
  'lease' in leased ? asSent({ ...row, lease: leased.lease }) : row;

/**
 * An order or refund has another id each time it is sent: the acquirer cannot know that it is the
 * same.
 */
const keyless =
  (path: string, field: string): NonNullable<Planted['fetch']> =>
  (real, service) => {
    if (service !== 'payment') return real;
    let times = 0;
    return ((url: string, init: RequestInit = {}) => {
      if (init.method !== 'POST' || !url.endsWith(path)) return real(url, init);
      const body = JSON.parse(init.body as string) as Record<string, string>;
      return real(url, {
        ...init,
        body: JSON.stringify({ ...body, [field]: `${body[field]}-${(times += 1)}` }),
      });
    }) as typeof fetch;
  };

const keylessOrder: PlantedBug = {
  name: 'keyless-order',
  seed: 3,
  what: 'an order that is repeated is another order to the acquirer',
  breaks: ['captured', 'settled', 'quiet'],
  fetch: keyless('/payments', 'orderId'),
};

const keylessRefund: PlantedBug = {
  name: 'keyless-refund',
  seed: 33,
  what: 'a refund that is repeated is another refund to the acquirer',
  breaks: ['captured', 'settled', 'quiet'],
  fetch: keyless('/refunds', 'refundId'),
};

export const plantedBugs: readonly PlantedBug[] = [
  lostOffset,
  doublePublish,
  unlockedHold,
  skippedPosition,
  forgottenInbox,
  earlyCheckpoint,
  unfencedLease,
  keylessOrder,
  keylessRefund,
  ...plantedBankBugs,
  ...plantedCalendarBugs,
  ...plantedSnapshotBugs,
  ...plantedTabBugs,
  ...plantedInNotices,
  ...plantedLateChargeBugs,
  ...plantedFateBugs,
  ...plantedErasureBugs,
  ...plantedLogBugs,
  ...plantedRewrites,
  ...plantedForgeryBugs,
  ...plantedHolderBugs,
  ...plantedPresenceBugs,
  ...plantedStandingBugs,
  ...plantedMergeBugs,
  ...plantedLendingBugs,
  ...plantedRestoreBugs,
  ...plantedCrashBugs,
];
