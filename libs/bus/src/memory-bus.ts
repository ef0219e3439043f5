import { assert, systemTimers, type Timers } from '@caretab/kernel';
import { assign, nameOf } from './assignment';
import type {
  BatchHandler,
  Bus,
  Committed,
  ConsumeOptions,
  CrashableConsumer,
  Message,
  Offset,
  ReceivedMessage,
  TopicDeclaration,
} from './bus';
import { partitionOf } from './partitioner';

interface Group {
  readonly committed: Map<string, bigint>;
  readonly members: Set<MemoryConsumer>;
  /** Partitions whose batch is being worked, and by whom. */
  readonly busy: Map<string, MemoryConsumer>;
  owners: Map<string, string>;
}

const BATCH_SIZE_MAX = 200;
const REDELIVER_AFTER_MS = 10;

/**
 * The bus's twin in memory: same partitions, groups and offsets, and it remembers every message for
 * tests. Delivery is asynchronous. A crashed member is replaced at once; there is no session to
 * wait for.
 */
export class MemoryBus implements Bus {
  private readonly logs = new Map<string, ReceivedMessage[][]>();
  private readonly groups = new Map<string, Group>();
  private memberCount = 0;
  /** Takes back each offset that was committed since the last send. */
  private undoes: (() => void)[] = [];

  /** `later` runs what is to happen soon; a simulation says when. */
  constructor(
    readonly timers: Timers = systemTimers,
    readonly later: (run: () => void, what: string) => void = (run) => void setImmediate(run),
  ) {}

  async declare(topics: readonly TopicDeclaration[]): Promise<void> {
    for (const { name, partitions } of topics) {
      if (!this.logs.has(name))
        this.logs.set(
          name,
          Array.from({ length: partitions }, () => []),
        );
    }
    for (const group of this.groups.values()) this.rebalance(group);
  }

  async send(topic: string, messages: readonly Message[]): Promise<void> {
    const partitions = this.partitionsOf(topic);
    // Offsets are committed asynchronously; a durable commit brings them to the disk with it.
    this.undoes = [];
    for (const message of messages) {
      const partition = partitionOf(message.key, partitions.length);
      const log = partitions[partition]!;
      log.push({
        key: message.key,
        value: message.value,
        headers: { ...message.headers },
        topic,
        partition,
        offset: BigInt(log.length),
      });
    }
    for (const group of this.groups.values())
      for (const member of group.members) if (member.topics.includes(topic)) member.wake();
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<CrashableConsumer> {
    for (const topic of options.topics) this.partitionsOf(topic);
    const group = this.groupOf(options.group);
    const member = new MemoryConsumer(
      `member-${String((this.memberCount += 1)).padStart(6, '0')}`,
      options,
      handle,
      this,
      group,
    );
    group.members.add(member);
    this.rebalance(group);
    return member;
  }

  async lag(group: string, topics: readonly string[]): Promise<number> {
    let lag = 0n;
    for (const topic of topics) {
      this.logs.get(topic)?.forEach((log, partition) => {
        lag +=
          BigInt(log.length) -
          (this.groups.get(group)?.committed.get(nameOf({ topic, partition })) ?? 0n);
      });
    }
    return Number(lag);
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly Committed[]> {
    const offsets = this.groups.get(group)?.committed;
    return topics.flatMap((topic) =>
      (this.logs.get(topic) ?? []).map((log, partition) => {
        const offset = offsets?.get(nameOf({ topic, partition })) ?? 0n;
        return { topic, partition, offset, first: 0n, end: BigInt(log.length) };
      }),
    );
  }

  async read(
    { topic }: { readonly topic: string },
    handle: (messages: readonly ReceivedMessage[]) => Promise<void>,
  ): Promise<void> {
    for (const log of this.partitionsOf(topic)) {
      const kept = [...log];
      for (let from = 0; from < kept.length; from += BATCH_SIZE_MAX)
        await handle(kept.slice(from, from + BATCH_SIZE_MAX));
    }
  }

  async rewind(name: string, to: readonly Offset[]): Promise<void> {
    const group = this.groupOf(name);
    this.undoes = [];
    for (const { offset, ...place } of to) group.committed.set(nameOf(place), offset);
    this.wake(group);
  }

  /**
   * The bus crashes: of the offsets since the last send only the first ones had reached the disk, a
   * share of them from 0 to 1. Messages are never lost. Returns how many commits were.
   */
  crash(share = 0): number {
    const lost = this.undoes.splice(Math.round(this.undoes.length * share));
    for (const undo of lost.reverse()) undo();
    this.undoes = [];
    for (const group of this.groups.values()) this.wake(group);
    return lost.length;
  }

  /** Used by members. */
  commit({ committed }: Group, name: string, offset: bigint): void {
    const before = committed.get(name) ?? 0n;
    this.undoes.push(() => committed.set(name, before));
    committed.set(name, offset);
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.groups.values()].flatMap((group) =>
        [...group.members].map((member) => member.stop()),
      ),
    );
  }

  /** Every message ever sent to a topic, by partition and offset. */
  messages(topic: string): readonly ReceivedMessage[] {
    return (this.logs.get(topic) ?? []).flat();
  }

  /** Used by members: what a partition holds from its group's committed offset on. */
  pending(group: Group, partitionName: string, countMax: number): readonly ReceivedMessage[] {
    const slash = partitionName.lastIndexOf('/');
    const log =
      this.logs.get(partitionName.slice(0, slash))?.[Number(partitionName.slice(slash + 1))] ?? [];
    const from = Number(group.committed.get(partitionName) ?? 0n);
    return log.slice(from, from + countMax);
  }

  /** Used by members: shares the partitions among the members that are there. */
  rebalance(group: Group): void {
    const partitions = new Map([...this.logs].map(([topic, log]) => [topic, log.length]));
    group.owners = assign(partitions, [...group.members]);
    this.wake(group);
  }

  private wake(group: Group): void {
    for (const member of group.members) member.wake();
  }

  private partitionsOf(topic: string): ReceivedMessage[][] {
    const partitions = this.logs.get(topic);
    assert(partitions, `topic ${topic} is declared before it is used`);
    return partitions;
  }

  private groupOf(name: string): Group {
    let group = this.groups.get(name);
    if (!group)
      this.groups.set(
        name,
        (group = { committed: new Map(), members: new Set(), busy: new Map(), owners: new Map() }),
      );
    return group;
  }
}

class MemoryConsumer implements CrashableConsumer {
  readonly topics: readonly string[];
  private readonly working = new Map<
    string,
    { readonly abort: AbortController; readonly done: Promise<void> }
  >();
  private state: 'running' | 'stopping' | 'crashed' = 'running';
  private woken = false;

  constructor(
    readonly id: string,
    private readonly options: ConsumeOptions,
    private readonly handle: BatchHandler,
    private readonly bus: MemoryBus,
    private readonly group: Group,
  ) {
    this.topics = options.topics;
  }

  /** Looks for work soon; many wakes become one look. */
  wake(): void {
    if (this.woken || this.state !== 'running') return;
    this.woken = true;
    this.bus.later(() => {
      this.woken = false;
      this.look();
    }, `${this.options.group} looks`);
  }

  async stop(): Promise<void> {
    if (this.state === 'running') this.state = 'stopping';
    const working = [...this.working.values()];
    for (const { abort } of working) abort.abort();
    await Promise.all(working.map(({ done }) => done));
    this.leave();
  }

  crash(): void {
    this.state = 'crashed';
    for (const { abort } of this.working.values()) abort.abort();
    for (const [name, member] of this.group.busy) if (member === this) this.group.busy.delete(name);
    this.leave();
  }

  private leave(): void {
    if (this.group.members.delete(this)) this.bus.rebalance(this.group);
  }

  private look(): void {
    for (const [name, { abort }] of this.working)
      if (this.group.owners.get(name) !== this.id) abort.abort();
    if (this.state !== 'running') return;
    for (const [name, owner] of this.group.owners) {
      if (owner !== this.id || this.group.busy.has(name)) continue;
      const messages = this.bus.pending(
        this.group,
        name,
        this.options.batchSizeMax ?? BATCH_SIZE_MAX,
      );
      if (messages.length > 0) this.work(name, messages);
    }
  }

  private work(name: string, messages: readonly ReceivedMessage[]): void {
    const abort = new AbortController();
    this.group.busy.set(name, this);
    const { topic, partition } = messages[0]!;
    const done = this.deliver({ topic, partition, messages, signal: abort.signal }, name).finally(
      () => {
        this.working.delete(name);
        if (this.group.busy.get(name) !== this) return;
        this.group.busy.delete(name);
        for (const member of this.group.members) member.wake();
      },
    );
    this.working.set(name, { abort, done });
  }

  /**
   * The port says that a throwing handler gets the same batch again: its error is the handler's own
   * to report.
   */
  private async deliver(batch: Parameters<BatchHandler>[0], name: string): Promise<void> {
    const { committed } = this.group;
    const before = committed.get(name);
    try {
      await this.handle(batch);
      // Nor where the group was rewound meanwhile.
      if (this.group.busy.get(name) === this && committed.get(name) === before)
        this.bus.commit(this.group, name, batch.messages.at(-1)!.offset + 1n);
    } catch {
      await this.bus.timers.sleep(REDELIVER_AFTER_MS, batch.signal);
    }
  }
}
