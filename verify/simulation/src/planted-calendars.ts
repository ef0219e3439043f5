import type { Transaction } from '@caretab/store';
import { inPayment } from './planted-bank-bugs';
import { altered, consumingOnly, type PlantedBug, typeOf } from './planting';
import { dayOf } from './settlement-days';

type Fields = Readonly<Record<string, unknown>>;

/** The day of our books is not kept as it was recorded, but taken from the bank's calendar. */
const bookedByTheBank: PlantedBug = {
  name: 'booked-by-the-bank',
  seed: 15,
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
  seed: 15,
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

/** What a visit comes to is added up, and what earlier clearings took of it is not taken off. */
const clearedAgain: PlantedBug = {
  name: 'cleared-again',
  seed: 15,
  what: 'a clearing takes again what earlier clearings took of a visit',
  breaks: ['calendars'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return altered(rows, {
            insertSums: (sources, options) =>
              rows.insertSums(
                sources.filter(({ of }) => of.name !== table.name),
                options,
              ),
          });
        },
      }),
    ),
};

/** Known bugs of the days on which money is booked. */
export const plantedCalendarBugs: readonly PlantedBug[] = [
  bookedByTheBank,
  bookedByTheHospital,
  clearedAgain,
];
