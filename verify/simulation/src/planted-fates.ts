import type { Rows, Store, Where } from '@caretab/store';
import { altered, consumingOnly, type PlantedBug, typeOf, wrappedTransaction } from './planting';

const isOfLedger = (type: string | undefined): boolean => type?.startsWith('visit-ledger') ?? false;

/** The list never learns that a report was rejected, though its hospital gets the webhook. */
const rejectionUnlisted: PlantedBug = {
  name: 'rejection-unlisted',
  seed: 2,
  what: 'a report that was rejected stays accepted in its hospital’s list',
  breaks: ['fates'],
  bus: (bus, service) =>
    service === 'gateway'
      ? consumingOnly(bus, (message) => typeOf(message) !== 'SubmissionRejected')
      : bus,
};

/** A page is read without the institution that asks for it, and without the fence of the rows. */
const listOfAll: PlantedBug = {
  name: 'list-of-all',
  seed: 1,
  what: 'a hospital’s list has the reports of other hospitals too',
  breaks: ['fates'],
  store: (store, service) =>
    service === 'gateway'
      ? wrappedTransaction(unfenced(store), (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              return table.name === 'accepted_event' ? ofAll(rows) : rows;
            },
          }),
        )
      : store,
};

/** Only what is `within` is there, whatever a reader asks for; here all is. */
const unfenced = (store: Store): Store =>
  altered(store, {
    transact: (work, options) => store.transact(work, { ...options, within: undefined }),
  });

const ofAll = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    page: (where: Where<Row>, options) => {
      const { institutionId: _, ...rest } = where as Where<Row & { institutionId: string }>;
      return rows.page(rest as Where<Row>, options);
    },
  });

/** The ledger's clock may be set back between a wait and the decision. */
const fateByClock: PlantedBug = {
  name: 'fate-by-clock',
  seed: 208,
  needs: ({ troubles }) => troubles.some(({ kind }) => kind.startsWith('clockBack')),
  what: 'a decision is passed over where its clock shows an earlier time than the wait before it',
  breaks: ['fates'],
  bus: (bus, service) => {
    if (service !== 'gateway') return bus;
    const latest = new Map<string, string>();
    return consumingOnly(bus, ({ key, headers }) => {
      const { ce_time: time = '', ce_source: source } = headers;
      if (!isOfLedger(source)) return true;
      const isLater = time >= (latest.get(key) ?? '');
      if (isLater) latest.set(key, time);
      return isLater;
    });
  },
};

/** The list never learns that a visit did not take place. */
const cancelledUntold: PlantedBug = {
  name: 'cancelled-tab-deferred',
  seed: 5,
  what: 'a charge of a cancelled visit stays deferred in its hospital’s list',
  breaks: ['fates'],
  bus: (bus, service) =>
    service === 'gateway'
      ? consumingOnly(bus, (message) => typeOf(message) !== 'VisitCancelled')
      : bus,
};

/** Of reports that are taken in together, those of one visit alone go on. */
const onlyFirstOfBatch: PlantedBug = {
  name: 'only-first-of-batch',
  seed: 1,
  what: 'of reports that the gateway takes in together one visit’s alone are published',
  breaks: ['decided', 'answered', 'hospital', 'settled', 'ends', 'fates', 'holder', 'quiet'],
  store: (store, service) =>
    service === 'gateway'
      ? wrappedTransaction(store, (transaction) => {
          let first: string | undefined;
          return altered(transaction, {
            publish: (...messages) => {
              first ??= messages[0]?.key;
              transaction.publish(...messages.filter(({ key }) => key === first));
            },
          });
        })
      : store,
};

/** What may go wrong with a hospital's reports, and with its list of them. */
export const plantedFateBugs: readonly PlantedBug[] = [
  rejectionUnlisted,
  listOfAll,
  fateByClock,
  cancelledUntold,
  onlyFirstOfBatch,
];
