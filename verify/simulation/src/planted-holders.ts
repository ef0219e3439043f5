import type { Message } from '@caretab/bus';
import type { Rows } from '@caretab/store';
import { altered, type PlantedBug, consumingAltered, wrappedTransaction } from './planting';
import type { Planted } from './simulated-platform';

/** The ledger, to which hospitals' messages come without some of their members. */
const withoutIn =
  (...members: readonly string[]): NonNullable<Planted['bus']> =>
  (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) =>
          isReport(message, members)
            ? { ...message, value: without(message.value, members) }
            : message,
        )
      : bus;

/** Of a hospital; an opening always says whose it is. */
const isReport = ({ headers }: Pick<Message, 'headers'>, members: readonly string[]): boolean =>
  (headers['ce_source'] ?? '').startsWith('hospital/') &&
  (headers['ce_type'] !== 'VisitStarted' || !members.includes('personId'));

const without = (value: string, members: readonly string[]): string => {
  try {
    const data = JSON.parse(value) as object;
    return JSON.stringify(
      Object.fromEntries(Object.entries(data).filter(([name]) => !members.includes(name))),
    );
  } catch {
    return value;
  }
};

/** A table of the gateway's that is wrong in one way. */
const inGateway =
  (
    name: string,
    wrong: <Row extends object>(rows: Rows<Row>) => Rows<Row>,
  ): NonNullable<Planted['store']> =>
  (store, service) =>
    service === 'gateway'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              return table.name === name ? wrong(rows) : rows;
            },
          }),
        )
      : store;

const uncheckedOpening: PlantedBug = {
  name: 'unchecked-opening',
  seed: 3,
  what: 'a visit opens for one person after charges that came for another',
  breaks: ['holder'],
  store: inGateway('accepted_event', (rows) => altered(rows, { group: async () => [] })),
};

const strangersCharge: PlantedBug = {
  name: 'strangers-charge',
  seed: 3,
  what: 'a charge goes to the visit that it names, whoever it was sent for',
  breaks: ['holder', 'hospital'],
  bus: withoutIn('personId'),
};

const swallowedCase: PlantedBug = {
  name: 'swallowed-case',
  seed: 4,
  what: 'a holder who is not as registered is answered, and recorded nowhere',
  breaks: ['holder'],
  store: inGateway('holder_case', (rows) => altered(rows, { insertIfAbsent: async () => true })),
};

const unwrittenContradiction: PlantedBug = {
  name: 'unwritten-contradiction',
  seed: 3,
  what: 'a holder who is not as registered is in no visit’s history, and in no webhook',
  breaks: ['holder'],
  bus: withoutIn('holderDiffers'),
};

const namelessFacts: PlantedBug = {
  name: 'nameless-facts',
  seed: 1,
  what: 'facts lose the identifier by which their person was named',
  breaks: ['holder'],
  bus: withoutIn('identifier'),
};

const closedUnsaid: PlantedBug = {
  name: 'closed-unsaid',
  seed: 4,
  what: 'a case of a holder is closed, and its reason is not kept',
  breaks: ['holder'],
  store: inGateway('holder_case', (rows) =>
    altered(rows, {
      save: (...saved) => rows.save(...saved.map((row) => ({ ...row, why: null }))),
    }),
  ),
};

/**
 * Of each transaction's first number what was merged with it directly is found, and nothing behind
 * that.
 */
const shallowChain: PlantedBug = {
  name: 'shallow-chain',
  seed: 5,
  what: 'a chain of merged patient numbers is looked at only one step deep',
  // Numbers of two persons are merged, or one's own number is not known any more.
  breaks: ['holder', 'decided'],
  store: (store, service) =>
    service === 'gateway'
      ? wrappedTransaction(store, (transaction) => {
          let reads = 0;
          return altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              if (table.name !== 'merged_number') return rows;
              return altered(rows, {
                find: async (...asked) => ((reads += 1) > 2 ? [] : rows.find(...asked)),
              });
            },
          });
        })
      : store,
};

const unjudgedMerge: PlantedBug = {
  name: 'unjudged-merge',
  seed: 21,
  what: 'patient numbers are merged whosever visits are under them',
  breaks: ['holder', 'hospital'],
  store: inGateway('accepted_event', (rows) =>
    altered(rows, {
      find: (where, options) =>
        'patientNumberHash' in where ? Promise.resolve([]) : rows.find(where, options),
    }),
  ),
};

/** As before holders were compared. */
const uncompared: PlantedBug = {
  name: 'uncompared-holder',
  seed: 3,
  what: 'a newborn opens a visit on the line of its mother',
  breaks: ['holder'],
  fetch: (real, service) =>
    service === 'gateway'
      ? ((async (url: string, init: RequestInit = {}) => {
          const response = await real(url, init);
          if (!String(url).includes('/identity/persons/') || response.status !== 200)
            return response;
          const { differs: _, ...answer } = JSON.parse(await response.text()) as object & {
            readonly differs?: unknown;
          };
          return Response.json(answer);
        }) as typeof fetch)
      : real,
};

/** What may go wrong with whom a message is for. */
export const plantedHolderBugs: readonly PlantedBug[] = [
  uncheckedOpening,
  strangersCharge,
  swallowedCase,
  unwrittenContradiction,
  namelessFacts,
  closedUnsaid,
  shallowChain,
  unjudgedMerge,
  uncompared,
];
