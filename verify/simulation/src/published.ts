import type { SimulatedPlatform } from './simulated-platform';

/** One event as it first came onto the bus. */
export interface Published {
  /** Its place among all messages. */
  readonly at: number;
  readonly eventId: string;
  readonly topic: string;
  readonly type: string;
  /** By the clock of who said it. */
  readonly ms: number;
  readonly data: Readonly<Record<string, any>>;
}

type Topics = readonly { readonly name: string }[];

/** Every event of these topics once, in the order in which they came. */
export const publishedIn = (world: SimulatedPlatform, ...topics: Topics): Published[] =>
  publishedAnew(world, Infinity, ...topics);

/** As publishedIn; what is said from `anewAt` on counts once more: its author was restored there. */
export const publishedAnew = (
  { sent }: SimulatedPlatform,
  anewAt: number,
  ...topics: Topics
): Published[] => {
  const names = new Set(topics.map(({ name }) => name));
  const seen = new Set<string>();
  return sent.flatMap(({ topic, message: { headers, value } }, at) => {
    if (at === anewAt) seen.clear();
    const { ce_id: eventId = '', ce_type: type = '', ce_time: time = '' } = headers;
    if (!names.has(topic) || seen.has(eventId)) return [];
    seen.add(eventId);
    const data = JSON.parse(value) as Published['data'];
    return [{ at, eventId, topic, type, ms: Date.parse(time), data }];
  });
};
