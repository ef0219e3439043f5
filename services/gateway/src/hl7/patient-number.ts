import type { InterfaceProfile } from '@caretab/contracts';
import type { Hl7Message } from '@medplum/core';
import { Faults } from '../intake/fault';
import type { PatientMerge } from '../intake/submission';
import type { Header, IgnoredHeader } from './header';
import { Segment } from './segment';

const PATIENT_NUMBER_LENGTH_MAX = 60;

/** The hospital's own number of the patient: MR of the hospital itself, or of no authority. */
export const patientNumberIn = (
  segment: Segment,
  { facility }: Pick<Header, 'facility'>,
  field = 3,
): string | undefined => {
  const own = Array.from({ length: segment.repetitions(field) }, (_, index) => index).find(
    (repetition) =>
      segment.at(field, 5, repetition) === 'MR' &&
      segment.at(field, 1, repetition) !== '' &&
      ['', facility].includes(segment.at(field, 4, repetition).split('&')[0]!),
  );
  return own === undefined
    ? undefined
    : segment.at(field, 1, own).slice(0, PATIENT_NUMBER_LENGTH_MAX);
};

/** What an A40 is answered. */
export const MERGED = 'merged: either number names the patient on visits that are open';

/** A message type that changes no visit; a merge of two patient numbers is noted even so. */
export interface Ignored extends IgnoredHeader {
  readonly merge?: PatientMerge;
}

/**
 * ADT^A40: PID-3 has the number that stays, MRG-1 the one that goes away (chapter 3,
 * 3.3.40). Nothing where the institution's patient numbers are not used.
 */
export const mergeIn = (
  whole: Hl7Message,
  header: IgnoredHeader,
  { ignoredMessages = [], patientNumbers = true, mode }: InterfaceProfile,
): Pick<Ignored, 'merge'> => {
  const isTest = header.isTest || mode === 'test';
  const isNeeded = patientNumbers && !isTest && !ignoredMessages.includes('ADT^A40');
  if (header.ignored !== 'ADT^A40' || !isNeeded) return {};
  const [pid] = whole.getAllSegments('PID');
  const [mrg] = whole.getAllSegments('MRG');
  if (!pid || !mrg) return {};
  const faults = new Faults();
  const surviving = patientNumberIn(new Segment(pid, 'PID', faults), header);
  const former = patientNumberIn(new Segment(mrg, 'MRG', faults), header, 1);
  return surviving !== undefined && former !== undefined ? { merge: { former, surviving } } : {};
};
