import { type InterfaceProfile, mayIgnore } from '@caretab/contracts';
import { DomainError, type ErrorCode } from '@caretab/kernel';
import { Hl7Message } from '@medplum/core';
import { Faults } from '../intake/fault';
import { CHINA, type Defaults, Segment } from './segment';
import { isTime } from './timestamp';

const SEGMENT_NAME = /^[A-Z][A-Z0-9]{2}$/;
const SEPARATORS = /^MSH\|\^~\\&#?\|/;
const SEGMENTS_MAX = 2000;
const LOOSE_LENGTH_MAX = 1000;
const APPLICATION_LENGTH_MAX = 180;
const CONTROL_ID = /^[\x21-\x25\x27-\x7d]{1,199}$/;
const CONTROL_ID_FORM = 'a control id of 1 to 199 visible ASCII characters, none of them ^, & or ~';

/** What the gateway understands, by MSH-9.1^MSH-9.2. */
export const MESSAGE_TYPES = [
  'ADT^A01',
  'ADT^A02',
  'ADT^A03',
  'ADT^A04',
  'ADT^A06',
  'ADT^A07',
  'ADT^A08',
  'ADT^A11',
  'ADT^A12',
  'ADT^A13',
  'DFT^P03',
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/**
 * Events of a usual ADT feed that change nothing of a visit on the tab: what is pending or tracked
 * (A05, A09, A10, A14 to A16, A20 to A22, A25 to A27, A32, A33, A38, A52 to A55, A60 to A62), and
 * records of persons (A28, A29, A31, A47), which are the master index's. Of a merge (A40) the
 * hospital's own numbers are noted where it has them.
 */
const NOT_NEEDED: ReadonlySet<string> = new Set(
  (
    'A05 A09 A10 A14 A15 A16 A20 A21 A22 A25 A26 A27 A28 A29 A31 A32 A33 A38 A40 A47 A52 A53 ' +
    'A54 A55 A60 A61 A62'
  )
    .split(' ')
    .map((trigger) => `ADT^${trigger}`),
);

/** Codes of the forms of ISO 3166, but those that users assign to no country, and one in use for China. */
const A_COUNTRY = /^(?!X|ZZ|PRC$)([A-Z]{2,3}|\d{3})$/;
/**
 * The currency of MSH-17's country (ISO 3166, in each of its three forms), which is what the message
 * says; where it says nothing of a country, that of the profile, and else ours.
 */
const CURRENCIES: Readonly<Record<string, string>> = { CHN: 'CNY', CN: 'CNY', '156': 'CNY' };
const currencyOf = (country: string, { currency }: InterfaceProfile): string | undefined =>
  CURRENCIES[country] ??
  (A_COUNTRY.test(country) ? undefined : (currency ?? (country === '' ? 'CNY' : undefined)));

export interface Header {
  readonly type: MessageType;
  /** MSH-4.1; identity knows whose it is. */
  readonly facility: string;
  readonly controlId: string;
  /** MSH-3.1: which program of the institution speaks; empty when it does not say. */
  readonly application: string;
  /** MSH-11 is T: judged, and applied to nothing. */
  readonly isTest: boolean;
  readonly defaults: Defaults;
}

/** A header of a message that is answered, counted and otherwise ignored. */
export interface IgnoredHeader {
  /** MSH-9.1^MSH-9.2. */
  readonly ignored: string;
  readonly facility: string;
  readonly controlId: string;
  readonly application: string;
  readonly isTest: boolean;
}

/** A header that may be broken, for the answer to it: whatever can be read. */
export interface LooseHeader {
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  readonly messageType: string;
  readonly trigger: string;
  readonly controlId: string;
  readonly processingId: string;
  readonly version: string;
  /** MSH-15 and MSH-16: on which conditions answers are asked for. */
  readonly acceptAck: string;
  readonly applicationAck: string;
}

const IGNORE = '; or ask the platform to ignore this type for the institution';

const refused = (code: ErrorCode, field: string, why: string, remedy: string): DomainError =>
  new DomainError(code, 'invalid', { field, why, remedy });

/** Splits a message's text into segments. Throws NOT_HL7 or MESSAGE_UNREADABLE (invalid). */
export const parse = (text: string): Hl7Message => {
  if (!SEPARATORS.test(text))
    throw refused(
      'NOT_HL7',
      'MSH-2',
      'the message does not begin with MSH|^~\\&|',
      'send MSH first, with the recommended separators',
    );
  // Lines of blanks alone are no segments.
  const whole = Hl7Message.parse(text.replace(/[\r\n]\s*(?=[\r\n]|$)/g, ''));
  if (whole.segments.length > SEGMENTS_MAX)
    throw refused(
      'MESSAGE_UNREADABLE',
      'MSH',
      `the message has more than ${SEGMENTS_MAX} segments`,
      'send several messages',
    );
  const odd = whole.segments.findIndex(
    ({ name }, index) => !SEGMENT_NAME.test(name) || (name === 'MSH') !== (index === 0),
  );
  if (odd >= 0)
    throw refused(
      'MESSAGE_UNREADABLE',
      `segment ${odd + 1}`,
      'a segment does not begin with a segment name, or MSH comes twice',
      'separate segments by CR and escape line breaks in texts as \\.br\\',
    );
  return whole;
};

const checkTransport = (msh: Segment, { applications }: InterfaceProfile): void => {
  if (!/^[PT]$/.test(msh.at(11)))
    throw refused(
      'PROCESSING_ID_UNSUPPORTED',
      'MSH-11',
      'this is neither a production nor a test message',
      'send P; or T, which is judged and applied to nothing',
    );
  if (!/^2\.[1-9](\.\d)?$/.test(msh.at(12)))
    throw refused(
      'VERSION_UNSUPPORTED',
      'MSH-12',
      'the version is not HL7 2.x',
      'send 2.5.1, or another 2.x',
    );
  if (applications && !applications.includes(applicationIn(msh.at(3))))
    throw new DomainError('APPLICATION_UNKNOWN', 'forbidden', {
      field: 'MSH-3',
      why: 'this program is not one of those that may send for the institution',
      remedy: "ask the platform to add it to the institution's interface profile",
    });
};

/** Table 0155, which HL7 itself defines: by another value no answer is known to be asked for. */
const checkConditions = (msh: Segment, { acknowledgement }: InterfaceProfile): void => {
  if (acknowledgement !== 'enhanced') return;
  for (const field of [15, 16])
    if (!/^(AL|NE|ER|SU)?$/.test(msh.at(field).trim()))
      msh.faults.add(
        `MSH-${field}`,
        'FIELD_INVALID',
        'this is no condition of table 0155, in capitals',
        'send AL, NE, ER or SU, or leave it empty',
      );
};

/** Times without a zone take that of MSH-7, so it must be a time; of whatever precision. */
const checkSentAt = (msh: Segment): void => {
  const text = msh.at(7);
  if (text !== '' && !isTime(text, CHINA.zone))
    msh.faults.add(
      'MSH-7',
      'TIME_INVALID',
      'this is not a time',
      'send when the message was made, YYYYMMDDHHMMSS[+ZZZZ]',
    );
};

/** A profile of a release before this rule may name what is needed: that is taken all the same. */
const isIgnoredBy = ({ ignoredMessages = [] }: InterfaceProfile, type: string): boolean =>
  mayIgnore(type) && ignoredMessages.includes(type);

/** Whether only the header of a message counts, by its type. Of an A40 the numbers may. */
export const isHeaderEnough = (
  { messageType, trigger }: Pick<LooseHeader, 'messageType' | 'trigger'>,
  profile: InterfaceProfile,
): boolean => {
  const type = `${messageType}^${trigger}`;
  return (NOT_NEEDED.has(type) && type !== 'ADT^A40') || isIgnoredBy(profile, type);
};

/** MSH-3.1 as it is kept. */
export const applicationIn = (text: string): string => text.slice(0, APPLICATION_LENGTH_MAX);

/**
 * Reads MSH. Throws (invalid) MESSAGE_TYPE_UNSUPPORTED, PROCESSING_ID_UNSUPPORTED,
 * VERSION_UNSUPPORTED, or FIELD_MISSING and FIELD_INVALID for MSH-4 and MSH-10; APPLICATION_UNKNOWN
 * (forbidden).
 */
export const headerIn = (whole: Hl7Message, profile: InterfaceProfile): Header | IgnoredHeader => {
  const faults = new Faults();
  const msh = new Segment(whole.header, 'MSH', faults);
  const type = `${msh.at(9, 1)}^${msh.at(9, 2)}`;
  const isIgnored = NOT_NEEDED.has(type) || isIgnoredBy(profile, type);
  if (!isIgnored && !MESSAGE_TYPES.includes(type as MessageType))
    throw refused(
      'MESSAGE_TYPE_UNSUPPORTED',
      'MSH-9',
      'the message type is not one of those supported',
      `send ${MESSAGE_TYPES.join(', ')}${mayIgnore(type) ? IGNORE : ''}`,
    );
  checkTransport(msh, profile);
  const facility = msh.required(
    4,
    /^.{1,60}$/u,
    'the facility that the institution was registered with',
  );
  const controlId = msh.required(10, CONTROL_ID, CONTROL_ID_FORM);
  // Its first component is not the whole of it: two ids would be one.
  if (controlId !== undefined && whole.header.getField(10)?.toString().trim() !== controlId)
    faults.add('MSH-10', 'FIELD_INVALID', 'the id has components', `send ${CONTROL_ID_FORM}`);
  checkConditions(msh, profile);
  if (!isIgnored) checkSentAt(msh);
  faults.throwIfAny();
  const said = {
    facility: facility!,
    controlId: controlId!,
    application: applicationIn(msh.at(3)),
    isTest: msh.at(11) === 'T',
  };
  if (isIgnored) return { ignored: type, ...said };
  return {
    type: type as MessageType,
    ...said,
    defaults: {
      zone: /[+-]\d{4}$/.exec(msh.at(7))?.[0] ?? CHINA.zone,
      currency: currencyOf(msh.at(17), profile),
    },
  };
};

/** The first component of a field's first repetition: what the field says. */
export const firstIn = (field: string): string => (/^[^\^~]*/.exec(field)?.[0] ?? '').trim();

/**
 * Reads from a header what can be read of it; nothing is refused. Line ends may stand before it,
 * from a frame whose start was lost.
 */
export const looseHeader = (text: string): LooseHeader => {
  const [first = ''] = text.replace(/^[\r\n]+/, '').split(/[\r\n]/, 1);
  const fields = first.split('|');
  const at = (field: number): string =>
    fields[0] === 'MSH' ? (fields[field - 1] ?? '').slice(0, LOOSE_LENGTH_MAX) : '';
  const [messageType = '', trigger = ''] = at(9).split('^');
  return {
    sendingApplication: at(3),
    sendingFacility: at(4),
    receivingApplication: at(5),
    receivingFacility: at(6),
    messageType,
    trigger,
    controlId: at(10),
    processingId: at(11),
    version: at(12),
    acceptAck: at(15).trim(),
    applicationAck: at(16).trim(),
  };
};
