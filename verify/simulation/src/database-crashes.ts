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
  private readonly connected = new Map<string, Set<MemoryStore>>();

  constructor(
    private readonly world: {
      readonly databases: ReadonlyMap<string, MemoryDatabase>;
      readonly bus: MemoryBus;
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
    this.lost += this.world.databases.get(service)!.crash(this.random.next());
  }

  crashBus(): void {
    this.lost += this.world.bus.crash(this.random.next());
  }

  /** Every database at once, the bus's too. */
  crashAll(): void {
    for (const service of this.world.databases.keys()) this.crash(service);
    this.crashBus();
  }
}
