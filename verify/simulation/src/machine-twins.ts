import {
  type AuditTrail,
  type EventBatchHandler,
  type EventStore,
  EventStoreUnavailable,
  type SubscribeOptions,
  type Subscription,
} from '@caretab/event-store';
import type {
  BatchHandler,
  Bus,
  ConsumeOptions,
  Consumer,
  CrashableConsumer,
  MemoryBus,
  Message,
} from '@caretab/bus';
import { MemoryStore, type MemoryDatabase, QueryFailed } from '@caretab/store';
import type { Random } from '@caretab/doubles';
import type { DatabaseCrashes } from './database-crashes';
import type { Faults } from './faults';
import { ConnectionBroken, type Machine } from './machine';
import type { Outages } from './outages';
import type { Scheduler } from './scheduler';

interface Surroundings {
  readonly faults: Faults;
  readonly outages: Outages;
  readonly databaseCrashes: DatabaseCrashes;
}

const SERIALIZATION_FAILURE = '40001';
const DISK_FULL = '53100';
const UNDEFINED_TABLE = '42P01';
/**
 * What messaging keeps for every service is there, even where a service's own tables are not yet.
 */
const OF_MESSAGING = /^mark | parked$/;

/**
 * A machine's connections to its database: statements take time, lines break, the server refuses,
 * and death undoes what is open.
 */
export const storeOf = (
  machine: Machine,
  database: MemoryDatabase,
  service: string,
  { faults, outages, databaseCrashes }: Surroundings,
): MemoryStore => {
  const [server, disk, tables] = [`database ${service}`, `disk ${service}`, `tables ${service}`];
  const refuse = (code: string): never => {
    throw new QueryFailed(code, `PostgreSQL ${code}`);
  };
  const store = new MemoryStore({
    database,
    at: async (point, what) => {
      // Nothing is at stake where nothing was written: what could go wrong there goes wrong at the
      // last statement, or at whatever comes next.
      if (what === 'reading') return;
      if (point === 'committed' && what === 'asynchronous') databaseCrashes.committed();
      if (point === 'committed') await machine.risky('committed', 'answerLost');
      else await machine.risky(point === 'operation' ? what : `${point} ${what}`);
      if (outages.has(server)) throw new ConnectionBroken(server);
      if (point === 'committed') {
        if (what === 'asynchronous' && faults.strikes('databaseCrashed', machine.name, service))
          databaseCrashes.crash(service);
        return;
      }
      if (faults.strikes('severed', machine.name, what)) store.sever();
      if (point === 'outbox') return;
      if (faults.strikes('lostRace', machine.name, what)) refuse(SERIALIZATION_FAILURE);
      if (point === 'operation' && outages.has(tables) && !OF_MESSAGING.test(what))
        refuse(UNDEFINED_TABLE);
      if (point === 'commit' && outages.has(disk)) refuse(DISK_FULL);
    },
  });
  machine.onDeath(() => store.kill());
  databaseCrashes.connect(service, store, machine);
  return store;
};

const REJOINS_AFTER_MS = 300;
/** A member without a heartbeat for so long leaves its group. */
const SESSION_MS = 10_000;
/** A message that comes again does so within this. */
const AGAIN_TIMEOUT_MS = 8_000;

export interface BusParts extends Omit<Surroundings, 'databaseCrashes'> {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly batchSizeMax: number;
  readonly sent: (topic: string, messages: readonly Message[]) => void;
}

/** A machine's connection to the bus. */
export class MachineBus implements Bus {
  constructor(
    private readonly machine: Machine,
    private readonly bus: MemoryBus,
    private readonly parts: BusParts,
  ) {}

  declare(topics: Parameters<Bus['declare']>[0]): Promise<void> {
    return this.bus.declare(topics);
  }

  /**
   * A send that breaks may have got some of its messages through; one that went well may come once
   * more, behind what was sent since.
   */
  async send(topic: string, messages: readonly Message[]): Promise<void> {
    const { machine, parts } = this;
    await machine.risky(`sends ${messages.length} to ${topic}`);
    if (parts.outages.has('bus')) throw new ConnectionBroken('bus');
    const isCutShort =
      messages.length > 1 &&
      parts.faults.strikes('broken', machine.name, `in the middle of sending to ${topic}`);
    const through = isCutShort
      ? messages.slice(0, parts.random.integer(1, messages.length - 1))
      : messages;
    parts.sent(topic, through);
    await this.bus.send(topic, through);
    if (parts.faults.strikes('duplicated', machine.name, `sent to ${topic}`))
      parts.scheduler.after(
        parts.random.integer(1, AGAIN_TIMEOUT_MS),
        `${through.length} of ${topic} come again`,
        () => void this.bus.send(topic, through),
      );
    if (isCutShort) throw new ConnectionBroken(topic);
    await machine.risky(`sends to ${topic}: answer`, 'answerLost');
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer> {
    const { machine, parts } = this;
    const { group } = options;
    let member: CrashableConsumer | undefined;
    const join = async (): Promise<void> =>
      void (member = await this.bus.consume(
        { batchSizeMax: parts.batchSizeMax, ...options },
        working,
      ));
    /** The group goes on without this member, which works on unawares and joins again later. */
    const leave = (): void => {
      if (!member) return;
      member.crash();
      member = undefined;
      void machine.sleep(REJOINS_AFTER_MS).then(join);
    };
    const working: BatchHandler = async (batch) => {
      await machine.point(
        `${group} gets ${batch.messages.length} of ${batch.topic}/${batch.partition}`,
      );
      await this.whileThere();
      if (parts.faults.strikes('sessionLost', machine.name, group)) leave();
      await handle(batch);
      await machine.risky(`${group} commits ${batch.topic}/${batch.partition}`);
      await this.whileThere();
    };
    await join();
    machine.onPause((durationMs) => void (durationMs > SESSION_MS && leave()));
    machine.onDeath(() => member?.crash());
    return { stop: async () => member?.stop() };
  }

  lag(group: string, topics: readonly string[]): Promise<number> {
    return this.bus.lag(group, topics);
  }

  committed(group: string, topics: readonly string[]): ReturnType<Bus['committed']> {
    return this.bus.committed(group, topics);
  }

  async close(): Promise<void> {}

  /**
   * While the bus is down nothing arrives and nothing is committed; a running batch is delivered
   * again.
   */
  private async whileThere(): Promise<void> {
    if (!this.parts.outages.has('bus')) return;
    await this.parts.outages.over('bus', this.machine);
    throw new ConnectionBroken('bus');
  }
}

/** A machine's connection to the event store. */
export const eventsOf = (
  machine: Machine,
  events: EventStore & AuditTrail,
  outages: Outages,
): EventStore & AuditTrail => {
  const call = <Result>(what: string, effect: () => Promise<Result>): Promise<Result> =>
    machine.call(what, () => {
      if (outages.has('events')) throw new EventStoreUnavailable(what);
      return effect();
    });
  return {
    append: (stream, added, expected) =>
      call(`appends ${added.map(({ type }) => type).join('+')} to ${stream}`, () =>
        events.append(stream, added, expected),
      ),
    readStream: (stream, options) =>
      call(`reads ${stream}`, () => events.readStream(stream, options)),
    readAll: (options) => call('reads all', () => events.readAll(options)),
    subscribe: (options: SubscribeOptions, handle: EventBatchHandler): Subscription => {
      const subscription = events.subscribe(options, async (batch) => {
        await machine.point(`follows to ${batch.at(-1)!.position}`);
        await outages.over('events', machine);
        await handle(batch);
      });
      machine.onDeath(() => void subscription.stop());
      return subscription;
    },
    head: () => events.head(),
    forget: () => events.forget(),
    positions: events.positions,
    verifyStream: (stream, each) => events.verifyStream(stream, each),
    entries: (from) => events.entries(from),
    verifyAll: (options) => events.verifyAll(options),
    close: async () => undefined,
  };
};
