import type { Topic } from '@caretab/contracts';
import type { Bus, Message } from '@caretab/bus';
import fc from 'fast-check';
import { SentMessages } from './consumed';
import { inputsOf, mutatedJson, mutatedText, wellFormed } from './mutants';

const BATCH = 200;

/** A sound message to take apart, with the topic it was seen on. */
export interface SampleMessage extends Message {
  readonly topic: string;
}

export interface Amount {
  readonly count: number;
  readonly seed: number;
  /** Called after each batch. */
  readonly progress: (sent: number) => void;
}

const HEADER_NAMES = [
  'ce_specversion',
  'ce_id',
  'ce_type',
  'ce_source',
  'ce_time',
  'content-type',
  'traceparent',
  'ce_causationid',
  'baggage',
  'x',
  '__proto__',
  'caretab-unreadable',
];
/**
 * Texts for any header: none, too long, names that every object has, times that no calendar has.
 */
export const HEADER_TEXTS = [
  '',
  '0',
  'NoSuchEvent',
  'constructor',
  '__proto__',
  'toString',
  'x'.repeat(5000),
  '2.0',
  'VisitStarted',
  'text/xml',
  '2026-02-30T00:00:00Z',
  '2026-13-01T25:00:00+99:00',
  'yesterday',
  '臺'.repeat(90),
];

/** A sound message's headers under a fresh id; one in four has up to two of them changed. */
export const headersOf = (
  sound: Readonly<Record<string, string>>,
): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({
      fresh: fc.uuid(),
      changes: fc.array(
        fc.record({
          name: fc.constantFrom(...HEADER_NAMES),
          value: fc.oneof(
            fc.constant(undefined),
            fc.constantFrom(...HEADER_TEXTS),
            mutatedText(['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']),
          ),
        }),
        { maxLength: 2 },
      ),
      isSound: fc.nat(3),
    })
    .map(({ fresh, changes, isSound }) => {
      const headers = new Map(Object.entries({ ...sound, ce_id: `fuzz-${fresh}` }));
      for (const { name, value } of isSound > 0 ? [] : changes) {
        if (value === undefined) headers.delete(name);
        else headers.set(name, wellFormed(value).replaceAll('\0', ''));
      }
      return Object.fromEntries(headers);
    });

const messages = (samples: readonly SampleMessage[]): fc.Arbitrary<SampleMessage> =>
  fc.constantFrom(...samples).chain((sample) =>
    fc.record({
      topic: fc.constant(sample.topic),
      key: fc
        .oneof(
          { weight: 5, arbitrary: fc.constant(sample.key) },
          { weight: 1, arbitrary: mutatedText([sample.key]) },
        )
        .map((key) => wellFormed(key).replaceAll('\0', '')),
      headers: headersOf(sample.headers),
      value: fc
        .oneof(
          { weight: 4, arbitrary: mutatedJson([JSON.parse(sample.value)]) },
          { weight: 1, arbitrary: fc.constantFrom('', 'null', '[]', '{', '"', 'NaN', '\u0001') },
        )
        .map((value) => wellFormed(value).replaceAll('\0', '')),
    }),
  );

/** Sends mutated messages to the topics they were seen on, in batches. */
export const fuzzBus = async (
  bus: Bus,
  topics: ReadonlyMap<string, Topic>,
  samples: readonly SampleMessage[],
  { count, seed, progress }: Amount,
): Promise<SentMessages> => {
  const sent = new SentMessages('bus messages', topics);
  let batch: SampleMessage[] = [];
  const flush = async (): Promise<void> => {
    for (const topic of new Set(batch.map((message) => message.topic))) {
      await bus.send(
        topic,
        batch
          .filter((message) => message.topic === topic)
          .map(({ key, headers, value }) => ({ key, headers, value })),
      );
    }
    batch = [];
    progress(sent.tally.sent);
  };
  for (const message of inputsOf(messages(samples), count, seed)) {
    sent.note({ ...message, partition: 0, offset: 0n });
    batch.push(message);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return sent;
};
