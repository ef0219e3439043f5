import type { Message } from '@caretab/bus';
import type { Rows } from '@caretab/store';
import { altered, type PlantedBug, wrappedConsume, wrappedTransaction } from './planting';

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

/** As long ago: a webhook is given up after some attempts, however long its hospital is away. */
const webhookGivenUp: PlantedBug = {
  name: 'webhook-given-up',
  what: 'a webhook is given up after six attempts',
  breaks: ['arrives'],
  store: (store, service) =>
    service === 'notification'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, { rows: (table) => impatient(transaction.rows(table)) }),
        )
      : store,
};

const impatient = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    save: (...saved: readonly Row[]) =>
      rows.save(
        ...saved.map((row) => {
          const { channel, status, attempts } = row as Partial<Record<string, unknown>>;
          return channel === 'webhook' && status === 'pending' && Number(attempts) >= 6
            ? { ...row, status: 'failed', nextAttemptAt: null }
            : row;
        }),
      ),
  });

/** What is published of a settled visit leaves out what is not on its tab. */
const untoldCharges: PlantedBug = {
  name: 'untold-charges',
  what: 'people are told that a visit is settled, and not what they have to pay at the counter',
  breaks: ['told'],
  bus: settledOtherwise((settled) => ({ ...settled, notDeferred: [] })),
};

/** Who pays for a child reads what was charged to it. */
const itemsToPayer: PlantedBug = {
  name: 'items-to-payer',
  what: 'the payer of another person’s visit is told its items',
  breaks: ['told'],
  bus: settledOtherwise((settled) => ({ ...settled, personId: settled.accountPersonId })),
};

/** A hospital's report is rejected, and no webhook says so. */
const untoldRejection: PlantedBug = {
  name: 'untold-rejection',
  what: 'a report that was accepted is rejected, and its hospital never learns of it',
  breaks: ['answered'],
  bus: (bus, service) =>
    service === 'notification'
      ? wrappedConsume(
          bus,
          (handle) => (batch) =>
            handle({
              ...batch,
              messages: batch.messages.filter(
                ({ headers }) => headers['ce_type'] !== 'SubmissionRejected',
              ),
            }),
        )
      : bus,
};

/** An end that overtakes its opening is dropped. */
const droppedEnd: PlantedBug = {
  name: 'dropped-end',
  what: 'an end that comes before the opening of its visit is dropped',
  breaks: ['answered', 'stays'],
  bus: (bus, service) => {
    if (service !== 'visit-ledger') return bus;
    const opened = new Set<string>();
    return wrappedConsume(
      bus,
      (handle) => (batch) =>
        handle({
          ...batch,
          messages: batch.messages.filter(({ key, headers }) => {
            if (headers['ce_type'] === 'VisitStarted') opened.add(key);
            return headers['ce_type'] !== 'VisitEnded' || opened.has(key);
          }),
        }),
    );
  },
};

export const plantedInNotices: readonly PlantedBug[] = [
  webhookGivenUp,
  untoldCharges,
  itemsToPayer,
  untoldRejection,
  droppedEnd,
];
