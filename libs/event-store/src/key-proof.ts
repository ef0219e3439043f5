import type { EventStore } from './event-store';
import { EventKeyUnknown, EventKeyWrong } from './signature';

const SAMPLE_EVENTS = 20;
/** How far before the end of the log is looked, in positions: revisions of one store, bytes of another. */
const BEFORE_END = [1n, 32n, 1_024n, 32_768n];
const PARTS = 4n;

/**
 * Looks at events at the end of the log, and here and there before it. Throws EventKeyWrong where a
 * key verifies none of those that name it. A key that is not there is no fault yet: its events wait.
 */
export const proveKeys = async (events: Pick<EventStore, 'head' | 'readAll'>): Promise<void> => {
  const head = await events.head();
  if (head === 0n) return;
  const places = BEFORE_END.map((distance) => (head > distance ? head - distance : 0n));
  for (let part = 0n; part < PARTS; part += 1n) places.push((head * part) / PARTS);
  const inDoubt: bigint[] = [];
  for (const place of new Set(places)) if (await doubtAt(events, place)) inDoubt.push(place);
  // Meanwhile another place may have shown that the key is right.
  for (const place of inDoubt) {
    const doubt = await doubtAt(events, place);
    if (doubt) throw doubt;
  }
};

const doubtAt = async (
  events: Pick<EventStore, 'readAll'>,
  after: bigint,
): Promise<EventKeyWrong | undefined> => {
  try {
    await events.readAll({ after, countMax: SAMPLE_EVENTS, onFaults: async () => undefined });
  } catch (error) {
    if (error instanceof EventKeyWrong) return error;
    if (!(error instanceof EventKeyUnknown)) throw error;
  }
  return undefined;
};
