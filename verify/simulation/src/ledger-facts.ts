import type { RecordedEvent } from '@caretab/event-store';
import type { SimulatedPlatform } from './simulated-platform';

/** Copies into the stream that continues another, and notes of that, hold nothing new of a visit. */
const isFact = ({ stream, type, metadata }: RecordedEvent): boolean =>
  stream.startsWith('visit-') && type !== 'StreamRetired' && !metadata['copiedFrom'];

/** A page of the log as an onlooker reads it, and where it ends: what is not ours is passed by. */
export const factsAfter = async (
  { events }: SimulatedPlatform,
  after: bigint,
  countMax = Number.MAX_SAFE_INTEGER,
): Promise<{ readonly facts: readonly RecordedEvent[]; readonly end: bigint }> => {
  const page = await events.readAll({ after, countMax, onFaults: async () => undefined });
  return { facts: page.filter(isFact), end: page.at(-1)?.position ?? after };
};
