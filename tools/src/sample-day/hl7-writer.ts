import type { Citizen } from './citizens';
import type { PlannedCharge, PlannedVisit, Step } from './visit-plan';

/**
 * One HL7 v2 message as text, segments parted by line feeds (the player turns them into carriage
 * returns).
 */
export interface Hl7Message {
  readonly at: string;
  readonly controlId: string;
  readonly text: string;
}

const stamp = (instant: string): string => `${instant.slice(0, 19).replace(/[-T:]/g, '')}+0800`;
const yuan = (fen: number): string =>
  `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;
const CLASS = { outpatient: 'O', emergency: 'E', inpatient: 'I' } as const;

/** Joins numbered fields; the gaps stay empty. */
const segment = (name: string, fields: Readonly<Record<number, string | undefined>>): string => {
  const last = Math.max(
    ...Object.keys(fields)
      .map(Number)
      .filter((index) => fields[index] !== undefined),
  );
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
};

const msh = (
  visit: PlannedVisit,
  type: string,
  at: string,
  controlId: string,
  charset: string,
): string =>
  `MSH|^~\\&|HIS|${visit.institutionId}|CARETAB|CITY|${stamp(at)}||${type}|${controlId}|P|2.5.1|||AL|NE|CHN|${charset}`;

const pid = (visit: PlannedVisit, citizen: Citizen): string => {
  const sex = Number(citizen.idNumber[16]) % 2 === 1 ? 'M' : 'F';
  return segment('PID', {
    1: '1',
    3: `${citizen.idNumber}^^^CN^NI~${citizen.citizen}^^^${visit.institutionId}^MR`,
    5: `${citizen.name[0]}^${citizen.name.slice(1)}`,
    7: citizen.idNumber.slice(6, 14),
    8: sex,
  });
};

const pv1 = (visit: PlannedVisit, step: Step): string =>
  segment('PV1', {
    1: '1',
    2: CLASS[visit.visitClass],
    3: `${step.kind === 'update' ? step.department : visit.department}^001^^${visit.institutionId}`,
    19: visit.visitNumber,
    44: stamp(visit.startedAt),
    ...(step.kind === 'end' ? { 45: stamp(step.at) } : {}),
  });

const ft1 = (
  setId: number,
  charge: PlannedCharge,
  department: string,
  taken?: { readonly returnId: string; readonly at: string },
): string => {
  const when = stamp(taken?.at ?? charge.occurredAt);
  const sign = taken ? '-' : '';
  return segment('FT1', {
    1: String(setId),
    2: taken?.returnId ?? charge.chargeId,
    4: when,
    5: when,
    6: taken ? 'CD' : 'CG',
    7: `${charge.itemCode}^${charge.itemName}`,
    10: `${sign}${charge.quantity}`,
    11: `${sign}${yuan(charge.amountFen)}&CNY`,
    12: `${charge.unitPriceYuan}&CNY`,
    13: department,
    ...(taken ? { 31: charge.chargeId } : {}),
  });
};

const TRIGGER = { start: 'A04', update: 'A08', cancel: 'A11', end: 'A03' } as const;
const STRUCTURE: Readonly<Record<string, string>> = {
  A01: 'ADT_A01',
  A04: 'ADT_A01',
  A08: 'ADT_A01',
  A11: 'ADT_A09',
  A03: 'ADT_A03',
};

/**
 * Writes a step of a visit as its HL7 v2.5.1 message: ADT^A01/A04/A08/A11/A03 or DFT^P03 with one
 * FT1 a charge.
 */
export const hl7Of = (
  visit: PlannedVisit,
  step: Step,
  controlId: string,
  charset = 'UNICODE UTF-8',
): Hl7Message => {
  const header = (type: string, event: string): string[] => [
    msh(visit, type, step.at, controlId, charset),
    segment('EVN', { 1: event, 2: stamp(step.at) }),
    pid(visit, visit.citizen),
    pv1(visit, step),
  ];
  if (step.kind === 'charges' || step.kind === 'return') {
    const lines =
      step.kind === 'charges'
        ? step.charges.map((charge, index) => ft1(index + 1, charge, visit.department))
        : [ft1(1, step.charge, visit.department, { returnId: step.returnId, at: step.at })];
    return {
      at: step.at,
      controlId,
      text: [...header('DFT^P03^DFT_P03', 'P03'), ...lines].join('\n'),
    };
  }
  const trigger =
    step.kind === 'start' && visit.visitClass === 'inpatient' ? 'A01' : TRIGGER[step.kind];
  return {
    at: step.at,
    controlId,
    text: header(`ADT^${trigger}^${STRUCTURE[trigger]}`, trigger).join('\n'),
  };
};
