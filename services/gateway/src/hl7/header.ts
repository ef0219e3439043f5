import { DomainError, type ErrorCode } from '@caretab/kernel';
import { Hl7Message } from '@medplum/core';
import { Faults } from '../intake/fault';
import { CHINA, type Defaults, Segment } from './segment';

const SEGMENT_NAME = /^[A-Z][A-Z0-9]{2}$/;
const SEPARATORS = /^MSH\|\^~\\&#?\|/;
const SEGMENTS_MAX = 2000;
const LOOSE_LENGTH_MAX = 199;
export const APPLICATION_LENGTH_MAX = 180;

/** What the gateway understands, by MSH-9.1^MSH-9.2. */
export const MESSAGE_TYPES = [
  'ADT^A01',
  'ADT^A03',
  'ADT^A04',
  'ADT^A08',
  'ADT^A11',
  'DFT^P03',
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** The currency of MSH-17's country (ISO 3166 alpha-3); without a country, ours. */
const CURRENCIES: Readonly<Record<string, string>> = { '': 'CNY', CHN: 'CNY' };

export interface Header {
  readonly type: MessageType;
  /** MSH-4.1; identity knows whose it is. */
  readonly facility: string;
  readonly controlId: string;
  /** MSH-3.1: which program of the institution speaks; empty when it does not say. */
  readonly application: string;
  readonly defaults: Defaults;
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
}

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
  const whole = Hl7Message.parse(text.replace(/[\r\n]+$/, ''));
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

/**
 * Reads MSH. Throws (invalid) MESSAGE_TYPE_UNSUPPORTED, PROCESSING_ID_UNSUPPORTED,
 * VERSION_UNSUPPORTED, or FIELD_MISSING and FIELD_INVALID for MSH-4 and MSH-10.
 */
export const headerIn = (whole: Hl7Message): Header => {
  const faults = new Faults();
  const msh = new Segment(whole.header, 'MSH', faults);
  const type = `${msh.at(9, 1)}^${msh.at(9, 2)}`;
  if (!MESSAGE_TYPES.includes(type as MessageType))
    throw refused(
      'MESSAGE_TYPE_UNSUPPORTED',
      'MSH-9',
      'the message type is not one of those supported',
      `send ${MESSAGE_TYPES.join(', ')}`,
    );
  if (msh.at(11) !== 'P')
    throw refused(
      'PROCESSING_ID_UNSUPPORTED',
      'MSH-11',
      'this is not a production message',
      'send P; test messages belong on a test installation',
    );
  if (!/^2\.[1-9](\.\d)?$/.test(msh.at(12)))
    throw refused(
      'VERSION_UNSUPPORTED',
      'MSH-12',
      'the version is not HL7 2.x',
      'send 2.5.1, or another 2.x',
    );
  const facility = msh.required(
    4,
    /^.{1,60}$/u,
    'the facility that the institution was registered with',
  );
  const controlId = msh.required(
    10,
    /^[\x21-\x7d]{1,199}$/,
    'a control id of 1 to 199 visible ASCII characters',
  );
  faults.throwIfAny();
  return {
    type: type as MessageType,
    facility: facility!,
    controlId: controlId!,
    application: msh.at(3).slice(0, APPLICATION_LENGTH_MAX),
    defaults: {
      zone: /[+-]\d{4}$/.exec(msh.at(7))?.[0] ?? CHINA.zone,
      currency: CURRENCIES[msh.at(17)],
    },
  };
};

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
  };
};
