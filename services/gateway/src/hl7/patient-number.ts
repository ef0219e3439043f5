import type { InterfaceProfile } from '@caretab/contracts';
import type { Hl7Message, Hl7Segment } from '@medplum/core';
import { Faults } from '../intake/fault';
import type { MergeSubmission, PatientMerge } from '../intake/submission';
import { credentialsIn } from './credential';
import type { Header, IgnoredHeader } from './header';
import { Segment } from './segment';

const PATIENT_NUMBER_LENGTH_MAX = 60;

/** Types of own numbers (table 0203), MR first; without one before CX.5 was required (2.4). */
const OWN_TYPES: readonly string[] = ['MR', 'PI', 'PT', ''];

/** HD: the hospital by its name, or no authority at all; an OID alone (component 2) is another's. */
const isOwn = (authority: string, facility: string): boolean => {
  const [name = '', id = ''] = authority.split('&').map((part) => part.trim());
  return name === facility || (name === '' && id === '');
};

interface TypedNumber {
  readonly type: string;
  readonly value: string;
}

/** The hospital's own numbers of a patient, those of type MR first: their order says nothing else. */
const typedNumbersIn = (
  segment: Segment,
  field: number,
  { facility }: Pick<Header, 'facility'>,
): readonly TypedNumber[] => {
  const repetitions = Array.from({ length: segment.repetitions(field) }, (_, index) => index)
    .filter((repetition) => isOwn(segment.at(field, 4, repetition), facility))
    .map((repetition) => ({
      type: segment.at(field, 5, repetition),
      value: segment.at(field, 1, repetition).slice(0, PATIENT_NUMBER_LENGTH_MAX),
    }));
  return OWN_TYPES.flatMap((own) =>
    repetitions.filter(({ type, value }) => type === own && value !== ''),
  );
};

const valuesOf = (numbers: readonly TypedNumber[]): readonly string[] => [
  ...new Set(numbers.map(({ value }) => value)),
];

/** So many numbers of one patient are kept and compared at most. */
const NUMBERS_MAX = 10;

/** The hospital's own numbers of the patient in PID-3; first the one by which facts keep it. */
export const patientNumbersIn = (
  pid: Segment,
  header: Pick<Header, 'facility'>,
): readonly string[] => valuesOf(typedNumbersIn(pid, 3, header)).slice(0, NUMBERS_MAX);

/** The first of type MR; empty where PID-3 has none. */
export const recordNumberIn = (pid: Segment, header: Pick<Header, 'facility'>): string =>
  typedNumbersIn(pid, 3, header).find(({ type }) => type === 'MR')?.value ?? '';

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
    const staying = typedNumbersIn(pid, 3, header);
    const [surviving, ...others] = valuesOf(staying);
    const going = valuesOf(mrgs.flatMap((mrg) => typedNumbersIn(mrg, 1, header)));
    if (surviving === undefined || going.length === 0) return [];
    // Numbers of different types stay beside each other: they are one patient's, too.
    const former = [...new Set([...going, ...others])];
    const isTwice = OWN_TYPES.some(
      (own) => valuesOf(staying.filter(({ type }) => type === own)).length > 1,
    );
    if (isTwice)
      faults.add(
        pid.name(3),
        'FIELD_REPEATED',
        'two different patient numbers of one type cannot both be the one that stays',
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
