import iconv from 'iconv-lite';
import { type Hl7Message, hl7Line } from './feed-lines';
import type { PlannedVisit } from './visit-plan';

/** A message that the gateway must refuse, with the reason it must give. */
export interface Malformed {
  readonly trouble: string;
  readonly code: string;
  readonly file: string;
  readonly bytes: Buffer;
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Broken copies of a sound charge message of `visit`, one fault each. */
export const malformedOf = (
  visit: PlannedVisit,
  nextControlId: () => string,
): readonly Malformed[] => {
  const charges = visit.steps.find((step) => step.kind === 'charges')!;
  const sound = (): Hl7Message => hl7Line(visit, charges, nextControlId());
  const broken = (
    trouble: string,
    code: string,
    file: string,
    change: (text: string) => string,
  ): Malformed => ({ trouble, code, file, bytes: utf8(change(sound().text)) });
  const field = (text: string, segment: string, index: number, value: string): string =>
    text
      .split('\n')
      .map((line) =>
        line.startsWith(`${segment}|`)
          ? line
              .split('|')
              .map((part, at) => (at === index ? value : part))
              .join('|')
          : line,
      )
      .join('\n');
  return [
    broken(
      'FT1-6, the transaction type, is missing',
      'FIELD_MISSING',
      'no-transaction-type',
      (text) => field(text, 'FT1', 6, ''),
    ),
    broken('the amount is not quantity × unit price', 'AMOUNT_MISMATCH', 'wrong-amount', (text) =>
      field(text, 'FT1', 11, '9999.00&CNY'),
    ),
    broken('PV1-19, the visit number, is missing', 'FIELD_MISSING', 'no-visit-number', (text) =>
      field(text, 'PV1', 19, ''),
    ),
    broken('fields of FT1 in the wrong order', 'FIELD_MISSING', 'wrong-order', (text) =>
      text.replace(/\|CG\|/, '||').replace(/^FT1\|(\d+)\|/gm, 'FT1|$1|CG|'),
    ),
    broken(
      'the message breaks off in the middle of a segment',
      'SEGMENT_MISSING',
      'truncated',
      (text) => text.slice(0, text.indexOf('PV1|') + 12),
    ),
    broken('a message type that is not served', 'MESSAGE_TYPE_UNSUPPORTED', 'lab-result', (text) =>
      field(text, 'MSH', 8, 'ORU^R01^ORU_R01'),
    ),
    {
      trouble: 'not an HL7 message at all',
      code: 'NOT_HL7',
      file: 'not-hl7',
      bytes: utf8('<charge><id>1</id></charge>'),
    },
    {
      trouble: 'bytes that are not the declared character set',
      code: 'CHARSET_BROKEN',
      file: 'broken-charset',
      bytes: iconv.encode(sound().text, 'gb18030'),
    },
  ];
};
