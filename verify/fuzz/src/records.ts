import {
  authorOf,
  type ReceivedMessage,
  SIGNATURE,
  signedAll,
  type SigningKey,
} from '@caretab/bus';
import type { Topic } from '@caretab/contracts';
import { receivedOf } from '@caretab/bus-kafka';
import fc from 'fast-check';
import { type IHeaders, Kafka, logLevel, Partitioners } from 'kafkajs';
import { type Amount, HEADER_TEXTS, headersOf, type SampleMessage } from './bus';
import { SentMessages } from './consumed';
import { inputsOf, mutatedJson } from './mutants';

/** A record as a foreign producer may write it: bytes, or nothing at all. */
interface RawRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}

const BATCH = 100;
const BATCH_BYTES_MAX = 600 * 1024;
/** What a broker takes by default is 1 MiB for the batch, with what the record itself costs. */
const HUGE_BYTES = 1_000_000;

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
const noText = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    Buffer.from([0xff]),
    Buffer.from([0xc3, 0x28]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0]),
    Buffer.from([0x1f, 0x8b, 8, 0]),
  ),
);

/** Sound JSON spoilt as text: what a generator of sound values never writes. */
const spoilt = (value: string): fc.Arbitrary<Buffer> => {
  const inside = (text: string): string => value.replace(/^\{/, `{${text},`);
  const texts = [
    inside('"__proto__":{"visitId":"x"}'),
    inside('"constructor":1'),
    inside('"visitId":"HZ001-OTHER"'),
    inside('"amountFen":1,"amountFen":2'),
    inside('"a\\u0000b":1'),
    inside('"x":"\\ud800"'),
    value.replace(/"[^"\\]*"(?=[,}\]])/, '"\\ud800"'),
    value.replace(/"[^"\\]*"(?=[,}\]])/, '"a\\u0000"'),
    value.replace(/:\d+/g, ':1e400'),
    value.replace(/:\d+/g, ':9007199254740993'),
    value.replace(/:\d+/g, ':-0'),
    value.replace(/:\d+/g, ':2147483648'),
    value.replace(/\d{4}-\d{2}-\d{2}T/g, '2026-02-30T'),
    value.replace(/T\d{2}:/g, 'T25:'),
    `\ufeff${value}`,
    `${value}${value}`,
    value.slice(0, -1),
    '['.repeat(100_000),
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  ];
  return fc.oneof(
    fc.constantFrom(...texts).map(bytesOf),
    fc.constantFrom(
      Buffer.from(value, 'utf16le'),
      Buffer.from(value, 'latin1'),
      Buffer.concat([bytesOf(value), Buffer.from([0xff])]),
      Buffer.concat([bytesOf(value), Buffer.from([0])]),
    ),
    noText,
  );
};

const huge = (value: string): Buffer =>
  bytesOf(value.replace(/^\{/, `{"filler":"${'x'.repeat(HUGE_BYTES - value.length)}",`));

const values = (sample: SampleMessage): fc.Arbitrary<Buffer | null> =>
  fc.oneof(
    { weight: 8, arbitrary: mutatedJson([JSON.parse(sample.value)]).map(bytesOf) },
    { weight: 4, arbitrary: spoilt(sample.value) },
    { weight: 1, arbitrary: fc.constantFrom(null, Buffer.alloc(0)) },
  );

const keys = (
  sample: SampleMessage,
  others: readonly SampleMessage[],
): fc.Arbitrary<Buffer | null> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(bytesOf(sample.key)) },
    { weight: 1, arbitrary: fc.constantFrom(...others).map(({ key }) => bytesOf(key)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        noText,
        fc.constantFrom(null, Buffer.alloc(0), bytesOf(`${sample.key}\0`)),
      ),
    },
  );

const headers = (sample: SampleMessage): fc.Arbitrary<RawRecord['headers']> =>
  fc
    .tuple(
      headersOf(sample.headers),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        {
          weight: 1,
          arbitrary: fc.array(
            fc.tuple(
              fc.constantFrom(
                'ce_id',
                'ce_type',
                'ce_time',
                'ce_source',
                'ce_causationid',
                'traceparent',
                '__proto__',
                'toString',
                'a\0b',
                '',
              ),
              fc.oneof(
                noText,
                fc.array(fc.oneof(noText, fc.constantFrom(...HEADER_TEXTS).map(bytesOf)), {
                  minLength: 2,
                  maxLength: 3,
                }),
              ),
            ),
            { maxLength: 2 },
          ),
        },
      ),
    )
    .map(([texts, more]) =>
      Object.fromEntries([
        ...Object.entries(texts).map(([name, text]) => [name, bytesOf(text)] as const),
        ...more,
      ]),
    );

/** Records to the topics of the samples; one in eight is another topic's message. */
const records = (samples: readonly SampleMessage[]): fc.Arbitrary<RawRecord> =>
  fc
    .tuple(fc.constantFrom(...samples), fc.constantFrom(...samples), fc.nat(7))
    .chain(([sample, other, isStray]) =>
      fc.record({
        topic: fc.constant(isStray === 0 ? other.topic : sample.topic),
        key: keys(sample, samples),
        value: values(sample),
        headers: headers(sample),
      }),
    );

/**
 * As many samples of each kind of event, and some of every topic: a day has a thousand charges and
 * one new institution.
 */
export const evenly = (samples: readonly SampleMessage[], each: number): SampleMessage[] => {
  const byType = new Map<string, SampleMessage[]>();
  for (const sample of samples) {
    const name = `${sample.topic} ${sample.headers['ce_type']}`;
    const kind = byType.get(name) ?? [];
    byType.set(name, kind);
    if (kind.length < each) kind.push(sample);
  }
  return [...byType.values()].flat();
};

const asReceived = (record: RawRecord): ReceivedMessage =>
  receivedOf(record.topic, 0, { ...record, headers: record.headers as IHeaders, offset: '0' });

/** By an author of its topic: what is wrong with it is nothing else. */
const signed = (record: RawRecord, key: SigningKey): RawRecord => {
  const { [SIGNATURE]: _, ...bare } = record.headers;
  const unsigned = { ...record, headers: bare };
  const [one] = signedAll(record.topic, [asReceived(unsigned)], key);
  return { ...unsigned, headers: { ...bare, [SIGNATURE]: bytesOf(one!.headers[SIGNATURE]!) } };
};

/** Writes raw records with a plain Kafka client to every topic of the platform. */
export const fuzzRecords = async (
  {
    brokers,
    signingKeyOf,
  }: {
    readonly brokers: readonly string[];
    readonly signingKeyOf: (author: string) => SigningKey;
  },
  topics: ReadonlyMap<string, Topic>,
  samples: readonly SampleMessage[],
  { count, seed, progress }: Amount,
): Promise<SentMessages> => {
  const sent = new SentMessages('Kafka records', topics);
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'somebody-else',
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  let batch: RawRecord[] = [];
  const flush = async (): Promise<void> => {
    const byTopic = new Map<string, RawRecord[]>();
    for (const record of batch)
      byTopic.set(record.topic, [...(byTopic.get(record.topic) ?? []), record]);
    await producer.sendBatch({
      topicMessages: [...byTopic].map(([topic, own]) => ({
        topic,
        messages: own.map(({ key, value, headers: all }) => ({
          key,
          value,
          headers: all as IHeaders,
        })),
      })),
    });
    batch = [];
    progress(sent.tally.sent);
  };
  let bytes = 0;
  try {
    for (const drawn of inputsOf(records(samples), count, seed)) {
      // Now and then one as large as the broker takes.
      const unsigned =
        sent.tally.sent % 500 === 250 && drawn.value
          ? { ...drawn, value: huge(drawn.value.toString('latin1')) }
          : drawn;
      const record = signed(unsigned, signingKeyOf(authorOf(unsigned.topic)));
      const size = (record.value?.length ?? 0) + 20_000;
      if (batch.length >= BATCH || bytes + size > BATCH_BYTES_MAX) [bytes] = [0, await flush()];
      sent.note(asReceived(record));
      batch.push(record);
      bytes += size;
    }
    await flush();
  } finally {
    await producer.disconnect();
  }
  return sent;
};
