import type { Rows, Store, Transaction } from '@caretab/store';
import { altered, consumingOnly, type PlantedBug, typeOf, wrappedTransaction } from './planting';
import { dayOf } from './settlement-days';
import type { Planted } from './simulated-platform';

type Fields = Readonly<Record<string, unknown>>;

/** Answers of the bank to payment, read by `read`, which is given the amounts of all orders sent. */
const misread =
  (read: (answer: Fields, ordered: ReadonlyMap<string, number>) => Fields) =>
  (real: typeof fetch, service: string): typeof fetch => {
    if (service !== 'payment') return real;
    const ordered = new Map<string, number>();
    return (async (url: string, init: RequestInit = {}) => {
      const [, orderId = ''] = /\/payments\/([^/]+)$/.exec(url) ?? [];
      const sent = init.method === 'POST' ? (JSON.parse(init.body as string) as Fields) : undefined;
      if (sent && url.endsWith('/payments'))
        ordered.set(sent['orderId'] as string, sent['amountFen'] as number);
      const response = await real(url, init);
      if (!/\/payments(\/|$)/.test(url) || response.status !== 200) return response;
      const asked = sent ? (sent['orderId'] as string) : decodeURIComponent(orderId);
      const answer = JSON.parse(await response.text()) as Fields;
      return Response.json(read({ ...answer, asked }, ordered));
    }) as typeof fetch;
  };

const askedAmount: PlantedBug = {
  name: 'asked-amount',
  what: 'the amount that was ordered is booked, whatever was captured',
  breaks: ['captured', 'settled', 'unpaid'],
  fetch: misread(({ asked, ...answer }, ordered) => ({
    ...answer,
    amountFen: ordered.get(asked as string) ?? answer['amountFen'],
  })),
};

const unreadOrder: PlantedBug = {
  name: 'unread-order',
  what: 'the answer to another order is taken for the answer to this one',
  breaks: ['captured', 'settled', 'holds'],
  fetch: misread(({ asked, ...answer }) => ({ ...answer, orderId: asked })),
};

const inPayment = (
  service: string,
  store: Store,
  wrap: (transaction: Transaction) => Transaction,
): Store => (service === 'payment' ? wrappedTransaction(store, wrap) : store);

/** As it was once: an outcome that is unknown for long is published as a final decline. */
const unknownIsMissed: PlantedBug = {
  name: 'unknown-is-missed',
  what: 'an order whose outcome is unknown counts as not paid',
  breaks: ['unpaid'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        publish: (...messages) =>
          transaction.publish(
            ...messages.map((message) => {
              if (message.headers['ce_type'] !== 'PaymentOutcomeUnknown') return message;
              const { channel: _channel, since: _since, ...value } = message.value as Fields;
              return {
                ...message,
                headers: { ...message.headers, ce_type: 'PaymentDeclined' },
                value: { ...value, reason: 'NO_ANSWER', attempt: 1, final: true },
              };
            }),
          ),
      }),
    ),
};

const saved = <Row extends object>(rows: Rows<Row>, change: (row: Row) => Row): Rows<Row> =>
  altered(rows, { save: (...changed) => rows.save(...changed.map(change)) });

/** As it was once: a refusal that is not foreseen is no answer. */
const endlessRefund: PlantedBug = {
  name: 'endless-refund',
  what: 'a refund that the bank refuses is sent again for ever',
  breaks: ['refundsEnd'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return table.name === 'refund' ? saved(rows, sentAgain) : rows;
        },
      }),
    ),
};

const sentAgain = <Row extends object>(row: Row): Row =>
  (row as Fields)['status'] === 'refused'
    ? { ...row, status: 'due', refusals: 0, nextAttemptAt: new Date(0) }
    : row;

/** As it was once: the end of a refused refund is a row that no operator sees. */
const forgottenRefund: PlantedBug = {
  name: 'forgotten-refund',
  what: 'a refund that is refused for good is forgotten, and the visit counts as paid',
  breaks: ['owedBack'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          if (table.name === 'payment_case')
            return altered(rows, {
              insert: (...cases) =>
                rows.insert(...cases.filter((one) => (one as Fields)['kind'] !== 'refund')),
            });
          return table.name === 'collection' ? saved(rows, countedAsPaid) : rows;
        },
      }),
    ),
};

const countedAsPaid = <Row extends object>(row: Row): Row =>
  (row as Fields)['status'] === 'refund-owed' ? { ...row, status: 'paid' } : row;

/** Accounts are debited at whatever hour a visit is settled. */
const debitAtNight: PlantedBug = {
  name: 'debit-at-night',
  what: 'debits know no quiet hours',
  breaks: ['night'],
  env: { PAYMENT_QUIET_HOURS: 'off' },
};

/** The day of our books is not kept as it was recorded, but taken from the bank's calendar. */
const bookedByTheBank: PlantedBug = {
  name: 'booked-by-the-bank',
  what: 'clearing sums captures by the bank’s clearing date',
  breaks: ['calendars'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return table.name === 'capture'
            ? altered(rows, {
                insert: (...inserted) => rows.insert(...inserted.map(bankDayInstead)),
              })
            : rows;
        },
      }),
    ),
};

const bankDayInstead = <Row extends object>(row: Row): Row => ({
  ...row,
  bookedOn: (row as Fields)['channelDate'],
});

/** Starts of visits by their hospitals; a visit's is known before its settlement. */
const startedAt = new Map<string, string>();

const careDayOf = (row: object): string =>
  dayOf(startedAt.get(String((row as Fields)['visitId']))!);

/** Settlements, and since when their visits are to be cleared. */
const onCareDays = (transaction: Transaction): Transaction => {
  let isSettled = false;
  return altered(transaction, {
    rows: (table) => {
      const rows = transaction.rows(table);
      if (table.name === 'settlement')
        return altered(rows, {
          insert: (...inserted) => {
            isSettled = true;
            return rows.insert(...inserted.map((row) => ({ ...row, bookedOn: careDayOf(row) })));
          },
        });
      return table.name === 'collection'
        ? altered(rows, {
            save: (...saved) =>
              rows.save(
                ...saved.map((row) =>
                  isSettled ? { ...row, unclearedSince: careDayOf(row) } : row,
                ),
              ),
          })
        : rows;
    },
  });
};

/** The care date of the hospital in the place of the day of our books. */
const bookedByTheHospital: PlantedBug = {
  name: 'booked-by-the-hospital',
  what: 'a settlement is booked on the hospital’s day of care',
  breaks: ['calendars'],
  bus: (bus, service) =>
    service === 'payment'
      ? consumingOnly(bus, (message) => {
          if (typeOf(message) !== 'VisitOpened') return true;
          const { visitId, startedAt: at } = JSON.parse(message.value) as Record<string, string>;
          startedAt.set(visitId!, at!);
          return true;
        })
      : bus,
  store: (store, service) => inPayment(service, store, onCareDays),
};

/** The journal without some of its entries. */
const unjournaled = (isLeftOut: (entry: Fields) => boolean): NonNullable<PlantedBug['store']> => {
  const kept = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
    altered(rows, {
      insert: (...entries) =>
        rows.insert(...entries.filter((entry) => !isLeftOut(entry as Fields))),
    });
  return (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return table.name === 'journal_entry' ? kept(rows) : rows;
        },
      }),
    );
};

/** As it was once: what is cleared counts as paid. */
const paidWhenCleared: PlantedBug = {
  name: 'paid-when-cleared',
  what: 'a clearing posts its parties to nothing, as if the bank had paid them',
  breaks: ['payout'],
  store: unjournaled(({ account }) => (account as string).startsWith('in-payout/')),
};

/** The first page is taken for the whole day. */
const firstPageAlone: PlantedBug = {
  name: 'first-page-alone',
  what: 'a day counts as cleared once the first page of its clearing is',
  breaks: ['calendars', 'payout', 'inEffectOnce'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return table.name === 'clearing'
            ? saved(rows, (row) => ({ ...row, progress: null }))
            : rows;
        },
      }),
    ),
};

/** As it was once: what is neither capture nor refund is only listed. */
const unpostedChargeback: PlantedBug = {
  name: 'unposted-chargeback',
  what: 'a chargeback is listed, and the books know nothing of it',
  breaks: ['statement'],
  store: unjournaled(({ reference }) => (reference as string).startsWith('statement/')),
};

const unbookedDispute: PlantedBug = {
  name: 'unbooked-dispute',
  what: 'a chargeback is decided, and its money stays where it was',
  breaks: ['statement'],
  store: unjournaled(({ reference }) => (reference as string).startsWith('chargeback/')),
};

/** A comparison that goes by our own rows alone. */
const unseenRow: PlantedBug = {
  name: 'unseen-row',
  what: 'a row of the statement that our books do not have is passed over',
  breaks: ['statement'],
  fetch: (real, service) =>
    service === 'payment'
      ? ((async (url: string, init: RequestInit = {}) => {
          const response = await real(url, init);
          if (!url.includes('/statement')) return response;
          const { entries } = JSON.parse(await response.text()) as { entries: Fields[] };
          return Response.json({
            entries: entries.filter(({ orderId }) => orderId !== 'bank-only'),
          });
        }) as typeof fetch)
      : real,
};

/** What a bank may say, and a service may make of it. */
export const plantedBankBugs: readonly (PlantedBug & Planted)[] = [
  askedAmount,
  unreadOrder,
  unknownIsMissed,
  endlessRefund,
  forgottenRefund,
  debitAtNight,
  paidWhenCleared,
  firstPageAlone,
  unpostedChargeback,
  unbookedDispute,
  unseenRow,
  bookedByTheBank,
  bookedByTheHospital,
];
