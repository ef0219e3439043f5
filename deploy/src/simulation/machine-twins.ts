import type { AuditTrail, EventBatchHandler, EventStore, SubscribeOptions, Subscription } from '@caretab/event-store';
import type { BatchHandler, Bus, ConsumeOptions, Consumer, CrashableConsumer, MemoryBus, Message } from '@caretab/messaging';
import { ConcurrentMemoryStore, type MemoryDatabase } from '@caretab/postgres';
import type { Random } from '@caretab/testing';
import type { Faults } from './faults';
import { LineBroken, type Machine } from './machine';

/** A machine's connections to its database: statements take time, lines break, and death undoes what is open. */
export const storeOf = (machine: Machine, database: MemoryDatabase): ConcurrentMemoryStore => {
  const store = new ConcurrentMemoryStore(database, {
    at: (point, what) => {
      if (point === 'committed') return machine.risky('committed', 'answerLost');
      return machine.risky(point === 'operation' ? what : `${point} ${what}`);
    },
  });
  machine.onDeath(() => store.kill());
  return store;
};

const REJOINS_AFTER_MS = 300;

/** A machine's connection to the bus. */
export class MachineBus implements Bus {
  constructor(private readonly machine: Machine, private readonly bus: MemoryBus, private readonly parts: { readonly faults: Faults; readonly random: Random; readonly batchSizeMax: number; readonly sent: (topic: string, messages: readonly Message[]) => void }) {}

  declare(topics: Parameters<Bus['declare']>[0]): Promise<void> {
    return this.bus.declare(topics);
  }

  /** A send that breaks may have got some of its messages through. */
  async send(topic: string, messages: readonly Message[]): Promise<void> {
    await this.machine.risky(`sends ${messages.length} to ${topic}`);
    const isCutShort = messages.length > 1 && this.parts.faults.strikes('broken', `${this.machine.name} in the middle of sending to ${topic}`);
    const through = isCutShort ? messages.slice(0, this.parts.random.integer(1, messages.length - 1)) : messages;
    this.parts.sent(topic, through);
    await this.bus.send(topic, through);
    if (isCutShort) throw new LineBroken(topic);
    await this.machine.risky(`sends to ${topic}: answer`, 'answerLost');
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer> {
    const { machine, parts } = this;
    const working: BatchHandler = async (batch) => {
      const { group } = options;
      await machine.point(`${group} gets ${batch.messages.length} of ${batch.topic}/${batch.partition}`);
      if (member && parts.faults.strikes('sessionLost', `${machine.name} ${group}`)) {
        // The group goes on without this member, which works on unawares and joins again later.
        member.crash();
        member = undefined;
        void machine.sleep(REJOINS_AFTER_MS).then(join);
      }
      await handle(batch);
      await machine.risky(`${group} commits ${batch.topic}/${batch.partition}`);
    };
    let member: CrashableConsumer | undefined;
    const join = async (): Promise<void> => void (member = await this.bus.consume({ batchSizeMax: parts.batchSizeMax, ...options }, working));
    await join();
    machine.onDeath(() => member?.crash());
    return { stop: async () => member?.stop() };
  }

  lag(group: string, topics: readonly string[]): Promise<number> {
    return this.bus.lag(group, topics);
  }

  async close(): Promise<void> {}
}

/** A machine's connection to the event store. */
export const eventsOf = (machine: Machine, events: EventStore & AuditTrail): EventStore & AuditTrail => ({
  append: (stream, added, expected) => machine.call(`appends ${added.map(({ type }) => type).join('+')} to ${stream}`, () => events.append(stream, added, expected)),
  readStream: (stream, options) => machine.call(`reads ${stream}`, () => events.readStream(stream, options)),
  readAll: (options) => machine.call('reads all', () => events.readAll(options)),
  subscribe: (options: SubscribeOptions, handle: EventBatchHandler): Subscription => {
    const subscription = events.subscribe(options, async (batch) => {
      await machine.point(`follows to ${batch.at(-1)!.position}`);
      await handle(batch);
    });
    machine.onDeath(() => void subscription.stop());
    return subscription;
  },
  head: () => events.head(),
  verifyStream: (stream) => events.verifyStream(stream),
  verifyAll: (options) => events.verifyAll(options),
  close: async () => undefined,
});
