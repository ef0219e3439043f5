import type { Rows, Store } from '@caretab/store';
import { lenderSigns } from './lender-twin';
import { bodyOf } from './network';
import type { Plan } from './plan';
import { altered, consumingAltered, type PlantedBug, typeOf, wrappedTransaction } from './planting';

const isLent = ({ lending }: Plan): boolean => lending !== undefined;

type Fields = Readonly<Record<string, any>>;

/** Loans of credit are kept otherwise than they were saved. */
const keepingLoans =
  (change: (row: Fields) => Fields) =>
  (store: Store, service: string): Store =>
    service === 'credit'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (of) => {
              const rows = transaction.rows(of) as Rows<any>;
              const save = (...saved: readonly Fields[]) => rows.save(...saved.map(change));
              return (of.name === 'loan' ? altered(rows, { save }) : rows) as never;
            },
          }),
        )
      : store;

/** What a bank said of an order, changed on its way and signed again. */
const saying =
  (change: (answer: Fields) => Fields): NonNullable<PlantedBug['fetch']> =>
  (real, service) =>
    service === 'credit'
      ? ((async (input: string, init: RequestInit) => {
          const response = await real(input, init);
          const said = response.ok && input.endsWith('/orders') ? await response.text() : undefined;
          if (said === undefined) return response;
          const { lenderId, orderId } = JSON.parse(init.body as string) as Fields;
          const text = JSON.stringify(change(JSON.parse(said) as Fields));
          const headers = { 'caretab-signature': lenderSigns(lenderId, orderId, text) };
          return altered(response, { headers: new Headers(headers), body: bodyOf(text) as never });
        }) as typeof fetch)
      : real;

const freshOrders: PlantedBug = {
  name: 'fresh-orders',
  seed: 120,
  needs: isLent,
  what: 'a bank that did not answer is asked for another amount under the same order',
  breaks: ['lender'],
  store: keepingLoans((row) =>
    row['orderKind'] === 'reserve' && row['attempts'] > 0
      ? { ...row, orderFen: row['orderFen'] + 1 }
      : row,
  ),
};

const silenceIsRelease: PlantedBug = {
  name: 'silence-is-release',
  seed: 120,
  needs: isLent,
  what: 'a bank that was silent is taken to have reserved nothing, and is not asked to release it',
  breaks: ['lender'],
  store: keepingLoans((row) =>
    row['orderKind'] !== null && row['wantedState'] === 'released'
      ? { ...row, orderKind: null, orderFen: 0, nextAttemptAt: null }
      : row,
  ),
};

const keptWhole: PlantedBug = {
  name: 'kept-whole',
  seed: 136,
  needs: isLent,
  what: 'a refund does not reduce the loan',
  breaks: ['lender', 'holds'],
  store: keepingLoans((row) =>
    row['state'] === 'drawn' && row['wantedFen'] < row['amountFen']
      ? { ...row, wantedFen: row['amountFen'] }
      : row,
  ),
};

const collectedTwice: PlantedBug = {
  name: 'collected-twice',
  seed: 56,
  needs: isLent,
  what: 'payment does not read who lends, and collects what the bank collects',
  // Or payment sees that its neighbours disagree, and holds the visit.
  breaks: ['lender', 'balance', 'captured', 'calendars', 'quiet'],
  bus: (bus, service) =>
    service === 'payment'
      ? consumingAltered(bus, (message) => {
          if (typeOf(message) !== 'VisitAdjudicated') return message;
          const { lender, ...data } = JSON.parse(message.value) as Fields;
          return lender === undefined ? message : { ...message, value: JSON.stringify(data) };
        })
      : bus,
};

const noIsYes: PlantedBug = {
  name: 'no-is-yes',
  seed: 706,
  needs: isLent,
  what: 'a bank that refused is taken to have done it',
  breaks: ['lender'],
  fetch: saying((answer) => ({ ...answer, outcome: 'done' })),
};

/** What may go wrong where a bank lends. */
export const plantedLendingBugs: readonly PlantedBug[] = [
  freshOrders,
  silenceIsRelease,
  keptWhole,
  collectedTwice,
  noIsYes,
];
