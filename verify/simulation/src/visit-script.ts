import type { Charge } from '@caretab/contracts';
import type { Random } from '@caretab/doubles';
import type { ReportContent, ReportedVisit, ReturnedPart } from '@caretab/hospital';
import { extend } from '@caretab/kernel';
import { HospitalBook } from './hospital-book';
import type { PatientNumber } from './number-book';

export type PlannedMessage =
  | ReportContent
  /** Not the hospital but the citizen: pays what is open from another account. */
  | { readonly kind: 'pay'; readonly token: string };

/** Whom a message names, where it is not just the visit's patient as registered. */
export interface Presented {
  /** Index of the citizen for whom it is sent. */
  readonly citizen: number;
  /** What the hospital says of the holder that is not as it is registered. */
  readonly says?: 'name' | 'birthDate' | 'sex' | 'newborn' | 'unidentified';
  /** False: it has no number of a person. */
  readonly isNumbered?: boolean;
  /** The hospital's own number of the patient, where it uses one of the visit. */
  readonly number?: PatientNumber;
  /** Its number is all that says whose it is. */
  readonly isAlone?: true;
  /** It opens a visit of another number, and must be refused. */
  readonly opens?: string;
}

/** One message or payment, after a pause; `again` repeats it although it was accepted. */
export type ScriptedAction = PlannedMessage & Timed;
export type PlannedAction = ScriptedAction | PlannedMerge;

/** Two of a hospital's patient numbers are one patient's, or so it says. */
export interface PlannedMerge extends Timed {
  readonly kind: 'merge';
  readonly former: PatientNumber;
  readonly surviving: PatientNumber;
}

interface Timed {
  readonly pauseMs: number;
  readonly again: boolean;
  readonly at: string;
  readonly key: string;
  /** Absent: it names the visit's patient, or no one. */
  readonly person?: Presented;
}

/** Those of the hospital itself on its visit. */
export type PlannedReport = Exclude<ScriptedAction, { readonly kind: 'pay' }>;

/** Whether it is a return of more than its whole charge. */
export const exceedsItsCharge = (action: PlannedAction): boolean =>
  action.kind === 'return' &&
  ((action.part?.amountFen ?? 0) > action.charge.amountFen ||
    Number(action.part?.quantity ?? 0) > Number(action.charge.quantity));

/** Whether it is a return of a dispensed drug that the pharmacy does not have back. */
export const isOfKeptDrug = (action: PlannedAction): boolean =>
  action.kind === 'return' && action.charge.dispensed === true && !action.returnedToPharmacy;

/** A moment (ms) as RFC 3339 with the offset of China, to the second. */
export const inChina = (ms: number): string =>
  `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;

/** So far a time may lie before one that it cannot precede. */
export const ORDER_MS = 2 * 3_600_000;

const isLongBefore = (moment: string, other: string): boolean =>
  Date.parse(other) - Date.parse(moment) > ORDER_MS;

/** Whether it is a return that names another item than its charge, or a time long before it. */
export const isOfAnotherCharge = (action: PlannedAction): boolean =>
  action.kind === 'return' &&
  ((action.itemCode !== undefined && action.itemCode !== action.charge.itemCode) ||
    isLongBefore(action.at, action.charge.occurredAt));

/** Whether it is a report of a visit that is of long before its start. */
export const isLongBeforeStart = (
  action: PlannedAction,
  { startedAt }: { readonly startedAt: string },
): boolean =>
  ['update', 'reclassify', 'reopen', 'cancel'].includes(action.kind) &&
  isLongBefore(action.at, startedAt);

/** Of the end, where its hospital reports it ahead: later than any clock of the storm. */
export const AHEAD_TIME = '09:50:00';

/** Whether its time is so far ahead that a clock which is an hour behind does not take it. */
export const isAhead = ({ at }: PlannedAction): boolean => at.includes(`T${AHEAD_TIME}`);

/** The class of a visit after these reports. */
export const lastClassOf = (
  { visitClass }: Pick<ReportedVisit, 'visitClass'>,
  said: readonly PlannedAction[],
): ReportedVisit['visitClass'] =>
  said.flatMap((one) => (one.kind === 'reclassify' ? [one.visitClass] : [])).at(-1) ?? visitClass;

/** Of these every charge is a drug that the pharmacy gave out. */
const DRUGS: ReadonlySet<string> = new Set(['120400001']);

export const ITEMS = [
  ['110200001', '10.00'],
  ['250403014', '55.00'],
  ['210300001', '175.00'],
  ['210200001', '480.00'],
  ['120400001', '3.50'],
  ['270700002', '2600.00'],
  ['110100001', '1.00'],
  // Parts of it round.
  ['250403014', '3.333'],
  ['NOT-IN-CATALOGUE', '9.99'],
] as const;
export const QUANTITIES = ['1', '1', '2', '0.5', '3'] as const;

export const chance = (random: Random, share: number): boolean => random.next() < share;

/** The n-th minute of the day's early morning, Asia/Shanghai: before the platform's clock. */
const minute = (day: string, number: number): string =>
  `${day}T${String(3 + Math.floor(number / 60)).padStart(2, '0')}:${String(number % 60).padStart(2, '0')}:00+08:00`;

/** The messages and payments of one visit, in their order. */
export class VisitScript {
  readonly actions: ScriptedAction[] = [];
  readonly charged: Charge[] = [];
  readonly startedAt: string;
  private readonly book = new HospitalBook();
  private returned = 0;
  private minutes: number;

  constructor(
    readonly random: Random,
    readonly index: number,
    private readonly isRush: boolean,
    private readonly day: string,
  ) {
    this.minutes = random.integer(0, 20);
    this.startedAt = minute(day, this.minutes);
  }

  get visitNumber(): string {
    return `V${this.index + 1}`;
  }

  say(
    said: PlannedMessage,
    pauseMs = this.isRush ? this.random.integer(1, 60) : this.random.integer(20, 2_500),
    at = minute(this.day, (this.minutes += 1)),
  ): void {
    const place = this.actions.length + 1;
    this.actions.push({
      ...said,
      pauseMs,
      again: chance(this.random, 0.15),
      at,
      key: `${this.visitNumber}-message-${place}`,
    });
  }

  charge(): Charge {
    const [itemCode, unitPriceYuan] = this.random.pick(ITEMS);
    const quantity = this.random.pick(QUANTITIES);
    const made: Charge = {
      chargeId: `${this.visitNumber}.${this.charged.length + 1}`,
      itemCode,
      quantity,
      unitPriceYuan,
      amountFen: extend(quantity, unitPriceYuan),
      occurredAt: minute(this.day, (this.minutes += 1)),
      ...(DRUGS.has(itemCode) && { dispensed: true as const }),
    };
    this.charged.push(made);
    this.book.charge(made);
    return made;
  }

  /** So many minutes go by. */
  pass(minutes: number): void {
    this.minutes += minutes;
  }

  /** One return of a charge, or several of parts; some take more than is left, or nothing more. */
  takeBack(pauseMs?: number): void {
    const charge = this.random.pick(this.charged);
    const part = partOf(this.random, charge, this.book.left(charge.chargeId));
    const returnId = `${this.visitNumber}.C${(this.returned += 1)}`;
    this.sayReturn({ returnId, charge, part }, pauseMs);
    if (part && chance(this.random, 0.5)) {
      const rest = partOf(this.random, charge, this.book.left(charge.chargeId));
      this.sayReturn({ returnId: `${returnId}b`, charge, part: rest }, pauseMs);
    }
  }

  /** Every other drug is at its pharmacy before its return; the last of two always is. */
  private sayReturn(
    said: Omit<PlannedMessage & { readonly kind: 'return' }, 'kind' | 'returnedToPharmacy'>,
    pauseMs: number | undefined,
  ): void {
    const { returnId, charge, part } = said;
    const isBack = this.returned % 2 === this.index % 2 || returnId.endsWith('b');
    const returnedToPharmacy = charge.dispensed && isBack ? true : undefined;
    this.book.takeBack(charge.chargeId, part, returnedToPharmacy);
    this.say({ kind: 'return', ...said, returnedToPharmacy }, pauseMs);
  }
}

/** The whole, a part by quantity or by amount, or too much of it. */
const partOf = (
  random: Random,
  { amountFen }: Charge,
  left = { quantity: '0', amountFen: 0 },
): ReturnedPart | undefined => {
  const kind = random.next();
  if (kind < 0.4) return undefined;
  if (kind < 0.55) return { amountFen: Math.max(1, Math.floor(left.amountFen / 3)) };
  if (kind < 0.62) return { amountFen: amountFen + 1 };
  if (kind < 0.85) return { quantity: Number(left.quantity) > 1 ? '1' : '0.5' };
  return { quantity: left.quantity === '0' ? '1' : left.quantity };
};
