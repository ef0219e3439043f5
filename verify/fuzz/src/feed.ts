import { type Api, controlIdOf, framed, type MllpAddress, MllpConnection } from '@caretab/hospital';
import type { InterfaceProfile } from '@caretab/contracts';
import fc from 'fast-check';
import type { Amount } from './bus';
import { fuzzHl7, type Hl7Message } from './hl7';
import { inputsOf } from './mutants';
import { digestOf, type Tally } from './tally';

const ANSWER_TIMEOUT_MS = 60_000;
/** One input in so many is a batch. */
const BATCHES_SHARE = 20;
const TRIGGERS = ['A02', 'A05', 'A06', 'A07', 'A12', 'A13', 'A28', 'A31', 'A40'];

/** A message as one of another event: MSH-9, EVN-1, and the class that the event asks for. */
const asEvent = (text: string, trigger: string, patientClass: string): string =>
  text
    .replace(/\|ADT\^A\d\d[^|]*\|/, `|ADT^${trigger}|`)
    .replace(/\rEVN\|[^|]*/, `\rEVN|${trigger}`)
    .replace(/\rPV1\|([^|]*)\|[^|]*/, `\rPV1|$1|${patientClass}`);

const CLASS: Readonly<Record<string, string>> = { A06: 'I', A07: 'E' };

/** Institutions that speak otherwise: what each says of itself. */
const PROFILES: Readonly<Record<string, InterfaceProfile>> = {
  FZP01: {
    characterSet: 'GB18030',
    currency: 'CNY',
    visitNumbers: ['V####', '?*'],
    patientNumbers: false,
    ignoredMessages: ['ORU^R01', 'ADT^A31'],
    graceMs: 1000,
    lateCharge: 'collect',
    outpatientEnd: 'midnight',
  },
  FZP02: { mode: 'test', patientNumbers: true },
  FZP03: { applications: ['HIS', 'LIS'], visitNumbers: ['V*'], lateCharge: 'hospital-bears' },
};

/** Registers the institutions that speak otherwise. */
export const registerOthers = async (
  api: Api,
  keyOf: (institutionId: string) => string,
): Promise<void> => {
  for (const [institutionId, profile] of Object.entries(PROFILES))
    await api.put(`/identity/institutions/${institutionId}`, {
      name: institutionId,
      level: 'level-2',
      apiKey: keyOf(institutionId),
      interface: { hl7: true, ...profile },
    });
};

/** The same messages from other institutions. */
const fromOthers = (samples: readonly string[]): string[] =>
  Object.keys(PROFILES).flatMap((institutionId, index) =>
    samples
      .filter((_text, place) => place % 5 === index)
      .map((text) => text.replaceAll('HZ001', institutionId)),
  );

/** A charge of the message, half of it taken back: by quantity, or by an amount. */
const partReturn = (text: string, index: number): string[] => {
  const lines = text.split('\r');
  const charge = lines.find((line) => /^FT1(\|[^|]*){5}\|CG\|/.test(line))?.split('|');
  if (charge === undefined) return [];
  const fields = Array.from({ length: 32 }, (_, place) => charge[place] ?? '');
  fields[31] = fields[2]!;
  fields[2] += '.P';
  fields[6] = 'CD';
  fields[10] = index % 2 === 0 ? '-0.5' : '';
  fields[11] = index % 2 === 0 ? '' : '-0.07&CNY';
  fields[12] = '';
  return [[...lines.filter((line) => !line.startsWith('FT1')), fields.join('|')].join('\r')];
};

/** Merges of the patient's number: with and without credentials, back, and of two patients at once. */
const mergesOf = (adt: string): string[] => {
  const merge = asEvent(adt, 'A40', 'O').replace(/\rPV1\|[^\r]*/, '');
  const [, own = ''] = /[|~]([^|~^]*\^\^\^[^|~^]*\^MR)/.exec(adt) ?? [];
  const other = own.replace(/^[^^]*/, 'FZ-MERGED');
  const alone = (text: string): string => text.replace(/(\rPID\|[^|]*\|[^|]*\|)[^|]*/, `$1${own}`);
  return [
    `${merge}\rMRG|${other}`,
    `${alone(merge)}\rMRG|${other}`,
    `${alone(merge).replace(own, other)}\rMRG|${own}`,
    `${alone(merge)}\rMRG|${other}~${other.replace('FZ-', 'FZ-2-')}\rPID|2||${other}\rMRG|${own}`,
  ];
};

/** The events of a usual ADT feed that the sample day lacks, and tests of those that it has. */
const feedSamples = (samples: readonly string[]): string[] => {
  const [adt] = samples.filter((text) => /\|ADT\^A0[148]/.test(text));
  if (adt === undefined) return [];
  return [
    ...TRIGGERS.map((trigger) => asEvent(adt, trigger, CLASS[trigger] ?? 'O')),
    ...mergesOf(adt),
    ...samples.slice(0, 5).map((text) => text.replace('|P|2.', '|T|2.')),
  ];
};

/** Batches are put together from lines: what is several messages, or none, is the other door's. */
const isOneMessage = (text: string): boolean =>
  /^MSH(\|[^|\r\n]*){8}\|[^|\r\n]/.test(text) && text.split(/[\r\n]MSH/).length === 1;

interface BatchInput {
  readonly messages: readonly Buffer[];
  readonly counted: number;
  readonly bytes: Buffer;
}

const batchOf = (
  texts: readonly string[],
  { fresh, error, isFile }: { fresh: string; error: number; isFile: boolean },
): BatchInput => {
  const messages = texts.map((text, index) =>
    Buffer.from(
      text
        .replace(/[\r\n]+$/, '')
        .replace(/^(MSH(?:\|[^|\r]*){8}\|)[^|\r]*/, `$1${fresh.slice(0, 18)}.${index}`),
      'utf8',
    ),
  );
  const counted = messages.length + error;
  const lines: (string | Buffer)[] = [
    ...(isFile ? [`FHS|^~\\&|FUZZ|FUZZ|CARETAB|CITY|||||${fresh}`] : []),
    `BHS|^~\\&|FUZZ|FUZZ|CARETAB|CITY|||||${fresh}`,
    ...messages,
    `BTS|${counted}`,
    ...(isFile ? ['FTS|1'] : []),
  ];
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r')]));
  return { messages, counted, bytes };
};

const answersIn = (answer: string): { code: string; id: string; text: string }[] =>
  [...answer.matchAll(/(?:^|\r)MSA\|(A[AER])\|([^|\r]*)\|([^\r]*)/g)].map(([, code, id, text]) => ({
    code: code!,
    id: id!,
    text: text!,
  }));

type Hearing = Tally & { readonly said: Hl7Message };

const hear = (tally: Hearing, { messages, counted, bytes }: BatchInput, answer: string): void => {
  const answers = answersIn(answer);
  const ids = messages.map(controlIdOf);
  const isWhole = counted === messages.length;
  const named = answers.map(({ id }) => id).join() === ids.join();
  if (!named || !/(?:^|\r)BHS\|/.test(answer) || !answer.includes(`BTS|${ids.length}`))
    return tally.fault(`a batch whose messages are not each answered once: ${digestOf(bytes)}`);
  if (!isWhole && answers.some(({ code, text }) => code === 'AA' && !text.startsWith('accepted b')))
    return tally.fault(`a batch that lacks messages was begun: ${digestOf(bytes)}`);
  if (!isWhole) tally.said.refused.add(digestOf(bytes));
  for (const [index, { code, text }] of answers.entries()) {
    tally.said.events += Number(/^accepted as (\d+)/.exec(text)?.[1] ?? 0);
    const isLater = code === 'AR' && /try again later/.test(text);
    const isKept = code !== 'AA' && !isLater && !text.startsWith('test: ');
    if (isWhole && isKept) tally.said.refused.add(digestOf(messages[index]!));
  }
  tally.count(isWhole ? 'a batch, each message answered' : 'a batch that lacks messages, refused');
};

/** Batches of sound messages and of some that are not: one answer for each message, in a batch. */
const fuzzBatches = async (
  address: MllpAddress,
  samples: readonly string[],
  { count, seed }: Pick<Amount, 'count' | 'seed'>,
  tally: Hearing,
): Promise<void> => {
  const batches = fc
    .record({
      texts: fc.array(fc.constantFrom(...samples), { minLength: 1, maxLength: 6 }),
      fresh: fc.uuid(),
      error: fc.constantFrom(0, 0, 0, 1, -1),
      isFile: fc.boolean(),
    })
    .map(({ texts, ...more }) => batchOf(texts, more));
  const line = await MllpConnection.open(address);
  for (const batch of inputsOf(batches, count, seed)) {
    tally.sent += 1;
    line.write(framed(batch.bytes));
    const answer = await line.answer(ANSWER_TIMEOUT_MS);
    if (answer === undefined) tally.fault(`no answer to batch ${digestOf(batch.bytes)}`);
    else hear(tally, batch, answer);
  }
  line.destroy();
};

/** HL7 messages, each in a frame of its own, those of a usual feed among them; then batches. */
export const fuzzFeed = async (
  address: MllpAddress,
  texts: readonly string[],
  amount: Amount,
): Promise<Hearing> => {
  const sound = [...texts, ...feedSamples(texts), ...texts.flatMap(partReturn)];
  const samples = [...sound, ...fromOthers(sound)];
  const batches = Math.ceil(amount.count / BATCHES_SHARE);
  const tally = await fuzzHl7(address, samples, { ...amount, count: amount.count - batches });
  await fuzzBatches(
    address,
    samples.filter(isOneMessage),
    { count: batches, seed: amount.seed },
    tally,
  );
  return tally;
};
