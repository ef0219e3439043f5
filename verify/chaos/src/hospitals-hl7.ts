import { type Charge } from '@caretab/contracts';
import { formatYuan } from '@caretab/kernel';
import type { ChaosSaying, ChaosVisit } from './hospitals-visit';

const CLASSES = { outpatient: 'O', emergency: 'E', inpatient: 'I' } as const;
const TRIGGERS = {
  end: 'ADT^A03',
  update: 'ADT^A08',
  cancel: 'ADT^A11',
  charges: 'DFT^P03',
  return: 'DFT^P03',
} as const;

/** 2026-03-02T08:00:00+08:00 as HL7 writes it. */
const ts = (instant: string): string => `${instant.slice(0, 19).replace(/[-T:]/g, '')}+0800`;

const triggerOf = ({ kind }: ChaosSaying, { visitClass }: ChaosVisit): string =>
  kind === 'start' || kind === 'pay'
    ? visitClass === 'inpatient'
      ? 'ADT^A01'
      : 'ADT^A04'
    : TRIGGERS[kind];

const transaction = (
  place: number,
  { id, type, at }: { readonly id: string; readonly type: 'CG' | 'CD'; readonly at: string },
  { itemCode, quantity, unitPriceYuan, amountFen, department }: Charge,
): string[] => {
  const fields = [
    'FT1',
    String(place),
    id,
    '',
    ts(at),
    ts(at),
    type,
    `${itemCode}^item`,
    '',
    '',
    quantity,
    `${formatYuan(amountFen)}&CNY`,
    `${unitPriceYuan}&CNY`,
    department ?? '',
  ];
  return fields;
};

const transactionsOf = (saying: ChaosSaying): string[] => {
  if (saying.kind === 'charges')
    return saying.charges.map((charge, index) =>
      transaction(
        index + 1,
        { id: charge.chargeId, type: 'CG', at: charge.occurredAt },
        charge,
      ).join('|'),
    );
  if (saying.kind !== 'return') return [];
  const fields = transaction(1, { id: saying.returnId, type: 'CD', at: saying.at }, saying.charge);
  fields[31] = saying.charge.chargeId; // FT1-31; what lies between is empty.
  return [Array.from(fields, (field) => field ?? '').join('|')];
};

/**
 * One saying of a visit as the hospital's engine writes it in HL7 v2.5.1: the same saying is always
 * the same bytes.
 */
export const hl7Of = (visit: ChaosVisit, saying: ChaosSaying): Buffer => {
  const {
    visitNumber,
    startedAt,
    citizen: { name, idNumber, citizen },
    institution: { institutionId },
    visitClass,
  } = visit;
  const trigger = triggerOf(saying, visit);
  const department = saying.kind === 'update' ? saying.department : 'CARD';
  const pv1: string[] = ['PV1', '1', CLASSES[visitClass], `${department}^001^^${institutionId}`];
  pv1[19] = visitNumber;
  pv1[44] = ts(startedAt);
  if (saying.kind === 'end') pv1[45] = ts(saying.at);
  const segments = [
    `MSH|^~\\&|HIS|${institutionId}|CARETAB|CITY|${ts(saying.at)}||${trigger}^${trigger.replace('^', '_')}|${saying.key}|P|2.5.1|||AL|NE|CHN|UNICODE ` +
      'UTF-8',
    `EVN|${trigger.slice(4)}|${ts(saying.at)}`,
    `PID|1||${idNumber}^^^CN^NI~${citizen}^^^${institutionId}^MR||${name[0]!}^${name.slice(1)}`,
    Array.from(pv1, (field) => field ?? '').join('|'),
    ...transactionsOf(saying),
  ];
  return Buffer.from(segments.join('\r'), 'utf8');
};
