import { derivedId, DomainError } from '@caretab/kernel';
import { stampOf } from './answer';

const CR = 0x0d;
const LF = 0x0a;
const FRAMING = new Set(['FHS', 'BHS', 'BTS', 'FTS']);

/** One batch of a frame: its header's fields, and the bytes of its messages. */
export interface Batch {
  /** BHS or FHS, by HL7's numbers: `fields[11]` is the batch's own control id. */
  readonly header: readonly string[];
  readonly messages: readonly Buffer[];
  /** The trailer that counts otherwise than what came: its own (BTS) or the file's (FTS). */
  readonly miscounted: 'BTS-1' | 'FTS-1' | undefined;
}

/** A frame of several messages (HL7 v2.5.1, 2.10.3). */
export interface BatchFile {
  /** FHS by HL7's numbers, where there is one. */
  readonly header: readonly string[] | undefined;
  readonly batches: readonly Batch[];
}

/** No supported character set has a line end inside a character. */
const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    if (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF) continue;
    if (at > from) lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return lines;
};

const nameOf = (line: Buffer): string => line.subarray(0, 3).toString('latin1');

/** `fields[1]` is the separator, as HL7 counts a header's fields. */
const headerFields = (line: Buffer): string[] => {
  const fields = line.toString('latin1').split('|');
  return [fields[0]!, '|', ...fields.slice(1)];
};

/** Whether a trailer's count, where it has one, is the number of what came. */
const counts = (line: Buffer | undefined, found: number): boolean => {
  const said = line?.toString('latin1').split('|')[1]?.trim() ?? '';
  return said === '' || (/^\d{1,9}$/.test(said) && Number(said) === found);
};

const joined = (lines: readonly Buffer[]): Buffer =>
  Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from([CR]), line])));

/** The messages among some lines; what stands before the first MSH is one that is none. */
const messagesIn = (lines: readonly Buffer[]): Buffer[] => {
  const starts = lines.flatMap((line, index) =>
    nameOf(line) === 'MSH' || index === 0 ? [index] : [],
  );
  return starts.map((start, index) => joined(lines.slice(start, starts[index + 1])));
};

/** The batches of a frame; undefined for a frame that does not begin with FHS or BHS. */
export const batchesIn = (bytes: Buffer): BatchFile | undefined => {
  const lines = linesOf(bytes);
  const first = lines[0] && nameOf(lines[0]);
  if (first !== 'FHS' && first !== 'BHS') return undefined;
  const file = lines.find((line) => nameOf(line) === 'FHS');
  const groups: { header: Buffer; lines: Buffer[]; trailer?: Buffer }[] = [];
  let trailer: Buffer | undefined;
  for (const line of lines) {
    const name = nameOf(line);
    const group = groups.at(-1);
    if (name === 'BHS') groups.push({ header: line, lines: [] });
    else if (name === 'BTS' && group) group.trailer ??= line;
    else if (name === 'FTS') trailer = line;
    else if (!FRAMING.has(name)) {
      // A file may hold messages without a batch around them.
      if (group && !group.trailer) group.lines.push(line);
      else groups.push({ header: file ?? line, lines: [line] });
    }
  }
  const isWhole = counts(trailer, groups.length);
  const miscountedIn = (group: Buffer | undefined, messages: number): Batch['miscounted'] => {
    if (!counts(group, messages)) return 'BTS-1';
    return isWhole ? undefined : 'FTS-1';
  };
  return {
    header: file && headerFields(file),
    batches: groups.map((group) => {
      const messages = messagesIn(group.lines);
      return {
        header: headerFields(group.header),
        messages,
        miscounted: miscountedIn(group.trailer, messages.length),
      };
    }),
  };
};

const headerOf = (
  name: 'FHS' | 'BHS',
  of: readonly string[],
  { place, now }: { readonly place: number; readonly now: Date },
): string => {
  const field = (number: number): string => of[number] ?? '';
  const id = derivedId('batch', of.join('|'), String(place), now.toISOString()).slice(0, 18);
  const to = [field(5), field(6), field(3), field(4)];
  return [name, '^~\\&', ...to, stampOf(now), '', '', '', id, field(11)].join('|');
};

/** The batches of answers to a frame: `answers` by batch, in the order of its messages. */
export const answerTo = (
  { header, batches }: BatchFile,
  answers: readonly (readonly string[])[],
  now: Date,
): string => {
  const lines = batches.flatMap((batch, place) => [
    headerOf('BHS', batch.header, { place, now }),
    ...answers[place]!,
    `BTS|${answers[place]!.length}`,
  ]);
  const file = header && [headerOf('FHS', header, { place: 0, now }), ...lines];
  return (file ? [...file, `FTS|${batches.length}`] : lines).join('\r');
};

/** Whether the sender named the batch or the file, and so can know the answer again. */
export const isNamed = ({ header, batches }: BatchFile): boolean =>
  [header, ...batches.map((batch) => batch.header)].some(
    (fields) => (fields?.[11] ?? '').trim() !== '',
  );

const INCOMPLETE = {
  'BTS-1': {
    why: 'the batch holds another number of messages than its trailer says; none was taken',
    remedy: 'send the whole batch again',
  },
  'FTS-1': {
    why: 'the file holds another number of batches than its trailer says; none was taken',
    remedy: 'send the whole file again',
  },
} as const;

/** BATCH_INCOMPLETE for a frame that was cut. A cut batch explains a cut file, so it is named first. */
export const incompleteIn = ({ batches }: BatchFile): DomainError | undefined => {
  const places = batches.flatMap(({ miscounted }) => miscounted ?? []);
  const field = places.find((place) => place === 'BTS-1') ?? places[0];
  return field && new DomainError('BATCH_INCOMPLETE', 'invalid', { field, ...INCOMPLETE[field] });
};
