import { read, type Topic } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Bus, Message, ReceivedMessage } from '@caretab/messaging';
import fc from 'fast-check';
import { inputsOf, mutatedJson, mutatedText, wellFormed } from './mutants';
import { digestOf, Tally } from './tally';

const BATCH = 200;

/** A sound message to take apart, with the topic it was seen on. */
export interface SampleMessage extends Message {
  readonly topic: string;
}

/** A message that was sent, and whether its contract lets it be read. */
export interface SentMessage extends SampleMessage {
  readonly readable: boolean;
}

const HEADER_NAMES = ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'content-type', 'traceparent', 'ce_causationid', 'baggage', 'x'];

const headersOf = (sound: Readonly<Record<string, string>>): fc.Arbitrary<Record<string, string>> =>
  fc.record({
    fresh: fc.uuid(),
    changes: fc.array(fc.record({ name: fc.constantFrom(...HEADER_NAMES), value: fc.oneof(fc.constant(undefined), fc.constantFrom('', '0', 'NoSuchEvent', 'x'.repeat(5000), '2.0', 'VisitStarted', 'text/xml'), mutatedText(['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'])) }), { maxLength: 2 }),
    isSound: fc.nat(3),
  }).map(({ fresh, changes, isSound }) => {
    const headers: Record<string, string> = { ...sound, ce_id: `fuzz-${fresh}` };
    for (const { name, value } of isSound > 0 ? [] : changes) {
      if (value === undefined) delete headers[name];
      else headers[name] = wellFormed(value).replaceAll('\0', '');
    }
    return headers;
  });

const messages = (samples: readonly SampleMessage[]): fc.Arbitrary<SampleMessage> =>
  fc.constantFrom(...samples).chain((sample) =>
    fc.record({
      topic: fc.constant(sample.topic),
      key: fc.oneof({ weight: 5, arbitrary: fc.constant(sample.key) }, { weight: 1, arbitrary: mutatedText([sample.key]) }).map((key) => wellFormed(key).replaceAll('\0', '')),
      headers: headersOf(sample.headers),
      value: fc.oneof({ weight: 4, arbitrary: mutatedJson([JSON.parse(sample.value)]) }, { weight: 1, arbitrary: fc.constantFrom('', 'null', '[]', '{', '"', 'NaN', '\u0001') }).map((value) => wellFormed(value).replaceAll('\0', '')),
    }));

/** Whether the contract can read a message; anything but a DomainError is a crash of the reader. */
const isReadable = (topic: Topic, message: SampleMessage): boolean => {
  try {
    (read as (topic: Topic, message: ReceivedMessage) => unknown)(topic, { ...message, partition: 0, offset: 0n });
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
};

/** Sends mutated messages to the topics they were seen on, in batches; each is readable or not. */
export const fuzzBus = async (bus: Bus, topics: ReadonlyMap<string, Topic>, samples: readonly SampleMessage[], options: { readonly count: number; readonly seed: number }): Promise<Tally & { sentMessages: SentMessage[] }> => {
  const tally = Object.assign(new Tally('bus messages'), { sentMessages: [] as SentMessage[] });
  let batch: SampleMessage[] = [];
  const flush = async (): Promise<void> => {
    for (const topic of new Set(batch.map((message) => message.topic))) {
      await bus.send(topic, batch.filter((message) => message.topic === topic).map(({ key, headers, value }) => ({ key, headers, value })));
    }
    batch = [];
  };
  for (const message of inputsOf(messages(samples), options.count, options.seed)) {
    tally.sent += 1;
    try {
      const readable = isReadable(topics.get(message.topic)!, message);
      tally.sentMessages.push({ ...message, readable });
      tally.count(readable ? 'readable' : 'unreadable');
    } catch (error) {
      tally.fault(`reading ${message.topic} ${digestOf(message.value)} threw ${(error as Error).name}`);
    }
    batch.push(message);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return tally;
};
