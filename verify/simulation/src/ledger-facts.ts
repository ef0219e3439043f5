import { EventKeyWrong, type ReadAllOptions, type RecordedEvent } from '@caretab/event-store';
import type { SimulatedPlatform } from './simulated-platform';

/** Copies into the stream that continues another, and notes of that, hold nothing new of a visit. */
const isFact = ({ stream, type, metadata }: RecordedEvent): boolean =>
  stream.startsWith('visit-') && type !== 'StreamRetired' && !metadata['copiedFrom'];

/**
 * Events that are ours, as an onlooker reads them: what is not is passed by. A log that holds
 * nothing but forged events shows none of ours, and so no right key either.
 */
export const eventsThatAreOurs = async (
  { events }: SimulatedPlatform,
  options: Pick<ReadAllOptions, 'after' | 'streamPrefix'> & { readonly countMax?: number },
): Promise<readonly RecordedEvent[]> => {
  const all = { countMax: Number.MAX_SAFE_INTEGER, onFaults: async () => undefined };
  try {
    return await events.readAll({ ...all, ...options });
  } catch (error) {
    if (error instanceof EventKeyWrong) return [];
    throw error;
  }
};

/** A page of the log as an onlooker reads it, and where it ends. */
export const factsAfter = async (
  world: SimulatedPlatform,
  after: bigint,
  countMax = Number.MAX_SAFE_INTEGER,
): Promise<{ readonly facts: readonly RecordedEvent[]; readonly end: bigint }> => {
  const page = await eventsThatAreOurs(world, { after, countMax });
  return { facts: page.filter(isFact), end: page.at(-1)?.position ?? after };
};
