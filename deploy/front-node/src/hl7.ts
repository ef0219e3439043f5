/** What a node reads of an HL7 v2 message; it understands nothing else of it. */
export interface Hl7Header {
  /** MSH-3, MSH-4, MSH-5, MSH-6. */
  readonly sender: readonly [application: string, facility: string];
  readonly receiver: readonly [application: string, facility: string];
  /** MSH-9, as `ADT^A04`. */
  readonly type: string;
  /** MSH-10; empty where there is none: such a message is never answered. */
  readonly controlId: string;
  readonly processingId: string;
  readonly version: string;
  /** By MSH-15 and MSH-16 there may be no answer to it at all. */
  readonly isUnanswered: boolean;
  readonly charset: string;
}

const HEADER_BYTES_MAX = 4_096;
const MSH = /^[\r\n]*MSH\|\^~\\&\|([^\r\n]*)/;

/** Of bytes that begin with MSH and the usual separators; undefined of anything else. */
export const hl7HeaderIn = (bytes: Buffer): Hl7Header | undefined => {
  const [, rest] = MSH.exec(bytes.toString('latin1', 0, HEADER_BYTES_MAX)) ?? [];
  if (rest === undefined) return undefined;
  const fields = rest.split('|');
  // MSH-3 is the first behind the separators.
  const at = (field: number): string => (fields[field - 3] ?? '').trim();
  return {
    sender: [at(3), at(4)],
    receiver: [at(5), at(6)],
    type: at(9).split('^').slice(0, 2).join('^'),
    controlId: at(10),
    ...{ processingId: at(11), version: at(12), charset: at(18) },
    isUnanswered: at(15) + at(16) !== '' && at(15) !== 'AL' && at(16) !== 'AL',
  };
};

/** Why a node does not take a message, as HL7 says it. */
export interface Refusal {
  readonly code: 'AE' | 'AR';
  /** Table 0357; 207: the same message may be taken later. */
  readonly condition: 100 | 102 | 205 | 207;
  readonly problem: string;
  readonly why: string;
  readonly remedy: string;
}

const CONDITIONS = {
  100: 'Segment sequence error',
  102: 'Data type error',
  205: 'Duplicate key identifier',
  207: 'Application internal error',
} as const;
const TRIGGER = /^[A-Z]{3}\^([A-Z]\d{2})$/;

const escaped = (text: string): string => text.replace(/[\r\n|^~\\&]/g, ' ');

/**
 * The node's own answer to a message: `kept`, or `accepted` in enhanced mode, where the platform has still
 * to get it.
 */
export const acknowledgementOf = (
  header: Hl7Header,
  said: 'kept' | 'accepted' | Refusal,
  now: Date,
): Buffer => {
  const stamp = `${new Date(now.getTime() + 8 * 3_600_000).toISOString().replace(/[-:T]|\.\d+Z/g, '')}+0800`;
  const [, trigger] = TRIGGER.exec(header.type) ?? [];
  const type = trigger === undefined ? 'ACK' : `ACK^${trigger}^ACK`;
  const isTaken = typeof said === 'string';
  const code = isTaken ? (said === 'kept' ? 'AA' : 'CA') : said.code;
  const text = isTaken ? 'kept by the front node, which sends it' : said.problem;
  const msh = [
    ...['MSH', '^~\\&', ...header.receiver, ...header.sender, stamp, '', type],
    ...[`FN${now.getTime()}`, header.processingId || 'P', header.version || '2.5.1'],
    ...['', '', '', '', '', header.charset],
  ];
  const segments = [msh, ['MSA', code, header.controlId, text]];
  if (!isTaken) {
    const condition = `${said.condition}^${CONDITIONS[said.condition]}^HL70357`;
    const words = [escaped(said.why), escaped(said.remedy)];
    segments.push(['ERR', '', '', condition, 'E', said.problem, '', ...words]);
  }
  // As the sender wrote them: its application and facility may be in its own character set.
  return Buffer.from(segments.map((fields) => fields.join('|')).join('\r') + '\r', 'latin1');
};

const segmentsIn = (bytes: Buffer): readonly (readonly string[])[] =>
  bytes
    .toString('latin1')
    .split(/\r\n?|\n/)
    .map((line) => line.split('|'));

/** Which message an answer is to. */
export const answeredIn = (bytes: Buffer): string | undefined =>
  segmentsIn(bytes).find(([name]) => name === 'MSA')?.[2];

/** What an answer of the platform says; undefined where it is none to this message. */
export const answerIn = (
  bytes: Buffer,
  controlId: string,
): { readonly code: string; readonly text: string; readonly isLater: boolean } | undefined => {
  const segments = segmentsIn(bytes);
  const msa = segments.find(([name]) => name === 'MSA');
  if (!msa || msa[2] !== controlId || !/^[AC][AER]$/.test(msa[1] ?? '')) return undefined;
  const isLater = segments.some(
    ([name, ...fields]) => name === 'ERR' && /^207\b/.test(fields[2] ?? ''),
  );
  return { code: msa[1]!, text: msa[3] ?? '', isLater };
};
