import { ID_NUMBER_WORDS } from '@caretab/contracts';
import { holdsIdNumber } from '@caretab/kernel';
import type { Hl7Segment } from '@medplum/core';
import type { Faults } from '../intake/fault';

const DELETED = '""';
const ESCAPES: Readonly<Record<string, string>> = { F: '|', S: '^', T: '&', R: '~', E: '\\' };

/**
 * HL7's escape sequences of its own separators, and of printable ASCII in hexadecimal (`\X4943\`),
 * undone; others stay as they are (HL7 v2.5.1, 2.7).
 */
export const unescapeText = (text: string): string =>
  text.replace(
    /\\(?:([FSTRE])|X((?:[2-6][\dA-F]|7[\dA-E])+))\\/gi,
    (sequence, name: string | undefined, hex: string | undefined) =>
      hex === undefined ? (ESCAPES[name!] ?? sequence) : Buffer.from(hex, 'hex').toString('latin1'),
  );

/** What holds for a message where a value does not say it itself. */
export interface Defaults {
  /** Of a time without one: that of MSH-7, else China's. `+0800`. */
  readonly zone: string;
  /** Of an amount without one: that of the country in MSH-17. */
  readonly currency: string | undefined;
}

/** China has one zone, no daylight saving, and one currency. */
export const CHINA: Defaults = { zone: '+0800', currency: 'CNY' };

/** One segment being read: its values by HL7 numbering, its faults under its own name. */
export class Segment {
  constructor(
    private readonly segment: Hl7Segment,
    /** `PV1`, or `FT1[2]` where a message has several. */
    readonly label: string,
    readonly faults: Faults,
    readonly defaults: Defaults = CHINA,
  ) {}

  name(field: number): string {
    return `${this.label}-${field}`;
  }

  /** How often a field repeats; 0 when it is absent. */
  repetitions(field: number): number {
    const value = this.segment.getField(field);
    return value === undefined || value.toString() === '' ? 0 : value.components.length;
  }

  /** Whether anything stands there, be it in a repetition. */
  isFilled(field: number): boolean {
    return this.repetitions(field) > 1 || this.at(field) !== '';
  }

  /** Whether HL7's explicit null stands there: what was known is to be deleted. */
  isDeleted(field: number): boolean {
    return this.segment.getField(field)?.components[0]?.[0]?.trim() === DELETED;
  }

  /** Components from 1, repetitions from 0; HL7's explicit null counts as empty. */
  at(field: number, component = 1, repetition = 0): string {
    const value =
      this.segment.getField(field)?.components[repetition]?.[component - 1]?.trim() ?? '';
    return value === DELETED ? '' : value;
  }

  /** All components of a field's first repetition. */
  components(field: number): readonly string[] {
    return this.segment.getField(field)?.components[0] ?? [];
  }

  /** The first component of a field that must be there, must not repeat and must have this form. */
  required(field: number, pattern: RegExp, form: string): string | undefined {
    const value = this.at(field);
    if (value === '')
      return this.faults.add(
        this.name(field),
        'FIELD_MISSING',
        'the field is empty',
        `send ${form}`,
      );
    if (this.repetitions(field) > 1)
      return this.faults.add(
        this.name(field),
        'FIELD_REPEATED',
        'the field repeats and only one value can be meant',
        'send it once',
      );
    if (!pattern.test(value))
      return this.faults.add(
        this.name(field),
        'FIELD_INVALID',
        'the value does not have the form',
        `send ${form}`,
      );
    return value;
  }

  /** A short text for people (a department), or undefined. */
  shortText(field: number, lengthMax: number): string | undefined {
    const value = unescapeText(this.at(field));
    if (value.length > lengthMax)
      return this.faults.add(
        this.name(field),
        'FIELD_INVALID',
        `the text is longer than ${lengthMax} characters`,
        'send a shorter name or a code',
      );
    if (holdsIdNumber(value))
      return this.faults.add(
        this.name(field),
        'ID_NUMBER_FORBIDDEN',
        ID_NUMBER_WORDS.why,
        ID_NUMBER_WORDS.remedy,
      );
    return value === '' ? undefined : value;
  }
}
