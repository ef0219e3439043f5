import type { InterfaceProfile } from '@caretab/contracts';
import type { Hl7Message, Hl7Segment } from '@medplum/core';
import { Faults } from '../intake/fault';
import type { MergeSubmission, PatientMerge } from '../intake/submission';
import { credentialsIn } from './credential';
import type { Header, IgnoredHeader } from './header';
import { Segment } from './segment';

const PATIENT_NUMBER_LENGTH_MAX = 60;

/** The hospital's own numbers of a patient: MR of the hospital itself, or of no authority. */
const patientNumbersIn = (
  segment: Segment,
  field: number,
  { facility }: Pick<Header, 'facility'>,
): readonly string[] => {
  const own = Array.from({ length: segment.repetitions(field) }, (_, index) => index)
    .filter(
      (repetition) =>
        segment.at(field, 5, repetition) === 'MR' &&
        segment.at(field, 1, repetition) !== '' &&
        ['', facility].includes(segment.at(field, 4, repetition).split('&')[0]!),
    )
    .map((repetition) => segment.at(field, 1, repetition).slice(0, PATIENT_NUMBER_LENGTH_MAX));
  return [...new Set(own)];
};

/** The hospital's own number of the patient; the first where PID-3 has several. */
export const patientNumberIn = (
  pid: Segment,
  header: Pick<Header, 'facility'>,
): string | undefined => patientNumbersIn(pid, 3, header)[0];

/** A message type that changes nothing. */
export type Ignored = IgnoredHeader;

/** A merge of patient numbers, understood; identity still has to say whose facility it is. */
export interface Merging extends Omit<MergeSubmission, 'institutionId'> {
  readonly facility: string;
}

/** PATIENT groups of an A40 (ADT_A39): each PID with the MRG that follow it, in their order. */
const groupsIn = (
  whole: Hl7Message,
): { readonly pid: Hl7Segment; readonly mrgs: Hl7Segment[] }[] => {
  const groups: { pid: Hl7Segment; mrgs: Hl7Segment[] }[] = [];
  for (const segment of whole.segments)
    if (segment.name === 'PID') groups.push({ pid: segment, mrgs: [] });
    else if (segment.name === 'MRG') groups.at(-1)?.mrgs.push(segment);
  return groups;
};

/** Patients of one message; more are another message's. */
const PATIENTS_MAX = 20;

const patientsIn = (whole: Hl7Message, header: IgnoredHeader, faults: Faults): PatientMerge[] => {
  const groups = groupsIn(whole);
  const labelled = (name: string, index: number): string =>
    groups.length > 1 ? `${name}[${index + 1}]` : name;
  return groups.flatMap((group, index): PatientMerge[] => {
    const pid = new Segment(group.pid, labelled('PID', index), faults);
    const mrgs = group.mrgs.map((mrg) => new Segment(mrg, labelled('MRG', index), faults));
    const [surviving, ...others] = patientNumbersIn(pid, 3, header);
    const former = [...new Set(mrgs.flatMap((mrg) => patientNumbersIn(mrg, 1, header)))];
    if (surviving === undefined || former.length === 0) return [];
    if (others.length > 0)
      faults.add(
        pid.name(3),
        'FIELD_REPEATED',
        'two different patient numbers (MR) cannot both be the one that stays',
        'send the number that stays alone; those that go away stand in MRG-1',
      );
    return [
      {
        ...{ former, surviving },
        credentials: {
          surviving: credentialsIn(pid, 3),
          former: mrgs.flatMap((mrg) => credentialsIn(mrg, 1)),
          fields: { surviving: pid.name(3), former: mrgs[0]!.name(1) },
        },
      },
    ];
  });
};

/**
 * ADT^A40: PID-3 has the number that stays, MRG-1 those that go away (HL7 v2.5.1, 3.3.40).
 * Undefined where the institution's patient numbers are not used, or the message has none of them.
 * Throws FIELD_REPEATED or FIELD_INVALID (invalid).
 */
export const mergeIn = (
  whole: Hl7Message,
  header: IgnoredHeader,
  { ignoredMessages = [], patientNumbers = true }: InterfaceProfile,
): Merging | undefined => {
  const isNeeded = patientNumbers && !ignoredMessages.includes('ADT^A40');
  if (header.ignored !== 'ADT^A40' || !isNeeded) return undefined;
  const faults = new Faults();
  const patients = patientsIn(whole, header, faults);
  if (patients.length > PATIENTS_MAX)
    faults.add(
      'PID',
      'FIELD_INVALID',
      `the message merges numbers of more than ${PATIENTS_MAX} patients`,
      'send several messages',
    );
  faults.throwIfAny();
  if (patients.length === 0) return undefined;
  const { facility, application, controlId, isTest } = header;
  return {
    door: 'mllp',
    ...{ facility, application, messageId: controlId, patients },
    ...(isTest && { isTest }),
  };
};
