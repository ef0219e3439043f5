import type { MemoryBus } from '@caretab/bus';
import type { Random } from '@caretab/doubles';
import type { MemoryDatabase, MemoryStore } from '@caretab/store';
import type { Machine } from './machine';

/**
 * Databases crash and are up again at once: every connection ends, and of what was committed
 * asynchronously the last is lost. The processes live on, and may have read it.
 */
export class DatabaseCrashes {
  /** Commits and offsets that were lost. */
  lost = 0;
  private powerFails = false;
  private readonly connected = new Map<string, Set<MemoryStore>>();

  constructor(
    private readonly world: {
      readonly databases: ReadonlyMap<string, MemoryDatabase>;
      readonly bus: MemoryBus;
      /** Every process dies. */
      killAll(): void;
    },
    private readonly random: Random,
  ) {}

  /** A process's connections to a service's database, until it dies. */
  connect(service: string, store: MemoryStore, machine: Machine): void {
    const stores = this.connected.get(service) ?? new Set();
    this.connected.set(service, stores.add(store));
    machine.onDeath(() => void stores.delete(store));
  }

  crash(service: string): void {
    for (const store of this.connected.get(service) ?? []) store.sever();
    this.lost += this.world.databases.get(service)!.crash(this.share());
  }

  crashBus(): void {
    this.lost += this.world.bus.crash(this.share());
  }

  /** The next time that something was committed asynchronously, the power fails. */
  failPowerSoon(): void {
    this.powerFails = true;
  }

  /** Something was committed asynchronously. */
  committed(): void {
    if (!this.powerFails) return;
    this.powerFails = false;
    for (const service of this.world.databases.keys()) this.crash(service);
    this.crashBus();
    this.world.killAll();
  }

  /** Of what may be lost, the share that was on the disk: often nothing. */
  private share(): number {
    return Math.max(0, this.random.next() * 2 - 1);
  }
}
