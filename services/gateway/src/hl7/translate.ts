import { type InterfaceProfile, type VisitClass, VisitNumber } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Hl7Message } from '@medplum/core';
import { type Fault, Faults } from '../intake/fault';
import type { Credential, SubmittedFact, Submission } from '../intake/submission';
import { withoutBraces } from '../intake/visit-number';
import { CREDENTIALS, credentialsIn, valuesOf } from './credential';
import { checkSameVisit, checkTrigger } from './event-checks';
import { type Header, headerIn, type MessageType, parse } from './header';
import { entitlementIn } from './entitlement';
import { checkSexCode, holderIn, isUnidentifiedIn } from './holder';
import { type Defaults, Segment } from './segment';
import {
  type Ignored,
  mergeIn,
  type Merging,
  patientNumbersIn,
  recordNumberIn,
} from './patient-number';
import { momentFieldIn, momentIn, type Places, startPlaces } from './timestamp';
import { checkCount, type Transaction, transactionsIn } from './transaction';
import { ordersOf } from './order';

const CLASSES: Readonly<Record<string, VisitClass>> = {
  O: 'outpatient',
  E: 'emergency',
  I: 'inpatient',
};
const DEPARTMENT_LENGTH_MAX = 40;
const VISIT_NUMBER = new RegExp(VisitNumber.pattern!);

interface Parts {
  readonly header: Header;
  readonly faults: Faults;
  readonly evn: Segment | undefined;
  readonly pid: Segment;
  readonly mrg: Segment | undefined;
  readonly pv1: Segment;
  readonly in1: Segment | undefined;
  readonly transactions: readonly Transaction[];
}

/** The one segment of a name. Throws SEGMENT_MISSING or SEGMENT_REPEATED (invalid). */
const one = (whole: Hl7Message, name: string, faults: Faults, defaults: Defaults): Segment => {
  const all = whole.getAllSegments(name);
  if (all.length === 0)
    throw new DomainError('SEGMENT_MISSING', 'invalid', {
      field: name,
      why: `the message has no ${name}`,
      remedy: `send ${name}`,
    });
  if (all.length > 1)
    throw new DomainError('SEGMENT_REPEATED', 'invalid', {
      field: name,
      why: `the message has more than one ${name}`,
      remedy: 'send one message per visit',
    });
  return new Segment(all[0]!, name, faults, defaults);
};

const OPENINGS: readonly MessageType[] = ['ADT^A01', 'ADT^A04'];

/** Who the message is about: a credential, or on a visit that is open the hospital's own number. */
const personIn = (pid: Segment, header: Header): Submission['person'] => {
  const credential = credentialIn(pid, OPENINGS.includes(header.type));
  return credential ?? { patientNumber: recordNumberIn(pid, header) };
};

/** Credentials beside the one that is taken: they may be another person's. */
const othersIn = (pid: Segment, person: Submission['person']): Partial<Submission> => {
  if (!person || !('value' in person)) return {};
  const others = credentialsIn(pid, 3).filter(({ type }) => type !== person.type);
  return others.length > 0 ? { otherCredentials: others } : {};
};

/** Whether the credential is the mother's (PID-21): the message is about her newborn. */
const isMothersIn = (pid: Segment, person: Submission['person']): boolean =>
  person !== undefined &&
  'value' in person &&
  Array.from({ length: pid.repetitions(21) }, (_, repetition) => pid.at(21, 1, repetition)).some(
    (value) => value.toUpperCase() === person.value.toUpperCase(),
  );

const credentialIn = (pid: Segment, isNeeded: boolean): Credential | undefined => {
  for (const { code, names, type, pattern } of CREDENTIALS) {
    const [value, ...others] = valuesOf(pid, 3, names);
    if (others.length > 0)
      return pid.faults.add(
        pid.name(3),
        'FIELD_REPEATED',
        `two different identifiers have the type ${code}`,
        'send one of each type',
      );
    if (value === undefined) continue;
    return pattern.test(value)
      ? { type, value }
      : pid.faults.add(
          pid.name(3),
          'CREDENTIAL_INVALID',
          `the identifier of type ${code} does not have its form`,
          'check how the number was captured',
        );
  }
  if (!isNeeded) return undefined;
  if (isUnidentifiedIn(pid))
    return pid.faults.add(
      pid.name(3),
      'PATIENT_UNIDENTIFIED',
      'the patient is not identified',
      'charge at the counter; once it is known who it is, open a visit with NI or HC in PID-3.5',
    );
  return pid.faults.add(
    pid.name(3),
    'CREDENTIAL_MISSING',
    'no identifier says who this is',
    'send the ID number with type NI or the health card number with type HC in PID-3.5',
  );
};

/** Classes to which an event can lead; of others the class says nothing, and is not read. */
const CLASSES_OF: Partial<Readonly<Record<MessageType, string>>> = {
  'ADT^A01': 'I',
  'ADT^A04': 'OE',
  'ADT^A06': 'I',
  'ADT^A07': 'OE',
  'ADT^A08': 'OEI',
};

/**
 * A01 admits inpatients, A04 registers the others; anything else would be a guess. An A08 without a
 * class leaves it as it was; no visit is without one.
 */
const classIn = (pv1: Segment, type: MessageType): VisitClass | undefined => {
  const classes = CLASSES_OF[type];
  const isLeft = type === 'ADT^A08' && !pv1.isFilled(2) && !pv1.isDeleted(2);
  if (classes === undefined || isLeft) return undefined;
  const code = pv1.required(2, /^[OEI]$/, 'O (outpatient), E (emergency) or I (inpatient)');
  if (code === undefined) return undefined;
  return classes.includes(code)
    ? CLASSES[code]
    : pv1.faults.add(
        pv1.name(2),
        'PATIENT_CLASS_MISMATCH',
        'the patient class does not fit the event',
        'send A01 or A06 for inpatients (I), A04 or A07 for outpatients (O) and emergencies (E)',
      );
};

/** Where an ADT says when it happened; a charge says it in its FT1. */
const placesIn = ({ header, evn, pv1 }: Parts): Places => {
  if (header.type === 'DFT^P03') return [];
  const happened: Places = [
    [evn, 6],
    [evn, 2],
  ];
  if (header.type === 'ADT^A03') return [[pv1, 45], ...happened];
  const isOpening = header.type === 'ADT^A01' || header.type === 'ADT^A04';
  return isOpening ? startPlaces([pv1, 44], happened) : happened;
};

const factsIn = (
  parts: Parts,
  visitClass: VisitClass | undefined,
): (SubmittedFact | undefined)[] => {
  const { header, pv1, transactions } = parts;
  const department = header.type.startsWith('ADT')
    ? pv1.shortText(3, DEPARTMENT_LENGTH_MAX)
    : undefined;
  const moment = (): string => momentIn(placesIn(parts)) ?? '';
  switch (header.type) {
    case 'ADT^A01':
    case 'ADT^A04':
      return [visitClass && { type: 'VisitStarted', visitClass, department, startedAt: moment() }];
    case 'ADT^A02':
    case 'ADT^A12':
      if (!pv1.isFilled(3))
        pv1.faults.add(
          pv1.name(3),
          'FIELD_MISSING',
          'the department is missing',
          'send where the patient is now',
        );
      return [{ type: 'VisitUpdated', department, updatedAt: moment() }];
    case 'ADT^A06':
    case 'ADT^A07':
    case 'ADT^A08':
      return [{ type: 'VisitUpdated', visitClass, department, updatedAt: moment() }];
    case 'ADT^A11':
      return [{ type: 'VisitWithdrawn', withdrawnAt: moment() }];
    case 'ADT^A03':
      return [{ type: 'VisitEnded', endedAt: moment() }];
    case 'ADT^A13':
      return [{ type: 'VisitReopened', reopenedAt: moment() }];
    case 'DFT^P03':
      return transactionsIn(transactions);
  }
};

const partsOf = (whole: Hl7Message, header: Header): Parts => {
  const faults = new Faults();
  const isCharge = header.type === 'DFT^P03';
  const segments = whole.getAllSegments('FT1');
  if (isCharge) checkCount(segments.length);
  const orders = ordersOf(whole);
  const transactions = segments.map((segment, index) => ({
    ft1: new Segment(segment, `FT1[${index + 1}]`, faults, header.defaults),
    orders: orders[index] ?? [],
  }));
  if (!isCharge && transactions.length > 0)
    faults.add(
      'FT1',
      'SEGMENT_UNEXPECTED',
      'an ADT message carries charges',
      'send charges as DFT^P03',
    );
  const evn =
    isCharge && whole.getAllSegments('EVN').length === 0
      ? undefined
      : one(whole, 'EVN', faults, header.defaults);
  const [mrg] = whole.getAllSegments('MRG');
  const [in1] = whole.getAllSegments('IN1');
  return {
    header,
    faults,
    evn,
    mrg: mrg && new Segment(mrg, 'MRG', faults, header.defaults),
    pid: one(whole, 'PID', faults, header.defaults),
    pv1: one(whole, 'PV1', faults, header.defaults),
    in1: in1 && new Segment(in1, 'IN1', faults, header.defaults),
    transactions,
  };
};

const visitNumberIn = (pv1: Segment): string | undefined => {
  const plain = withoutBraces(pv1.at(19));
  if (plain !== pv1.at(19) && VISIT_NUMBER.test(plain) && pv1.repetitions(19) === 1) return plain;
  return pv1.required(
    19,
    VISIT_NUMBER,
    "the hospital's visit number, 1 to 40 letters, digits, dots, underscores, hyphens or slashes",
  );
};

/** A message, understood; identity still has to say whose facility it is. */
export interface Translation extends Omit<Submission, 'institutionId'> {
  readonly facility: string;
  /** What could not be read, and is no reason to refuse it. */
  readonly warnings?: readonly Fault[];
}

/**
 * Translates one HL7 v2 message into what it says about a visit, all or nothing. Throws DomainError
 * (invalid) whose details name each wrong field, why, and what to do, never a value. Fields as in
 * docs/hl7.md of this service; HL7 v2.5.1 chapters 3 and 6. `profile`: how the institution speaks.
 */
export const translate = (
  text: string,
  profile: InterfaceProfile = {},
): Translation | Merging | Ignored => {
  const whole = parse(text);
  const header = headerIn(whole, profile);
  if ('ignored' in header) return mergeIn(whole, header, profile) ?? header;
  const parts = partsOf(whole, header);
  const { faults, pid, pv1 } = parts;
  checkTrigger(parts.evn, header.type);
  checkSameVisit(parts.mrg, pv1, header.type);
  const person = personIn(pid, header);
  const visitNumber = visitNumberIn(pv1);
  const facts = factsIn(parts, classIn(pv1, header.type));
  const entitlement = OPENINGS.includes(header.type)
    ? entitlementIn(parts.in1, profile)
    : undefined;
  faults.throwIfAny();
  const warnings = new Faults();
  if (profile.holder !== 'ignore') checkSexCode(pid, warnings);
  return {
    door: 'mllp',
    facility: header.facility,
    application: header.application,
    messageId: header.controlId,
    visitNumber: visitNumber!,
    person,
    patientNumbers: patientNumbersIn(pid, header),
    ...othersIn(pid, person),
    holder: holderIn(pid),
    ...(entitlement && { entitlement }),
    ...(isMothersIn(pid, person) && { isMothers: true }),
    ...(header.isTest && { isTest: true }),
    ...(warnings.noted.length > 0 && { warnings: warnings.noted }),
    momentField: momentFieldIn(placesIn(parts)),
    facts: facts.map((fact) => fact!),
  };
};
