import { extend } from '@caretab/kernel';
import type { Charge } from '@caretab/contracts';
import type { NewEvent } from '@caretab/event-store';
import type { Rows } from '@caretab/store';
import {
  altered,
  consumingOnly,
  type PlantedBug,
  typeOf,
  consumingAltered,
  wrappedTransaction,
} from './planting';

/** Every institution has its late charges collected. */
const unaskedLateCharge: PlantedBug = {
  name: 'unasked-late-charge',
  seed: 7,
  what: 'a late charge is collected without an answer where its citizen is to be asked',
  breaks: ['late'],
  store: (store, service) =>
    service === 'visit-ledger'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, { rows: (table) => collecting(transaction.rows(table)) }),
        )
      : store,
};

const collecting = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    save: (...saved: readonly Row[]) =>
      rows.save(
        ...saved.map((row) =>
          'lateCharge' in row && row.lateCharge === 'ask' ? { ...row, lateCharge: null } : row,
        ),
      ),
  });

/** As long ago: it waited for ever once its code had expired. */
const endlessLateCharge: PlantedBug = {
  name: 'endless-late-charge',
  seed: 7,
  what: 'a late charge to which nobody answers waits for ever, and its hospital is never told',
  breaks: ['late'],
  events: (events) =>
    altered(events, {
      append: (stream, given, expected) => events.append(stream, given.map(endless), expected),
    }),
};

const endless = (event: NewEvent): NewEvent => {
  if (event.type !== 'LateChargeRecorded') return event;
  const { answerUntil: _limit, ...data } = event.data as Readonly<Record<string, unknown>>;
  return { ...event, data };
};

/** The limit of a late charge is over, and the webhook that says so is left out. */
const untoldUnanswered: PlantedBug = {
  name: 'untold-unanswered',
  seed: 7,
  what: 'a late charge to which nobody answered is given up, and its hospital is never told',
  breaks: ['late'],
  bus: (bus, service) =>
    service === 'notification'
      ? consumingOnly(
          bus,
          (message) =>
            typeOf(message) !== 'ChargeNotDeferred' ||
            !message.value.includes('LATE_CHARGE_UNANSWERED'),
        )
      : bus,
};

/** No one looks whether a charge makes a sum: it is put right on its way. */
const rightedSum: PlantedBug = {
  name: 'righted-sum',
  seed: 3,
  what: 'a charge whose amount is no sum is put right and collected',
  breaks: ['sums'],
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) => {
          if (typeOf(message) !== 'ChargePosted') return message;
          const data = JSON.parse(message.value) as { readonly charge: Charge };
          const { quantity, unitPriceYuan } = data.charge;
          const charge = { ...data.charge, amountFen: extend(quantity, unitPriceYuan) };
          return { ...message, value: JSON.stringify({ ...data, charge }) };
        })
      : bus,
};

/** Known bugs of charges that come after the settlement, and of charges that make no sum. */
export const plantedLateChargeBugs: readonly PlantedBug[] = [
  unaskedLateCharge,
  endlessLateCharge,
  untoldUnanswered,
  rightedSum,
];
