import type { Message, ReceivedMessage } from '@caretab/bus';
import type { Rows } from '@caretab/store';
import { altered, type PlantedBug, wrappedConsume, wrappedTransaction } from './planting';

type Fields = Readonly<Record<string, unknown>>;

/** Answers of the ledger to payment's comparison, changed by `change`. */
const comparing =
  (change: (answer: Fields) => Fields): NonNullable<PlantedBug['fetch']> =>
  (real, service) => {
    if (service !== 'payment') return real;
    return (async (url: string, init: RequestInit = {}) => {
      const response = await real(url, init);
      if (!url.includes('/visit-ledger/agreement/') || response.status !== 200) return response;
      return Response.json(change(JSON.parse(await response.text()) as Fields));
    }) as typeof fetch;
  };

const blindComparison: PlantedBug = {
  name: 'blind-comparison',
  seed: 3,
  what: 'payment compares verdicts with the ledger, and no captures',
  restores: 'payment',
  breaks: ['captured', 'settled', 'holds', 'quiet'],
  fetch: comparing((answer) =>
    Array.isArray(answer['visits'])
      ? {
          ...answer,
          visits: (answer['visits'] as Fields[]).map((visit) => ({
            ...visit,
            paidFen: 0,
            refundedFen: 0,
          })),
        }
      : answer,
  ),
};

const noComparison: PlantedBug = {
  name: 'no-comparison',
  seed: 3,
  what: 'payment is never compared with the ledger',
  restores: 'payment',
  breaks: ['captured', 'settled', 'holds', 'quiet'],
  fetch: comparing(() => ({})),
};

const heldForNobody: PlantedBug = {
  name: 'held-for-nobody',
  seed: 3,
  what: 'the difference is found, and the visit is collected all the same',
  restores: 'payment',
  breaks: ['captured', 'settled', 'holds', 'quiet'],
  store: (store, service) =>
    service === 'payment'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              return table.name === 'difference' ? blind(rows) : rows;
            },
          }),
        )
      : store,
};

const blind = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, { find: async () => [] });

const republicationAsNew: PlantedBug = {
  name: 'republication-as-new',
  seed: 1,
  what: 'facts that are published once more are new facts to their readers',
  restores: 'payment',
  breaks: ['written', 'inEffectOnce', 'sentOnce'],
  bus: (bus, service) => {
    if (service !== 'visit-ledger') return bus;
    const seen = new Set<string>();
    const asNew = (message: Message): Message => {
      const id = message.headers['ce_id']!;
      if (!seen.has(id)) return (seen.add(id), message);
      return { ...message, headers: { ...message.headers, ce_id: `${id}/again` } };
    };
    return altered(bus, {
      send: (topic: string, messages: readonly Message[]) => bus.send(topic, messages.map(asNew)),
    });
  },
};

/** By platform: what credit has handled, kept apart from its database. */
const handledOn = new WeakMap<object, Set<string>>();

/** Effects are not done once more: credit takes only what it never saw. */
const redeliveryIgnored: PlantedBug = {
  name: 'redelivery-ignored',
  seed: 1,
  what: 'credit ignores what is delivered to it again, although its database forgot it',
  restores: 'credit',
  // An erasure that is forgotten leaves its person in credit's tables.
  breaks: ['holds', 'erased'],
  bus: (bus, service, random) => {
    if (service !== 'credit') return bus;
    const handled = handledOn.get(random) ?? new Set();
    handledOn.set(random, handled);
    const place = ({ topic, partition, offset }: ReceivedMessage): string =>
      `${topic}/${partition}/${offset}`;
    return wrappedConsume(bus, (handle) => async (batch) => {
      const messages = batch.messages.filter((message) => !handled.has(place(message)));
      if (messages.length > 0) await handle({ ...batch, messages });
      for (const message of messages) handled.add(place(message));
    });
  },
};

/** What may go wrong once a database was restored from a copy. */
export const plantedRestoreBugs: readonly PlantedBug[] = [
  blindComparison,
  noComparison,
  heldForNobody,
  republicationAsNew,
  redeliveryIgnored,
];
