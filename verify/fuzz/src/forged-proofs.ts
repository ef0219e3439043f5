import {
  authorOf,
  type Bus,
  proofForgeries,
  type ReceivedMessage,
  signedAll,
  type SigningKey,
} from '@caretab/bus';
import type { Topic } from '@caretab/contracts';
import type { Api } from '@caretab/hospital';
import type { SampleMessage } from './bus';
import { GROUPS, parkedOf, placesOf } from './consumed';
import type { Tally } from './tally';

const BATCH_MAX = 7;
const CODES = ['AUTHOR_FORBIDDEN', 'SIGNATURE_INVALID'];

interface Forging {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly keyOf: (author: string) => SigningKey;
}

const received = (message: SampleMessage): ReceivedMessage => ({
  ...message,
  ...{ partition: 0, offset: 0n },
});

/** For each forgery of a proof a batch of its own: some of its sound messages, then the forged one. */
const forgeriesOf = (
  samples: readonly SampleMessage[],
  keyOf: Forging['keyOf'],
): { readonly what: string; readonly sound: SampleMessage[]; readonly forged: SampleMessage }[] => {
  const [{ topic }] = samples as [SampleMessage];
  const by = keyOf(authorOf(topic));
  const another = keyOf(by.author === 'identity' ? 'credit' : 'identity');
  const batchOf = (place: number): SampleMessage[] =>
    Array.from({ length: 2 + (place % (BATCH_MAX - 1)) }, (_, index) => {
      const { headers, ...sample } = samples[(place + index) % samples.length]!;
      const id = `fuzz-proof-${topic}-${place}-${index}`;
      return { ...sample, headers: { ...headers, ce_id: id } };
    });
  const names = [...proofForgeries(topic, { batch: batchOf(0), by, another }, 0).keys()];
  return names.map((what, place) => {
    const batch = batchOf(place);
    const at = place % batch.length;
    const forged = proofForgeries(topic, { batch, by, another }, at).get(what)!;
    // Before every other one its batch is verified.
    const sound = place % 2 === 0 ? signedAll(topic, batch, by).filter((_, one) => one !== at) : [];
    return {
      what,
      sound: sound.slice(0, 1).map((one) => ({ ...one, topic })),
      forged: { ...forged, topic },
    };
  });
};

/**
 * Sends forged proofs to each topic that a service reads; gives the judge for when the platform is
 * quiet: every group that handles such an event has parked it for what it is.
 */
export const forgedProofs = async (
  { bus, api, tally }: { readonly bus: Bus; readonly api: Api; readonly tally: Tally },
  samples: readonly SampleMessage[],
  { topics, keyOf }: Forging,
): Promise<() => Promise<void>> => {
  const expected: { readonly what: string; readonly group: string; readonly id: string }[] = [];
  for (const [topic, groups] of Object.entries(GROUPS)) {
    const contract = topics.get(topic)!;
    const own = samples.filter(
      (one) => one.topic === topic && placesOf(contract, received(one)).length === groups.length,
    );
    if (own.length === 0) continue;
    for (const { what, sound, forged } of forgeriesOf(own.slice(0, BATCH_MAX), keyOf)) {
      await bus.send(topic, [...sound, forged]);
      for (const { group, forgedId: id } of placesOf(contract, received(forged)))
        expected.push({ group, id, what: `${what} on ${topic}` });
    }
  }
  tally.check(expected.length > 0, 'no message was there whose proof could be forged');
  return async () => {
    const services = new Set(expected.map(({ group }) => group.split('.')[0]!));
    const codes = new Map<string, string>();
    for (const service of services)
      for (const { id, code } of await parkedOf(api, service)) codes.set(id, code);
    for (const { what, group, id } of expected)
      tally.check(
        CODES.includes(codes.get(id) ?? ''),
        `${what} is not parked as such by ${group}: ${codes.get(id) ?? 'not at all'}`,
      );
  };
};
