import { findItem } from '@caretab/benefits';
import type { ReportedCharge, ReportedVisit, VisitReport } from '@caretab/hospital';
import { extend } from '@caretab/kernel';
import type { Citizen } from './citizens';
import type { Chance } from './random';

export const DAY = '2026-03-02';

export type PlannedCharge = ReportedCharge;

/** One thing a hospital reports. `at` orders the hospital's feed. */
export type Step = VisitReport;

export interface PlannedVisit extends Omit<ReportedVisit, 'patient'> {
  readonly citizen: Citizen;
  readonly steps: readonly Step[];
}

const two = (value: number): string => String(value).padStart(2, '0');
/**
 * An instant of the sample day, minutes after midnight in Asia/Shanghai; `day` counts from the
 * sample day.
 */
export const at = (minutes: number, day = 0): string => {
  const date = new Date(Date.UTC(2026, 2, 2 + day)).toISOString().slice(0, 10);
  return `${date}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00+08:00`;
};

/** A charge of a catalogue item; an unknown code needs a price of its own. */
export const chargeOf = (
  chargeId: string,
  itemCode: string,
  occurredAt: string,
  options: { readonly quantity?: string; readonly priceYuan?: string } = {},
): PlannedCharge => {
  const item = findItem(itemCode, DAY);
  const quantity = options.quantity ?? '1';
  const unitPriceYuan = options.priceYuan ?? item?.priceYuan ?? '35.00';
  return {
    chargeId,
    itemCode,
    itemName: item?.name.zh ?? '未知项目',
    quantity,
    unitPriceYuan,
    amountFen: extend(quantity, unitPriceYuan),
    occurredAt,
  };
};

interface Department {
  readonly code: string;
  /** Rooms of the day: each is posted as one message. */
  readonly rooms: readonly (readonly (readonly [code: string, quantity?: string])[])[];
}

const OUTPATIENT: readonly Department[] = [
  {
    code: 'CARD',
    rooms: [
      [['110100001'], ['110200003']],
      [['310701001'], ['250303001'], ['250307001']],
      [['XC08CA01', '2'], ['XC10AA05', '2'], ['XB01AC04']],
    ],
  },
  {
    code: 'ENDO',
    rooms: [
      [['110100001'], ['110200002']],
      [['250302003'], ['250302002'], ['250102035']],
      [
        ['XA10BA02', '3'],
        ['XA10BK01', '2'],
      ],
    ],
  },
  {
    code: 'RESP',
    rooms: [
      [['110100001'], ['110200001']],
      [['250101015'], ['250401025'], ['210300001']],
      [['XJ01CA04', '2'], ['ZA-LHQW', '2'], ['XN02BE01']],
    ],
  },
  {
    code: 'GAST',
    rooms: [[['110100001'], ['110200002']], [['310902005'], ['310902005-W']], [['XA02BC01', '2']]],
  },
  {
    code: 'ORTH',
    rooms: [
      [['110100001'], ['110200001']],
      [['210102015', '2']],
      [['450000001'], ['430000001']],
      [['ZA-YNBY']],
    ],
  },
  {
    code: 'TCM',
    rooms: [
      [['110100001'], ['110200001']],
      [
        ['TCM-HUANGQI', '210'],
        ['TCM-DANGGUI', '105'],
        ['TCM-GANCAO', '42'],
      ],
      [['ZA-LSW']],
    ],
  },
  {
    code: 'GYNE',
    rooms: [
      [['110100001'], ['110200002']],
      [['220301001'], ['250101015'], ['250102035']],
      [['XJ01MA12']],
    ],
  },
];
const PAEDIATRICS: Department = {
  code: 'PAED',
  rooms: [
    [['110100001'], ['110200001']],
    [['250101015'], ['250401025'], ['250403090']],
    [['XM01AE01'], ['ZA-XEFP'], ['120700001', '2']],
  ],
};
const EMERGENCY: Department = {
  code: 'EMER',
  rooms: [
    [['110200004']],
    [['310701001'], ['250306010'], ['250101015']],
    [['120400006'], ['XB05XA03', '2'], ['C1401-IVSET'], ['110200005']],
  ],
};
const OPERATIONS = ['331003022', '331006002', '331008001', '330406006'] as const;
const WARD_DAY: readonly (readonly [string, string?])[] = [
  ['110900001-3'],
  ['110200006'],
  ['120100004'],
  ['120400006'],
  ['XB05BA03', '2'],
  ['C1401-IVSET'],
];

const chargesOf = (
  visitNumber: string,
  from: number,
  items: readonly (readonly [code: string, quantity?: string])[],
  occurredAt: string,
): PlannedCharge[] =>
  items.map(([code, quantity], index) =>
    chargeOf(`${visitNumber}.${from + index}`, code, occurredAt, quantity ? { quantity } : {}),
  );

export interface VisitOptions {
  readonly institutionId: string;
  readonly visitNumber: string;
  readonly citizen: Citizen;
}

/** An outpatient morning or afternoon: registration, room by room, then home. */
export const outpatient = (
  chance: Chance,
  options: VisitOptions,
  kind: 'adult' | 'child' | 'emergency' = 'adult',
): PlannedVisit => {
  const department =
    kind === 'child' ? PAEDIATRICS : kind === 'emergency' ? EMERGENCY : chance.pick(OUTPATIENT);
  let minutes = chance.between(8 * 60, 15 * 60 + 30);
  const startedAt = at(minutes);
  const steps: Step[] = [{ kind: 'start', at: startedAt }];
  let posted = 1;
  for (const room of department.rooms) {
    minutes += chance.between(8, 25);
    const charges = chargesOf(options.visitNumber, posted, room, at(minutes));
    posted += charges.length;
    steps.push({ kind: 'charges', at: at(minutes), charges });
  }
  steps.push({ kind: 'end', at: at(minutes + chance.between(3, 15)) });
  return {
    ...options,
    visitClass: kind === 'emergency' ? 'emergency' : 'outpatient',
    department: department.code,
    startedAt,
    steps,
  };
};

/**
 * A short stay in surgery that began some days ago; `stays` leaves it open at the end of the day.
 */
export const inpatient = (chance: Chance, options: VisitOptions, stays = false): PlannedVisit => {
  const nights = chance.between(2, 4);
  const startedAt = at(chance.between(9 * 60, 16 * 60), -nights);
  const steps: Step[] = [{ kind: 'start', at: startedAt }];
  let posted = 1;
  const post = (items: readonly (readonly [string, string?])[], when: string): void => {
    steps.push({
      kind: 'charges',
      at: when,
      charges: chargesOf(options.visitNumber, posted, items, when),
    });
    posted += items.length;
  };
  post(
    [['250101015'], ['250203025'], ['250305007'], ['250307001'], ['310701001'], ['220301001']],
    at(17 * 60 + chance.between(0, 40), -nights),
  );
  for (let day = -nights + 1; day <= 0; day += 1) {
    post(WARD_DAY, at(6 * 60 + chance.between(0, 30), day));
    if (day === -nights + 1)
      post(
        [
          [chance.pick(OPERATIONS)],
          ['330100003'],
          ['XN01AX10', '2'],
          ['270300005'],
          ['C1405-CATHETER'],
        ],
        at(10 * 60 + chance.between(0, 90), day),
      );
    if (day === -nights + 1)
      steps.push({ kind: 'update', at: at(12 * 60 + 30, day), department: 'SURG-2' });
  }
  if (!stays) steps.push({ kind: 'end', at: at(chance.between(10 * 60, 16 * 60)) });
  return { ...options, visitClass: 'inpatient', department: 'SURG', startedAt, steps };
};

export const chargesIn = (visit: PlannedVisit): PlannedCharge[] =>
  visit.steps.flatMap((step) => (step.kind === 'charges' ? step.charges : []));
