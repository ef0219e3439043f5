import type { Message } from '@caretab/bus';
import type { Rows } from '@caretab/store';
import {
  altered,
  consumingAltered,
  consumingOnly,
  type PlantedBug,
  typeOf,
  wrappedTransaction,
} from './planting';

type Settled = Readonly<Record<string, unknown>> & { readonly accountPersonId: string };

/** The ledger publishes something else of a settled visit than it recorded. */
const settledOtherwise =
  (change: (settled: Settled) => object): NonNullable<PlantedBug['bus']> =>
  (bus, service) =>
    service === 'visit-ledger'
      ? altered(bus, {
          send: (topic: string, messages: readonly Message[]) =>
            bus.send(
              topic,
              messages.map((message) =>
                message.headers['ce_type'] === 'VisitSettled'
                  ? {
                      ...message,
                      value: JSON.stringify(change(JSON.parse(message.value) as Settled)),
                    }
                  : message,
              ),
            ),
        })
      : bus;

/** Notification alone reads of a settled visit what was not written. */
const readOtherwise =
  (change: (settled: Settled) => object): NonNullable<PlantedBug['bus']> =>
  (bus, service) =>
    service === 'notification'
      ? consumingAltered(bus, (message) =>
          typeOf(message) === 'VisitSettled'
            ? { ...message, value: JSON.stringify(change(JSON.parse(message.value) as Settled)) }
            : message,
        )
      : bus;

/** Notification saves a notice otherwise than it decided. */
const savedOtherwise =
  (change: (notice: Saved) => object): NonNullable<PlantedBug['store']> =>
  (store, service) =>
    service === 'notification'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, { rows: (table) => changing(transaction.rows(table), change) }),
        )
      : store;

type Saved = Readonly<Partial<Record<string, unknown>>>;

const changing = <Row extends object>(
  rows: Rows<Row>,
  change: (notice: Saved) => object,
): Rows<Row> =>
  altered(rows, {
    save: (...saved: readonly Row[]) =>
      rows.save(...saved.map((row) => change(row as Saved) as Row)),
  });

/** As long ago: a webhook is given up after some attempts, however long its hospital is away. */
const webhookGivenUp: PlantedBug = {
  name: 'webhook-given-up',
  seed: 48,
  what: 'a webhook is given up after six attempts',
  // The webhook of a rejected report is its answer.
  breaks: ['arrives', 'answered'],
  store: savedOtherwise((notice) => {
    const { channel, status, attempts } = notice;
    return channel === 'webhook' && status === 'pending' && Number(attempts) >= 6
      ? { ...notice, status: 'failed', nextAttemptAt: null }
      : notice;
  }),
};

/** A provider that did not answer may have sent the message all the same. */
const againByMail: PlantedBug = {
  name: 'again-by-mail',
  seed: 3,
  what: 'an SMS whose answer was lost goes out by mail as well',
  breaks: ['sentOnce'],
  store: savedOtherwise((notice) =>
    notice['channel'] === 'sms' && notice['status'] === 'unconfirmed'
      ? { ...notice, channel: 'email', status: 'pending', nextAttemptAt: notice['occurredAt'] }
      : notice,
  ),
};

/** What is published of a settled visit leaves out what is not on its tab. */
const untoldCharges: PlantedBug = {
  name: 'untold-charges',
  seed: 1,
  what: 'people are told that a visit is settled, and not what they have to pay at the counter',
  breaks: ['told'],
  bus: settledOtherwise((settled) => ({ ...settled, notDeferred: [] })),
};

/** What is published of a settled visit names one charge of the tab too few. */
const untoldTab: PlantedBug = {
  name: 'untold-tab',
  seed: 4,
  what: 'a charge on the tab is missing from what the patient reads of it',
  breaks: ['told'],
  bus: settledOtherwise((settled) => ({
    ...settled,
    onTab: (settled['onTab'] as readonly unknown[]).slice(1),
  })),
};

/** Who pays for a child reads what was charged to it. */
const itemsToPayer: PlantedBug = {
  name: 'items-to-payer',
  seed: 3,
  what: 'the payer of another person’s visit is told its items',
  breaks: ['told'],
  bus: readOtherwise((settled) => ({ ...settled, personId: settled.accountPersonId })),
};

/** A hospital's report is rejected, and no webhook says so. */
const untoldRejection: PlantedBug = {
  name: 'untold-rejection',
  seed: 2,
  what: 'a report that was accepted is rejected, and its hospital never learns of it',
  breaks: ['answered'],
  bus: (bus, service) =>
    service === 'notification'
      ? consumingOnly(bus, (message) => typeOf(message) !== 'SubmissionRejected')
      : bus,
};

/** An end that overtakes its opening is dropped. */
const droppedEnd: PlantedBug = {
  name: 'dropped-end',
  seed: 1,
  what: 'an end that comes before the opening of its visit is dropped',
  breaks: ['answered', 'stays'],
  bus: (bus, service) => {
    if (service !== 'visit-ledger') return bus;
    const opened = new Set<string>();
    return consumingOnly(bus, (message) => {
      if (typeOf(message) === 'VisitStarted') opened.add(message.key);
      return typeOf(message) !== 'VisitEnded' || opened.has(message.key);
    });
  },
};

/** What came after the settlement is passed over. */
const untoldLateCharge: PlantedBug = {
  name: 'untold-late-charge',
  seed: 2,
  what: 'a charge is not deferred after its visit was settled, and nobody tells the patient',
  breaks: ['told', 'late'],
  bus: (bus, service) => {
    if (service !== 'notification') return bus;
    const settled = new Set<string>();
    return consumingOnly(bus, (message) => {
      if (typeOf(message) === 'VisitSettled') settled.add(message.key);
      return typeOf(message) !== 'ChargeNotDeferred' || !settled.has(message.key);
    });
  },
};

export const plantedInNotices: readonly PlantedBug[] = [
  webhookGivenUp,
  againByMail,
  untoldCharges,
  untoldTab,
  itemsToPayer,
  untoldRejection,
  untoldLateCharge,
  droppedEnd,
];
