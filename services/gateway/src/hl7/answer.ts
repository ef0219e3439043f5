import { derivedId, type DomainError } from '@caretab/kernel';
import { Hl7Message, Hl7Segment } from '@medplum/core';
import { type Fault, faultsOf } from '../intake/fault';
import { holderFaults } from '../intake/holder';
import type { Receipt } from '../intake/receipt';
import type { MergeReceipt } from '../intake/merges';
import { firstIn, type LooseHeader } from './header';
import { isPassing } from './try-again';

/** What became of a message: applied as asked, refused for its content, refused as it is or not now. */
export type AckCode = 'AA' | 'AE' | 'AR';
/** The same for the sender that waits for its storing only (HL7 2.9.3). */
export type AcceptCode = 'CA' | 'CE' | 'CR';

/** Refused for what the message is, not for what it says (HL7 chapter 2.9). */
const REJECTED = new Set([
  'NOT_HL7',
  'MESSAGE_UNREADABLE',
  'MESSAGE_TYPE_UNSUPPORTED',
  'PROCESSING_ID_UNSUPPORTED',
  'VERSION_UNSUPPORTED',
  'CHARSET_UNSUPPORTED',
  'CHARSET_BROKEN',
  'CHARACTER_FORBIDDEN',
  'INSTITUTION_UNKNOWN',
  'APPLICATION_UNKNOWN',
  'SENDER_FORBIDDEN',
  'BATCH_INCOMPLETE',
  'FRAME_TRUNCATED',
  'FRAME_START_MISSING',
  'FRAME_TOO_LONG',
]);

/** HL7 table 0357 for ERR-3; what is not listed is a wrong value. */
const CONDITIONS: Readonly<Record<string, string>> = {
  NOT_HL7: '100^Segment sequence error',
  MESSAGE_UNREADABLE: '100^Segment sequence error',
  SEGMENT_MISSING: '100^Segment sequence error',
  SEGMENT_REPEATED: '100^Segment sequence error',
  SEGMENT_UNEXPECTED: '100^Segment sequence error',
  FIELD_MISSING: '101^Required field missing',
  CREDENTIAL_MISSING: '101^Required field missing',
  PATIENT_UNIDENTIFIED: '101^Required field missing',
  SEX_CODE_UNKNOWN: '103^Table value not found',
  TRANSACTION_TYPE_UNSUPPORTED: '103^Table value not found',
  MESSAGE_TYPE_UNSUPPORTED: '200^Unsupported message type',
  PROCESSING_ID_UNSUPPORTED: '202^Unsupported processing id',
  VERSION_UNSUPPORTED: '203^Unsupported version id',
  PERSON_UNKNOWN: '204^Unknown key identifier',
  INSTITUTION_UNKNOWN: '204^Unknown key identifier',
  APPLICATION_UNKNOWN: '204^Unknown key identifier',
  SENDER_FORBIDDEN: '204^Unknown key identifier',
  MESSAGE_ID_REUSED: '205^Duplicate key identifier',
};

/** The same for what is no fault of the message's, whatever is away. */
const PASSING = '207^Application internal error';

export const ackCodeOf = (error: DomainError): AckCode => (REJECTED.has(error.code) ? 'AR' : 'AE');

const LOCATION = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+))?$/;
/** `FT1[2]-11` as an ERL: segment ^ its number ^ field. */
const locationOf = (field: string): string => {
  const [, segment, sequence = '1', position] = LOCATION.exec(field) ?? [];
  return segment ? `${segment}^${sequence}${position ? `^${position}` : ''}` : '';
};

const ESCAPES: Readonly<Record<string, string>> = {
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
  '\\': '\\E\\',
};
/** A text whose separators are escaped (HL7 v2.5.1, 2.7.4): a reader that unescapes it sees them. */
const escaped = (text: string): string =>
  text.replace(/\r\n?|\n/g, ' ').replace(/[|^~\\&]/g, (separator) => ESCAPES[separator]!);

/** An ERL and a CWE as one ELD, the only element of ERR before 2.5 (HL7 v2.4, 2.16.5.1). */
const asBefore25 = (place: string, condition: string): string => {
  const components = place.split('^');
  return [...[0, 1, 2].map((at) => components[at] ?? ''), condition.replaceAll('^', '&')].join('^');
};

const errorSegment = (
  { field, code, why, remedy }: Fault,
  severity: 'E' | 'W',
  { version, isPassed = false }: { readonly version: string; readonly isPassed?: boolean },
): Hl7Segment => {
  const named = isPassed ? PASSING : (CONDITIONS[code] ?? '102^Data type error');
  const condition = `${named}^HL70357`;
  return new Hl7Segment([
    'ERR',
    version < '2.5' ? asBefore25(locationOf(field), condition) : '',
    locationOf(field),
    condition,
    severity,
    code,
    '',
    escaped(`${field} ${why}`.trim()),
    escaped(remedy),
  ]);
};

const VERSION = /^2\.[1-9](\.\d)?$/;
const VERSION_ELSE = '2.5.1';

/** What the message says of its version, where the gateway takes it; the forms of an answer follow it. */
const versionOf = ({ version }: LooseHeader): string => {
  const said = firstIn(version);
  return VERSION.test(said) ? said : VERSION_ELSE;
};

/** MSH-9 of the answer; its third component is there since 2.3.1. */
const typeOf = ({ trigger }: LooseHeader, version: string): string => {
  if (!/^[A-Z]\d{2}$/.test(trigger)) return 'ACK';
  return version < '2.3.1' ? `ACK^${trigger}` : `ACK^${trigger}^ACK`;
};

const PLAIN = /^[\w .^&-]*$/;

/**
 * What the message says of itself, as it came; its first component alone where the rest is not
 * plain.
 */
const echoed = (said: string, form: RegExp, otherwise: string): string => {
  const first = firstIn(said);
  if (!form.test(first)) return otherwise;
  return PLAIN.test(said) ? said.trim() : first;
};

export interface Answer {
  readonly code: AckCode | AcceptCode;
  readonly text: string;
  readonly error?: DomainError;
  /** What was accepted although something is wrong with it. */
  readonly warnings?: readonly Fault[];
}

/** What is said of a merge of patient numbers. */
const mergedText = ({ repeated, test }: MergeReceipt): string => {
  if (test) return 'test: acceptable as a merge, applied to nothing';
  return repeated
    ? 'accepted before'
    : 'merged: either number names the patient on visits that are open';
};

/** What is said of a message that was taken. */
export const accepted = (
  receipt: (Receipt & { readonly warnings?: readonly Fault[] | undefined }) | MergeReceipt,
): Pick<Answer, 'text' | 'warnings'> => {
  if ('merged' in receipt) return { text: mergedText(receipt) };
  const { events, holderDiffers, repeated, test, warnings: unread = [] } = receipt;
  const count = `${events.length} event${events.length === 1 ? '' : 's'}`;
  const differing = holderFaults('mllp', holderDiffers ?? []);
  const said = [placesOf('registered otherwise', differing), placesOf('not understood', unread)];
  const text = test
    ? `test: acceptable as ${count}, applied to nothing`
    : repeated
      ? 'accepted before'
      : `accepted as ${count}`;
  return { text: [text, ...said].join(''), warnings: [...differing, ...unread] };
};

const placesOf = (what: string, faults: readonly Fault[]): string =>
  faults.length > 0 ? ` (${what}: ${faults.map(({ field }) => field).join(', ')})` : '';

const ACCEPTED: Readonly<Record<AckCode, AcceptCode>> = { AA: 'CA', AE: 'CE', AR: 'CR' };

/**
 * The answers that MSH-15 and MSH-16 ask for, in their order: of accepting, then of applying. What is
 * refused is answered once, also for a condition that is none. Neither of the two: as in original mode.
 */
export const enhanced = (
  { acceptAck, applicationAck }: LooseHeader,
  answer: Answer & { readonly code: AckCode },
): readonly Answer[] => {
  if (acceptAck === '' && applicationAck === '') return [answer];
  const isOnError = (condition: string): boolean => !['', 'NE', 'SU'].includes(condition);
  const isWanted = (condition: string): boolean =>
    answer.code === 'AA' ? ['AL', 'SU'].includes(condition) : isOnError(condition);
  const wanted: Answer[] = [
    ...(isWanted(acceptAck) ? [{ ...answer, code: ACCEPTED[answer.code] }] : []),
    ...(isWanted(applicationAck) ? [answer] : []),
  ];
  return answer.code === 'AA' ? wanted : wanted.slice(0, 1);
};

/** When an answer was made, as HL7 writes it. */
export const stampOf = (now: Date): string =>
  `${new Date(now.getTime() + 8 * 3_600_000).toISOString().replace(/[-:T]|\.\d+Z/g, '')}+0800`;

/**
 * The acknowledgement in original mode: MSH, MSA, and an ERR for each fault. `now` dates it; its
 * own id derives from the message's.
 */
export const acknowledgement = (
  to: LooseHeader,
  { code, text, error, warnings = [] }: Answer,
  now: Date,
): Hl7Message => {
  const version = versionOf(to);
  const id = derivedId('ack', to.sendingFacility, to.controlId, code, now.toISOString()).slice(
    0,
    18,
  );
  return new Hl7Message([
    new Hl7Segment([
      'MSH',
      '^~\\&',
      to.receivingApplication,
      to.receivingFacility,
      to.sendingApplication,
      to.sendingFacility,
      stampOf(now),
      '',
      typeOf(to, version),
      id,
      echoed(to.processingId, /^[A-Z]$/, 'P'),
      echoed(to.version, VERSION, VERSION_ELSE),
      '',
      '',
      '',
      '',
      '',
      'UNICODE UTF-8',
    ]),
    new Hl7Segment(['MSA', code, to.controlId, escaped(text)]),
    ...(error
      ? faultsOf(error).map((fault) =>
          errorSegment(fault, 'E', { version, isPassed: isPassing(error) }),
        )
      : []),
    ...warnings.map((fault) => errorSegment(fault, 'W', { version })),
  ]);
};
