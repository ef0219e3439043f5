export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Member {
  readonly id: string;
  readonly topics: readonly string[];
}

/** How a partition is named in maps and logs: `topic/3`. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * Which member works which partition: round robin over the members in the order of their ids, so
 * that every member computes the same answer from the same list. A partition goes only to members
 * that subscribed to its topic. Returns member id by partition name.
 */
export const assign = (
  partitionsByTopic: ReadonlyMap<string, number>,
  members: readonly Member[],
): Map<string, string> => {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const owners = new Map<string, string>();
  let turn = 0;
  for (const topic of [...partitionsByTopic.keys()].sort()) {
    const candidates = sorted.filter((member) => member.topics.includes(topic));
    if (candidates.length === 0) continue;
    for (let partition = 0; partition < partitionsByTopic.get(topic)!; partition += 1) {
      owners.set(nameOf({ topic, partition }), candidates[turn % candidates.length]!.id);
      turn += 1;
    }
  }
  return owners;
};
