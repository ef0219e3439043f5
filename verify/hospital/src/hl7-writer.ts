import { formatYuan } from '@caretab/kernel';
import { segment, stamp } from './segment';
import type {
  Patient,
  ReportedCharge,
  ReportedVisit,
  ReturnedPart,
  VisitReport,
} from './visit-report';

export const UTF8 = 'UNICODE UTF-8';

const CLASS = { outpatient: 'O', emergency: 'E', inpatient: 'I' } as const;
const TRIGGER = {
  start: 'A04',
  update: 'A08',
  cancel: 'A11',
  end: 'A03',
  reopen: 'A13',
} as const;
const ADMISSION = 'A01';
const STRUCTURE = {
  A01: 'ADT_A01',
  A03: 'ADT_A03',
  A04: 'ADT_A01',
  A06: 'ADT_A06',
  A07: 'ADT_A06',
  A08: 'ADT_A01',
  A11: 'ADT_A09',
  A13: 'ADT_A01',
} as const;
type Trigger = keyof typeof STRUCTURE;

type Adt = Exclude<VisitReport['kind'], 'charges' | 'return'>;

const triggerOf = (report: VisitReport & { kind: Adt }, visit: ReportedVisit): Trigger => {
  if (report.kind === 'reclassify') return report.visitClass === 'inpatient' ? 'A06' : 'A07';
  const isAdmission = report.kind === 'start' && visit.visitClass === 'inpatient';
  return isAdmission ? ADMISSION : TRIGGER[report.kind];
};

const msh = (
  { institutionId }: ReportedVisit,
  { at }: VisitReport,
  type: string,
  { controlId, charset = UTF8 }: Hl7Options,
): string =>
  segment('MSH', {
    2: '^~\\&',
    3: 'HIS',
    4: institutionId,
    5: 'CARETAB',
    6: 'CITY',
    7: stamp(at),
    9: type,
    10: controlId,
    11: 'P',
    12: '2.5.1',
    15: 'AL',
    16: 'NE',
    17: 'CHN',
    18: charset,
  });

/** Birth date and sex are in the resident ID number: digits 7 to 14, and whether the 17th is odd. */
const pid = ({ idNumber, name, recordNumber, mobile }: Patient, institutionId: string): string =>
  segment('PID', {
    1: '1',
    3: `${idNumber}^^^CN^NI~${recordNumber}^^^${institutionId}^MR`,
    5: `${name.slice(0, 1)}^${name.slice(1)}`,
    7: idNumber.slice(6, 14),
    8: Number(idNumber[16]) % 2 === 1 ? 'M' : 'F',
    13: mobile && `${mobile}^PRN^CP`,
  });

const pv1 = (visit: ReportedVisit, report: VisitReport): string => {
  const department = report.kind === 'update' ? report.department : visit.department;
  return segment('PV1', {
    1: '1',
    2: CLASS[report.kind === 'reclassify' ? report.visitClass : visit.visitClass],
    3: `${department}^001^^${visit.institutionId}`,
    19: visit.visitNumber,
    44: stamp(visit.startedAt),
    45: report.kind === 'end' ? stamp(report.at) : undefined,
  });
};

const ft1 = (
  setId: number,
  charge: ReportedCharge,
  { department }: ReportedVisit,
  taken?: {
    readonly returnId: string;
    readonly at: string;
    readonly itemCode?: string | undefined;
    readonly part?: ReturnedPart | undefined;
  },
): string => {
  const when = stamp(taken?.at ?? charge.occurredAt);
  const sign = taken ? '-' : '';
  const { quantity, amountFen } = taken?.part ?? charge;
  return segment('FT1', {
    1: String(setId),
    2: taken?.returnId ?? charge.chargeId,
    4: when,
    5: when,
    6: taken ? 'CD' : 'CG',
    7: `${taken?.itemCode ?? charge.itemCode}^${charge.itemName ?? charge.itemCode}`,
    10: quantity && `${sign}${quantity}`,
    11: amountFen === undefined ? undefined : `${sign}${formatYuan(amountFen)}&CNY`,
    12: taken?.part ? undefined : `${charge.unitPriceYuan}&CNY`,
    13: charge.department ?? department,
    31: taken && charge.chargeId,
  });
};

const transactionsOf = (visit: ReportedVisit, report: VisitReport): string[] => {
  if (report.kind === 'charges')
    return report.charges.map((charge, index) => ft1(index + 1, charge, visit));
  return report.kind === 'return' ? [ft1(1, report.charge, visit, report)] : [];
};

export interface Hl7Options {
  /** MSH-10: the gateway knows a repeated message by it. */
  readonly controlId: string;
  /** MSH-18; `encoded` turns the text into its bytes. UTF-8 unless given. */
  readonly charset?: string | undefined;
}

/**
 * A report as its HL7 v2.5.1 message: ADT^A01/A03/A04/A06/A07/A08/A11/A13, or DFT^P03 with one FT1 a charge.
 * Segments are separated by CR. The same report is always the same text.
 */
export const hl7Of = (visit: ReportedVisit, report: VisitReport, options: Hl7Options): string => {
  const isTransaction = report.kind === 'charges' || report.kind === 'return';
  const trigger = isTransaction ? 'P03' : triggerOf(report, visit);
  const type = trigger === 'P03' ? 'DFT^P03^DFT_P03' : `ADT^${trigger}^${STRUCTURE[trigger]}`;
  return [
    msh(visit, report, type, options),
    segment('EVN', { 1: trigger, 2: stamp(report.at) }),
    pid(visit.patient, visit.institutionId),
    pv1(visit, report),
    ...transactionsOf(visit, report),
  ].join('\r');
};
