import type { Message } from '@caretab/bus';
import type { Rows, Store } from '@caretab/store';
import type { Plan } from './plan';
import {
  altered,
  consumingOnly,
  type PlantedBug,
  typeOf,
  wrappedConsume,
  wrappedTransaction,
} from './planting';

const isMerged = ({ merge }: Plan): boolean => merge !== undefined;
const isTakenBack = ({ merge }: Plan): boolean => merge !== undefined && merge.back !== 'never';

/** A service to which messages of a type never come. */
const deafTo =
  (deaf: string, ...types: readonly string[]): NonNullable<PlantedBug['bus']> =>
  (bus, service) =>
    service === deaf ? consumingOnly(bus, (message) => !types.includes(typeOf(message))) : bus;

type Fields = Readonly<Record<string, unknown>>;

/** Rows of a table of credit, with some of their doings replaced. */
const withRows =
  (table: string, replace: (rows: Rows<any>) => Partial<Rows<any>>) =>
  (store: Store, service: string): Store =>
    service === 'credit'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (of) => {
              const rows = transaction.rows(of);
              return of.name === table ? altered(rows, replace(rows) as typeof rows) : rows;
            },
          }),
        )
      : store;

const twoLines: PlantedBug = {
  name: 'two-lines',
  seed: 17,
  needs: isMerged,
  what: 'credit never learns that two are one, and each has a line',
  breaks: ['merges'],
  bus: deafTo('credit', 'PersonsMerged', 'PersonsUnmerged'),
};

const oneForEver: PlantedBug = {
  name: 'one-for-ever',
  seed: 27,
  needs: isTakenBack,
  what: 'credit never learns that two are two again, and what is of the one stays with the other',
  breaks: ['merges'],
  bus: deafTo('credit', 'PersonsUnmerged'),
};

const twoLists: PlantedBug = {
  name: 'two-lists',
  seed: 17,
  needs: isMerged,
  what: 'the ledger never learns that two are one, and lists the visits of each',
  breaks: ['merges'],
  bus: deafTo('visit-ledger', 'PersonsMerged'),
};

const oneList: PlantedBug = {
  name: 'one-list',
  seed: 27,
  needs: isTakenBack,
  what: 'the ledger never learns that two are two again, and lists the visits of both',
  breaks: ['merges'],
  bus: deafTo('visit-ledger', 'PersonsUnmerged'),
};

const paidByTheOther: PlantedBug = {
  name: 'paid-by-the-other',
  seed: 77,
  needs: isTakenBack,
  what: 'a visit that is granted while they are one is billed to the survivor',
  breaks: ['wards', 'merges'],
  store: withRows('hold', (rows) => ({
    insert: (...held: readonly Fields[]) =>
      rows.insert(...held.map((hold) => ({ ...hold, mergedPersonId: null }))),
  })),
};

const isGoingBack = (where: Fields): boolean => typeof where['mergedPersonId'] === 'string';

const staysWithTheOther: PlantedBug = {
  name: 'stays-with-the-other',
  seed: 45,
  needs: isTakenBack,
  what: 'an unmerge brings the service back, and not what is held and owed',
  breaks: ['merges', 'heldAddsUp'],
  store: withRows('hold', (rows) => ({
    find: async (where: Fields, options: any) =>
      isGoingBack(where) ? [] : rows.find(where, options),
    update: async (where: Fields, change: Fields) =>
      isGoingBack(where) ? undefined : rows.update(where, change),
  })),
};

/** By platform: the merges that credit has handled, kept apart from its database. */
const mergesHandled = new WeakMap<object, Set<string>>();

const mergeForgotten: PlantedBug = {
  name: 'merge-forgotten',
  seed: 17,
  needs: isMerged,
  what: 'a restored credit takes a merge for handled, and goes on with two lines',
  restores: 'credit',
  breaks: ['merges'],
  bus: (bus, service, random) => {
    if (service !== 'credit') return bus;
    const handled = mergesHandled.get(random) ?? new Set<string>();
    mergesHandled.set(random, handled);
    return wrappedConsume(bus, (handle) => async (batch) => {
      const isMerge = (one: Message): boolean => typeOf(one) === 'PersonsMerged';
      const idOf = ({ headers }: Message): string => headers['ce_id'] ?? '';
      const messages = batch.messages.filter((one) => !isMerge(one) || !handled.has(idOf(one)));
      if (messages.length > 0) await handle({ ...batch, messages });
      for (const one of messages) if (isMerge(one)) handled.add(idOf(one));
    });
  },
};

/** What may go wrong where two registrations are one human being. */
export const plantedMergeBugs: readonly PlantedBug[] = [
  twoLines,
  oneForEver,
  twoLists,
  oneList,
  paidByTheOther,
  staysWithTheOther,
  mergeForgotten,
];
