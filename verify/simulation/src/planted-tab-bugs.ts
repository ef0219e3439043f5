import type { ReceivedMessage } from '@caretab/bus';
import { businessDateOf } from '@caretab/contracts';
import type { NewEvent } from '@caretab/event-store';
import type { Rows } from '@caretab/store';
import { LAST_DAY_OF_THE_YEAR } from './plan';
import {
  altered,
  consumingOnly,
  type PlantedBug,
  typeOf,
  consumingAltered,
  wrappedTransaction,
} from './planting';

/** A part that comes back by amount is one fen smaller on the tab than in the hospital's book. */
const roundedReturn: PlantedBug = {
  name: 'rounded-return',
  seed: 1,
  what: 'a return of a part by amount takes a fen less',
  breaks: ['hospital'],
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) => {
          if (typeOf(message) !== 'ChargeReturned') return message;
          const data = JSON.parse(message.value) as { amountFen?: number };
          if (!data.amountFen) return message;
          const value = JSON.stringify({ ...data, amountFen: data.amountFen - 1 });
          return { ...message, value };
        })
      : bus,
};

/** The mark of a dispensed drug is lost on its way into the ledger. */
const unmarkedDrug: PlantedBug = {
  name: 'unmarked-drug',
  seed: 2,
  what: 'a dispensed drug is taken back before the pharmacy has it',
  breaks: ['hospital'],
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) => {
          if (typeOf(message) !== 'ChargePosted') return message;
          return { ...message, value: message.value.replace(',"dispensed":true', '') };
        })
      : bus,
};

/** The ledger holds no return against the item of its charge. */
const returnOfAny: PlantedBug = {
  name: 'return-of-any',
  seed: 5,
  what: 'a return that names another item than its charge is applied',
  breaks: ['hospital'],
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) => {
          if (typeOf(message) !== 'ChargeReturned') return message;
          return { ...message, value: message.value.replace(/"itemCode":"[^"]*",/, '') };
        })
      : bus,
};

/** The time of an end is not waited for, and its grace time neither. */
const unawaitedEnd: PlantedBug = {
  name: 'unawaited-end',
  seed: 29,
  what: 'an end ahead of the clock closes its visit at once',
  breaks: ['ends', 'settled'],
  events: (events) =>
    altered(events, {
      append: (stream, given, expected) =>
        events.append(stream, given.map(closingAtOnce), expected),
    }),
};

const closingAtOnce = (event: NewEvent): NewEvent => {
  const { graceUntil, endedAt, ...data } = event.data as Readonly<Record<string, string>>;
  const isAhead = graceUntil !== undefined && Date.parse(graceUntil) === Date.parse(endedAt!);
  if (event.type !== 'VisitEndReported' || !isAhead) return event;
  return { ...event, data: { ...data, endedAt } };
};

/** Charges are no sign of life to credit: only an increase of the hold is. */
const deafHold: PlantedBug = {
  name: 'deaf-hold',
  seed: 59,
  what: 'a charge is no sign of life of its hold',
  breaks: ['lives'],
  bus: (bus, service) =>
    service === 'credit' ? consumingOnly(bus, (message) => !/^Charge/.test(typeOf(message))) : bus,
};

/** Insurers' totals go on in the year of the care where the visit is settled in the next. */
const totalsByCareDate: PlantedBug = {
  name: 'totals-by-care-date',
  seed: 115,
  needs: ({ day }) => day === LAST_DAY_OF_THE_YEAR,
  what: 'what is settled after New Year counts in the year of its care',
  breaks: ['verdict'],
  store: (store, service) =>
    service === 'adjudication'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) =>
              table.name === 'accumulator'
                ? ofTheYearOfCare(transaction.rows(table))
                : transaction.rows(table),
          }),
        )
      : store,
};

/** All days of care of the simulation are in 2026. */
const inYear = <Key extends object>(key: Key, year: unknown): Key => ({ ...key, year });

const ofTheYearOfCare = <Row extends object>(rows: Rows<Row>): Rows<Row> => {
  const asAsked = (row: Row, [first = {}]: readonly object[]): Row =>
    'year' in first ? inYear(row, first.year) : row;
  const locked: Partial<Rows<Row>> = {
    get: async (key, options) => {
      const row = await rows.get(inYear(key, 2026), options);
      return row && asAsked(row, [key]);
    },
    lockAll: async (keys) => {
      const all = await rows.lockAll(keys.map((key) => inYear(key, 2026)));
      return all.map((row) => asAsked(row, keys));
    },
    insertAllAbsent: (some) => rows.insertAllAbsent(some.map((row) => inYear(row, 2026))),
    save: (...some) => rows.save(...some.map((row) => inYear(row, 2026))),
  };
  return altered(rows, locked);
};

/** The new settlement of a corrected visit goes out, and the earlier one is never taken back. */
const uncancelledSettlement: PlantedBug = {
  name: 'uncancelled-settlement',
  seed: 23,
  what: 'a correction posts the new settlement and leaves the earlier one standing',
  breaks: ['balance'],
  store: (store, service) =>
    service === 'adjudication'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            publish: (...messages) =>
              transaction.publish(
                ...messages.filter(({ value }) => !(value as { cancels?: string }).cancels),
              ),
          }),
        )
      : store,
};

/** What institutions say of ends stays unknown to the ledger. */
const deafToEnds: PlantedBug = {
  name: 'deaf-to-ends',
  seed: 5,
  what: 'the ledger knows no grace time and no rule of any institution',
  breaks: ['ends'],
  bus: (bus, service) => (service === 'visit-ledger' ? consumingAltered(bus, withoutRules) : bus),
};

const withoutRules = (message: ReceivedMessage): ReceivedMessage => {
  if (typeOf(message) !== 'InstitutionRegistered') return message;
  const { graceMs, outpatientEnd, emergencyEnd, ...rest } = JSON.parse(message.value) as Record<
    string,
    unknown
  >;
  return { ...message, value: JSON.stringify(rest) };
};

/** The outpatients' rule is applied to emergencies that are to be observed. */
const observedTillMidnight: PlantedBug = {
  name: 'observed-till-midnight',
  seed: 32,
  what: 'an emergency without an end message ends at 24:00 of its day, as an outpatient does',
  breaks: ['ends', 'lives'],
  events: (events) =>
    altered(events, {
      append: (stream, given, expected) =>
        events.append(stream, given.map(endingAtMidnight), expected),
    }),
};

const endingAtMidnight = (event: NewEvent): NewEvent => {
  const opening = event.data as Readonly<Record<string, string | undefined>>;
  if (opening['visitClass'] !== 'emergency' || !opening['endsBy']) return event;
  const day = businessDateOf(opening['startedAt']!);
  const endsBy = new Date(Date.parse(`${day}T24:00:00+08:00`)).toISOString();
  return { ...event, data: { ...opening, endsBy } };
};

/** A person's deductible counts as used up before it is. */
const fastDeductible: PlantedBug = {
  name: 'fast-deductible',
  seed: 33,
  what: 'what a verdict used of the year’s deductible is counted twice',
  breaks: ['verdict'],
  store: (store, service) =>
    service === 'adjudication'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, { rows: (table) => countedTwice(transaction.rows(table)) }),
        )
      : store,
};

const countedTwice = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    save: (...saved: readonly Row[]) =>
      rows.save(
        ...saved.map((row) =>
          'deductibleUsedFen' in row
            ? { ...row, deductibleUsedFen: 2 * Number(row.deductibleUsedFen) }
            : row,
        ),
      ),
  });

/** Known bugs of returns, corrections, verdicts and the life of a tab. */
export const plantedTabBugs: readonly PlantedBug[] = [
  roundedReturn,
  unmarkedDrug,
  returnOfAny,
  unawaitedEnd,
  deafHold,
  uncancelledSettlement,
  deafToEnds,
  observedTillMidnight,
  fastDeductible,
  totalsByCareDate,
];
