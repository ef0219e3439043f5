import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import type { MemoryEventStore } from '@caretab/event-store';
import { derivedId } from '@caretab/kernel';
import { MemoryBus, type Message, signingBus, twinKeyOf } from '@caretab/bus';
import type { MemoryDatabase } from '@caretab/store';
import type { ServiceDefinition } from '@caretab/host';
import { type Random, seededRandom } from '@caretab/doubles';
import type { Reply, Request } from './controller-door';
import { DatabaseCrashes } from './database-crashes';
import { CALM, Faults, type Weather } from './faults';
import { History } from './history';
import { type Instance, startInstance } from './instance';
import { LedgerTwins } from './ledger-twins';
import { lenderOf } from './lending-twins';
import { Machine } from './machine';
import { eventsOf, MachineBus, storeOf } from './machine-twins';
import { type Delivered, Network, type Running } from './network';
import { Outages } from './outages';
import { AcquirerTwin, calendarOf } from './outside-twins';
import { dayOf } from './plan';
import type { Planted } from './planted';
import { Scheduler } from './scheduler';
import { databaseOf, environmentOf, portsOf, services } from './services';
import type { Violation } from './violation';

/** Before the first visit of the day. */
const startOf = (seed: number): string => `${dayOf(seed)}T00:30:00Z`;
const PARTITIONS = 3;
/** What comes within this shares a transaction; a turn of a process's own lasts no time here. */
const GATHERED_MS_MAX = 120;

export type { Planted } from './planted';

export interface SimulatedPlatformOptions {
  readonly seed: number;
  readonly isAllowed: (fault: number) => boolean;
  readonly keepsHistory: boolean;
  readonly planted?: Planted | undefined;
  /** Processes of a service side by side; one where nothing is said. */
  readonly replicas: Readonly<Record<string, number>>;
  readonly skewMsMax: number;
  readonly batchSizeMax: number;
}

/** One process that is up, coming up or dead. */
interface Slot {
  readonly service: ServiceDefinition<any>;
  readonly name: string;
  readonly skewMs: number;
  lives: number;
  machine: Machine | undefined;
  instance: Instance | undefined;
}

/** Seven services, their stores, the bus and the outside, in memory and in one scheduler's hands. */
export class SimulatedPlatform {
  readonly history: History;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly databases = new Map<string, MemoryDatabase>();
  readonly bus: MemoryBus;
  readonly ledger: LedgerTwins;
  readonly acquirer: AcquirerTwin;
  readonly lender: ReturnType<typeof lenderOf>;
  readonly network: Network;
  readonly outages: Outages;
  readonly databaseCrashes: DatabaseCrashes;
  /** A violation that a party observed. */
  found: Violation | undefined;
  isStorming = false;
  /** Every message that reached the bus. */
  readonly sent: { readonly topic: string; readonly message: Message }[] = [];
  readonly delivered: Delivered[] = [];
  receiverAway: string | undefined;
  private leaptMs = 0;
  /** Moments of days that there were. */
  private readonly begun: number[];
  /** How often a process died. */
  crashes = 0;
  readonly chance: Random;
  private readonly slots: Slot[];
  private readonly env: Readonly<Record<string, string>>;
  private readonly clocksOffMs = new Map<string | undefined, number>();
  private ids = 0;

  constructor(private readonly options: SimulatedPlatformOptions) {
    const { seed } = options;
    this.history = new History(options.keepsHistory, () => this.scheduler.stamp());
    this.scheduler = new Scheduler(startOf(seed), this.history);
    this.begun = [this.scheduler.nowMs];
    this.faults = new Faults(seed ^ 0x5eed, options.isAllowed, (line) => this.history.tell(line));
    this.chance = seededRandom(seed ^ 0xc4a9ce);
    this.bus = new MemoryBus(
      this.scheduler,
      (run, what) => void this.scheduler.after(0.1 + this.chance.next() * 20, what, run),
    );
    this.outages = new Outages(() => this.scheduler.nowMs);
    this.databaseCrashes = new DatabaseCrashes(this, seededRandom(seed ^ 0xd15c));
    this.ledger = new LedgerTwins({
      clock: { now: () => new Date(this.scheduler.now().getTime() + this.clockOffMs(undefined)) },
      ...{ seed, timers: this.scheduler },
    });
    this.acquirer = new AcquirerTwin(() => this.scheduler.now(), calendarOf(seed));
    this.lender = lenderOf(seed, this);
    this.network = new Network(this);
    this.env = { ...environmentOf(seed), ...options.planted?.env };
    const skew = (): number => this.chance.integer(-options.skewMsMax, options.skewMsMax);
    this.slots = services.flatMap((service) =>
      Array.from({ length: options.replicas[service.name] ?? 1 }, (_, replica) => ({
        service,
        name: replica === 0 ? service.name : `${service.name}#${replica + 1}`,
        skewMs: skew(),
        lives: 0,
        machine: undefined,
        instance: undefined,
      })),
    );
    for (const service of services)
      this.databases.set(service.name, databaseOf(service, this.scheduler, seed));
  }

  /** Declares the topics and starts every process. */
  async start(): Promise<void> {
    await this.bus.declare(
      topicsFor(payerIds).map(({ name, partitions, retentionMs }) => ({
        ...{ name, partitions: Math.min(partitions, PARTITIONS), retentionMs },
      })),
    );
    for (const slot of this.slots) this.boot(slot);
  }

  /** The log as its owner sees it. */
  get events(): MemoryEventStore {
    return this.ledger.owners;
  }

  get startedMs(): number {
    return this.begun[0]!;
  }

  get isUp(): boolean {
    return this.slots.every(({ instance }) => instance !== undefined);
  }

  get instances(): readonly { readonly service: string; readonly instance: Instance }[] {
    return this.slots.flatMap(({ service, instance }) =>
      instance ? [{ service: service.name, instance }] : [],
    );
  }

  /** A process of a service that answers now, and the machine it runs on. */
  running(service: string): Running | undefined {
    const up = this.slots.filter((slot) => slot.service.name === service && slot.instance);
    if (up.length === 0) return undefined;
    const { instance, machine } = this.chance.pick(up);
    return { instance: instance!, machine: machine! };
  }

  /** A machine that cannot die: a hospital's, a citizen's, an operator's. */
  client(name: string): Machine {
    const faults = {
      strikes: (kind: keyof Weather, machine: string, what: string): boolean =>
        kind !== 'crash' && kind !== 'paused' && this.faults.strikes(kind, machine, what),
    };
    return new Machine(name, { scheduler: this.scheduler, faults, random: this.chance });
  }

  /** The business days that there have been, the leap at the end included. */
  days(): readonly string[] {
    const dayOf = (atMs: number): string =>
      new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 10);
    return [...new Set([...this.begun, this.scheduler.nowMs].map(dayOf))];
  }

  /** Time that went by without leaping. */
  get livedMs(): number {
    return this.scheduler.nowMs - this.leaptMs;
  }

  leap(durationMs: number): void {
    this.begun.push(this.scheduler.nowMs);
    this.leaptMs += durationMs;
    this.scheduler.leap(durationMs);
  }

  /** To two in the morning (Asia/Shanghai): the day before is over by every process's clock. */
  leapPastMidnight(): void {
    const intoDayMs = (this.scheduler.nowMs + 8 * 3_600_000) % 86_400_000;
    this.leap(26 * 3_600_000 - intoDayMs);
  }

  /** From here on things go wrong. */
  storm(weather: Weather): void {
    this.isStorming = true;
    this.faults.set(weather);
  }

  /** Nothing goes wrong any more; what was away is back, and clocks are right. */
  calm(): void {
    this.isStorming = false;
    this.faults.set(CALM);
    this.ledger.putBack();
    this.outages.endAll();
    this.clocksOffMs.clear();
  }

  /** Sets the clocks of a service's processes, or of all and the event store, so far off. */
  setClocks(offMs: number, service: string | undefined): void {
    if (this.isStorming) this.clocksOffMs.set(service, offMs);
  }

  tell(line: string): void {
    this.history.tell(line);
  }

  /** Every process of a service dies, and starts again on a copy of its database. */
  restore(service: string, copy: MemoryDatabase): void {
    this.tell(`${this.scheduler.stamp()} the database of ${service} is restored from a copy`);
    this.killAll(service);
    this.databases.set(service, copy);
  }

  /** Every process of a service dies, or of all. */
  killAll(service?: string): void {
    const dying = this.slots.filter((slot) => !service || slot.service.name === service);
    for (const { machine } of dying) machine?.die();
  }

  note(topic: string, messages: readonly Message[]): void {
    for (const message of messages) this.sent.push({ topic, message });
  }

  private clockOffMs(service: string | undefined): number {
    const forAll = this.clocksOffMs.get(undefined) ?? 0;
    return service === undefined ? forAll : Math.min(forAll, this.clocksOffMs.get(service) ?? 0);
  }

  private boot(slot: Slot): void {
    const { service, name } = slot;
    slot.lives += 1;
    // One process of several has a wrong clock: the others see its leases end early.
    const clockOf = name === service.name ? name : undefined;
    const machine = new Machine(`${name}.${slot.lives}`, {
      scheduler: this.scheduler,
      faults: this.faults,
      random: this.chance,
      offMs: () => slot.skewMs + this.clockOffMs(clockOf),
    });
    slot.machine = machine;
    machine.onDeath(() => {
      slot.instance = undefined;
      this.crashes += 1;
      this.tell(`${this.scheduler.stamp()} ${machine.name} dies`);
      this.scheduler.after(this.chance.integer(200, 3_000), `${name} starts again`, () =>
        this.boot(slot),
      );
    });
    const { planted } = this.options;
    const store = storeOf(machine, this.databases.get(service.name)!, service.name, this);
    const connection = new MachineBus(machine, this.bus, {
      faults: this.faults,
      outages: this.outages,
      scheduler: this.scheduler,
      random: this.chance,
      batchSizeMax: this.options.batchSizeMax,
      sent: (topic, messages) => this.note(topic, messages),
    });
    const bus = signingBus(connection, () => twinKeyOf(service.name));
    const seen = planted?.events?.(this.ledger.ofProcess, this.chance) ?? this.ledger.ofProcess;
    const events = eventsOf(machine, seen, this.outages);
    const fetch = this.network.fetchOf(machine);
    startInstance(service, {
      machine,
      env: this.env,
      tell: (line) => this.tell(line),
      random: () => this.chance.next(),
      nextId: () => derivedId('simulated', String(this.options.seed), String((this.ids += 1))),
      store: planted?.store?.(store, service.name, this.chance) ?? store,
      bus: planted?.bus?.(bus, service.name, this.chance) ?? bus,
      authors: planted?.authors,
      fetch: planted?.fetch?.(fetch, service.name) ?? fetch,
      ports: portsOf(service.name, {
        ...{ events, anchors: this.ledger.anchors, keyClock: machine.clock, env: this.env },
        sendMail: (mail) => this.network.mail(machine, mail),
        later: (run) => void machine.sleep(this.chance.integer(0, GATHERED_MS_MAX)).then(run),
      }),
    }).then(
      (instance) => void (machine.alive && (slot.instance = instance)),
      (error: unknown) => {
        this.tell(`${this.scheduler.stamp()} ${machine.name} cannot start: ${String(error)}`);
        machine.die(); // As a process does that fails to start.
      },
    );
  }

  request(service: string, request: Request): Promise<Reply> {
    return this.network.request(service, request);
  }
}
