import {
  acknowledgementIn,
  type Acknowledgement,
  hl7Of,
  type ReportedVisit,
} from '@caretab/hospital';
import type { Reply } from './controller-door';
import { type PatientNumber, writtenNumber } from './number-book';
import type { VisitPlan } from './plan';
import type { PlannedAction, PlannedMerge, PlannedReport, Presented } from './visit-script';

const DAY_MS = 24 * 3_600_000;

/** The day before a moment of the morning, Asia/Shanghai. */
const dayBefore = (at: string): string =>
  new Date(Date.parse(at) - DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');

/** Fields of PID in the place of what is registered, by what is wrong with the holder. */
const PID: Readonly<
  Record<NonNullable<Presented['says']>, (fields: string[], at: string) => void>
> = {
  name: (fields) => (fields[5] = '李^四'),
  birthDate: (fields) => (fields[7] = '19700101'),
  sex: (fields) => (fields[8] = fields[8] === 'M' ? 'F' : 'M'),
  newborn: (fields, at) => {
    fields[5] = `${fields[5]!.replace('^', '')}之女`;
    fields[7] = dayBefore(at);
  },
  // With a number, a placeholder says nothing; without one it names no person.
  unidentified: (fields) => (fields[5] = '无名氏'),
};

/** What the register must find of it, by the hospital's own book. */
export const FINDINGS: Readonly<
  Record<NonNullable<Presented['says']>, readonly string[] | undefined>
> = {
  name: ['name'],
  birthDate: ['birthDate'],
  sex: ['sex'],
  newborn: ['birthDate', 'name', 'newborn'],
  unidentified: undefined,
};

/** MSH-3 of the hospital's system. */
const APPLICATION = 'HIS';

/** By which name the platform knows a message that came over HL7. */
export const hl7MessageId = (institutionId: string, key: string): string =>
  `hl7/${institutionId}.${APPLICATION}/${key}`;

/** A report as its HL7 message, with a PID that may not be as registered. */
export const hl7Message = (
  visit: ReportedVisit,
  report: PlannedReport,
  { says, isNumbered = true, isAlone }: Presented,
): Buffer => {
  const text = hl7Of(visit, report, { controlId: report.key })
    .split('\r')
    .map((line) => {
      if (!line.startsWith('PID|')) return line;
      const fields = line.split('|');
      if (says) PID[says](fields, report.at);
      if (!isNumbered) fields[3] = '';
      if (isAlone) fields[3] = fields[3]!.split('~').at(-1)!;
      return fields.join('|');
    })
    .join('\r');
  return Buffer.from(text, 'utf8');
};

/** A merge of two patient numbers (A40). */
export const mergeMessage = (
  visit: ReportedVisit,
  { former, surviving, ...said }: PlannedMerge,
) => {
  const update = { ...said, kind: 'update', department: visit.department } as const;
  const [msh = ''] = hl7Of(visit, update, { controlId: said.key }).split('\r');
  const { institutionId } = visit;
  const numbered = (number: PatientNumber): string =>
    `${writtenNumber(number)}^^^${institutionId}^MR`;
  const lines = [
    msh.replace(/\|ADT\^[^|]*\|/, '|ADT^A40^ADT_A39|'),
    'EVN|A40',
    `PID|1||${numbered(surviving)}`,
    `MRG|${numbered(former)}`,
  ];
  return Buffer.from(lines.join('\r'), 'utf8');
};

/** An answer that the hospital cannot explain. */
export const unforeseen = (
  { visitNumber }: VisitPlan,
  { kind }: PlannedAction,
  { code, whole }: Acknowledgement,
): { readonly what: string; readonly reply: Reply } => ({
  what: `${visitNumber} ${kind} over HL7: ${code}`,
  reply: { status: 400, body: whole },
});

export const answerIn = (answers: readonly string[]): Acknowledgement =>
  acknowledgementIn(answers[0] ?? '');
