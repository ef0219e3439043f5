import type { Rows, Store, Transaction } from '@caretab/store';
import { altered, type PlantedBug, wrappedTransaction } from './planting';
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
  seed: 5,
  what: 'the amount that was ordered is booked, whatever was captured',
  breaks: ['captured', 'settled', 'unpaid'],
  fetch: misread(({ asked, ...answer }, ordered) => ({
    ...answer,
    amountFen: ordered.get(asked as string) ?? answer['amountFen'],
  })),
};

const unreadOrder: PlantedBug = {
  name: 'unread-order',
  seed: 138,
  needs: ({ weather }) => weather.bankLies > 0.2,
  what: 'the answer to another order is taken for the answer to this one',
  breaks: ['captured', 'settled', 'holds'],
  fetch: misread(({ asked, ...answer }) => ({ ...answer, orderId: asked })),
};

export const inPayment = (
  service: string,
  store: Store,
  wrap: (transaction: Transaction) => Transaction,
): Store => (service === 'payment' ? wrappedTransaction(store, wrap) : store);

/** As it was once: an outcome that is unknown for long is published as a final decline. */
const unknownIsMissed: PlantedBug = {
  name: 'unknown-is-missed',
  seed: 138,
  needs: ({ troubles }) =>
    troubles.some(({ kind }) => kind === 'acquirerRejectsKey' || kind === 'acquirerAwayForHours'),
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
  seed: 20,
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
  seed: 20,
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
  seed: 20,
  what: 'debits know no quiet hours',
  breaks: ['night'],
  env: { PAYMENT_QUIET_HOURS: 'off' },
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
  seed: 3,
  what: 'a clearing posts its parties to nothing, as if the bank had paid them',
  breaks: ['payout'],
  store: unjournaled(({ account }) => (account as string).startsWith('in-payout/')),
};

/** The first page is taken for the whole day. */
const firstPageAlone: PlantedBug = {
  name: 'first-page-alone',
  seed: 3,
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
  seed: 1,
  what: 'a chargeback is listed, and the books know nothing of it',
  breaks: ['statement'],
  store: unjournaled(({ reference }) => (reference as string).startsWith('statement/')),
};

const unbookedDispute: PlantedBug = {
  name: 'unbooked-dispute',
  seed: 1,
  what: 'a chargeback is decided, and its money stays where it was',
  breaks: ['statement'],
  store: unjournaled(({ reference }) => (reference as string).startsWith('chargeback/')),
};

/** A comparison that goes by our own rows alone. */
const unseenRow: PlantedBug = {
  name: 'unseen-row',
  seed: 1,
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
];
