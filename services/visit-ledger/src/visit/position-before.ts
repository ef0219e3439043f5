import type { EventStore } from '@caretab/event-store';
import { VISIT_STREAMS } from '../views/checkpoints';

/** A position before the first fact of a moment: facts are recorded in the order of time. */
export const positionBefore = async (
  events: Pick<EventStore, 'head' | 'readAll'>,
  moment: Date,
): Promise<bigint> => {
  let [low, high] = [0n, await events.head()];
  while (low < high) {
    const middle = (low + high) / 2n;
    const [first] = await events.readAll({
      ...{ after: middle, countMax: 1, onFaults: async () => undefined },
      ...VISIT_STREAMS,
    });
    if (first && first.recordedAt < moment) low = first.position;
    else high = middle;
  }
  return low;
};
