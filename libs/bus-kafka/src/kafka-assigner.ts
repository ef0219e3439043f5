import { AssignerProtocol, type Assignment, type PartitionAssigner } from 'kafkajs';

interface GroupMemberState {
  readonly id: string;
  readonly topics: readonly string[];
  /** What it worked until now, by its own word. */
  readonly owned: Assignment;
}

/** The partitions a member owns now, sent to the group's leader. */
export type Owned = () => Assignment;

/**
 * Sticky: everyone keeps what they had, up to a fair share; only what is left over or has lost its
 * owner moves. A partition goes only to members that subscribed to its topic (kafkajs' own assigner
 * does not look at that).
 */
export const assignSticky = (
  partitionsByTopic: ReadonlyMap<string, number>,
  members: readonly GroupMemberState[],
): ReadonlyMap<string, Assignment> => {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const shares = new Map(sorted.map(({ id }) => [id, new Map<string, number[]>()]));
  const sizes = new Map(sorted.map(({ id }) => [id, 0]));
  const give = (id: string, topic: string, partition: number): void => {
    const share = shares.get(id)!;
    share.set(topic, [...(share.get(topic) ?? []), partition]);
    sizes.set(id, sizes.get(id)! + 1);
  };
  for (const topic of [...partitionsByTopic.keys()].sort()) {
    const candidates = sorted.filter(({ topics }) => topics.includes(topic));
    if (candidates.length === 0) continue;
    const count = partitionsByTopic.get(topic)!;
    const free = new Set(Array.from({ length: count }, (_, partition) => partition));
    // The larger shares go to those with little of other topics, so that the totals are even too.
    const bySize = [...candidates].sort(
      (a, b) =>
        sizes.get(a.id)! - sizes.get(b.id)! ||
        (b.owned[topic]?.length ?? 0) - (a.owned[topic]?.length ?? 0),
    );
    const quotas = new Map(
      bySize.map(({ id }, at) => [
        id,
        Math.floor(count / candidates.length) + (at < count % candidates.length ? 1 : 0),
      ]),
    );
    for (const { id, owned } of bySize) {
      for (const partition of (owned[topic] ?? [])
        .filter((one) => free.has(one))
        .slice(0, quotas.get(id))) {
        free.delete(partition);
        give(id, topic, partition);
      }
    }
    for (const partition of free) {
      const next = bySize.find(
        ({ id }) => (shares.get(id)!.get(topic)?.length ?? 0) < quotas.get(id)!,
      )!;
      give(next.id, topic, partition);
    }
  }
  return new Map([...shares].map(([id, share]) => [id, Object.fromEntries(share)]));
};

const NAME = 'caretab-sticky';
const VERSION = 1;

/**
 * The assigner for kafkajs. `beforeJoin` runs before every (re-)join and is waited for: kafkajs
 * itself would re-join while handlers are at work. The cluster that kafkajs hands to assigners
 * finds the group's coordinator as the first step of each join, and there it is held.
 */
export const stickyAssigner =
  (owned: Owned, beforeJoin: () => Promise<void>): PartitionAssigner =>
  ({ cluster }) => {
    const findCoordinator = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      await beforeJoin();
      return findCoordinator(group);
    };
    return {
      name: NAME,
      version: VERSION,
      protocol: ({ topics }) => ({
        name: NAME,
        metadata: AssignerProtocol.MemberMetadata.encode({
          version: VERSION,
          topics,
          userData: Buffer.from(JSON.stringify(owned())),
        }),
      }),
      assign: async ({ members, topics }) => {
        const partitions = new Map(
          topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]),
        );
        const states = members.map(({ memberId, memberMetadata }): GroupMemberState => {
          const { topics: subscribed, userData } =
            AssignerProtocol.MemberMetadata.decode(memberMetadata)!;
          return {
            id: memberId,
            topics: subscribed,
            owned: userData.length > 0 ? (JSON.parse(userData.toString()) as Assignment) : {},
          };
        });
        return [...assignSticky(partitions, states)].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment,
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
  };
