import {
  type ChainedEvent,
  chainHash,
  contentDigest,
  EventSigner,
  GENESIS,
  type MemoryEventStore,
  TWIN_KEYS,
} from '@caretab/event-store';
import { altered, type PlantedBug } from './planting';

/** Events between the one that is rewritten and the one with which that is done. */
const BEHIND = 60;

/** The stream of the log's first event, with another cause, and all hashes and signatures made again. */
const rewritten = ({ log }: MemoryEventStore): readonly ChainedEvent[] => {
  const { stream } = log.events[0]!;
  const signer = new EventSigner(TWIN_KEYS);
  let previous: Uint8Array = GENESIS;
  return log.events.map((event) => {
    if (event.stream !== stream) return event;
    const metadata = JSON.stringify({ ...JSON.parse(event.metadata), source: 'another' });
    const digest = contentDigest({ ...event, metadata });
    const hash = chainHash(previous, digest, event.revision, event.recordedAtMs);
    previous = hash;
    return { ...event, metadata, hash, signature: signer.sign(digest, event.revision) };
  });
};

const rewritesLog: PlantedBug = {
  name: 'rewrites-log',
  seed: 7,
  what: 'who owns the log and has its keys rewrites an event, with all hashes and signatures',
  breaks: ['chain'],
  events: (given) => {
    const events = given as MemoryEventStore;
    let isDone = false;
    return altered(given, {
      append: async (...append) => {
        const result = await given.append(...append);
        if (!isDone && events.log.events.length > BEHIND) {
          isDone = true;
          events.log.put(rewritten(events));
        }
        return result;
      },
    });
  },
};

/** Known wrongs of the log's own owner. */
export const plantedRewrites: readonly PlantedBug[] = [rewritesLog];
