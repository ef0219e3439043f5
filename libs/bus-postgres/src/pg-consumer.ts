import {
  assign,
  Bell,
  type CrashableConsumer,
  nameOf,
  outageCauseOf,
  reasonOf,
} from '@caretab/bus';
import { LookInterval, REST, restAfter } from '@caretab/kernel';
import { type Held, heldBy, type PgConsumerParts, type PgPartition } from './pg-held';
import { type Claim, Fenced } from './pg-membership';
import { PgReader, type ReadFrom } from './pg-reader';

export type { PgConsumerParts, PgPartition } from './pg-held';

const BATCH_SIZE_MAX = 200;
const REDELIVER_FIRST_MS = 50;
const REDELIVER_MAX_MS = 5000;
/** How long a loop rests when the database is away. */
const ERROR_PAUSE_MS = 500;
/** One cause for all loops: the database of the bus is away. */
const BUS = 'bus';

/**
 * A member at work: one loop keeps the membership, one reads for all of its partitions and hands
 * out batches.
 */
export class PgConsumer implements CrashableConsumer {
  private readonly held = new Map<number, Held>();
  private readonly places: ReadonlyMap<number, PgPartition>;
  private readonly partitionCounts: ReadonlyMap<string, number>;
  private readonly idByName: ReadonlyMap<string, number>;
  private readonly membershipBell: Bell;
  private readonly workBell: Bell;
  private readonly reader: PgReader;
  private readonly sizeMax: number;
  private loops: Promise<unknown> = Promise.resolve();
  private state: 'running' | 'stopping' | 'crashed' = 'running';
  private working = 0;

  constructor(private readonly parts: PgConsumerParts) {
    this.places = new Map(parts.partitions.map((place) => [place.id, place]));
    this.idByName = new Map(parts.partitions.map((place) => [nameOf(place), place.id]));
    const counts = new Map<string, number>();
    for (const { topic } of parts.partitions) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    this.partitionCounts = counts;
    this.membershipBell = new Bell(parts.timers);
    this.workBell = new Bell(parts.timers);
    this.reader = new PgReader(parts.pool, parts.schema);
    this.sizeMax = parts.options.batchSizeMax ?? BATCH_SIZE_MAX;
  }

  get group(): string {
    return this.parts.options.group;
  }

  /** Joins the group: resolves when the others can see this member. */
  async start(): Promise<void> {
    await this.parts.membership.prepare([...this.places.keys()]);
    await this.share();
    this.parts.announce();
    this.loops = Promise.all([this.keepMembership(), this.keepWorking()]);
  }

  /** New messages may be there; without ids: in any partition. */
  wake(partitionIds: Iterable<number> = this.held.keys()): void {
    if (this.mayHaveMore(partitionIds)) this.workBell.ring();
  }

  /** Whether any of the partitions is held here. */
  private mayHaveMore(partitionIds: Iterable<number>): boolean {
    let isHeld = false;
    for (const id of partitionIds) {
      const held = this.held.get(id);
      if (!held) continue;
      held.isDirty = true;
      isHeld = true;
    }
    return isHeld;
  }

  /** Members came, went or released something. */
  regroup(): void {
    this.membershipBell.ring();
  }

  async stop(): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'stopping';
    for (const { abort } of this.held.values()) abort.abort();
    await this.end();
    for (const { work } of this.held.values()) await work;
    this.parts.onEnd();
    await this.surviving('leaving', () => this.parts.membership.leave());
    for (const held of [...this.held.values()]) this.lose(held);
    for (const loop of [this.membershipBell, this.workBell]) this.parts.outages.left(loop);
    this.parts.announce();
  }

  crash(): void {
    this.state = 'crashed';
    for (const { abort } of this.held.values()) abort.abort();
    void this.end();
    this.parts.onEnd();
  }

  private async end(): Promise<void> {
    this.membershipBell.ring();
    this.workBell.ring();
    await this.loops;
  }

  private get isRunning(): boolean {
    return this.state === 'running';
  }

  private async keepMembership(): Promise<void> {
    while (this.isRunning) {
      await this.membershipBell.wait(this.parts.heartbeatMs);
      if (this.isRunning) await this.surviving('membership', () => this.share());
    }
  }

  private async keepWorking(): Promise<void> {
    const { pollMs, restMaxMs, timers } = this.parts;
    const looks = new LookInterval(pollMs);
    while (this.isRunning) {
      const beganMs = performance.now();
      await this.surviving('reading', () => this.read());
      const readAtMs = performance.now();
      this.handOut();
      if (await this.workBell.wait(looks.next())) looks.reset();
      else this.mayHaveMore(this.held.keys());
      const restMs = Math.min(readAtMs - beganMs, restMaxMs) - (performance.now() - readAtMs);
      if (restMs > 0 && this.isRunning) await timers.sleep(restMs);
    }
  }

  /** A loop outlives a database that is away for a while. */
  private async surviving(what: string, work: () => Promise<void>): Promise<void> {
    // What is done in passing is put right by the next round of sharing.
    const member = what === 'reading' ? this.workBell : this.membershipBell;
    try {
      await work();
      this.parts.outages.worked(member);
    } catch (error) {
      // All loops of a process lose the same database.
      this.parts.outages.failed(member, { group: this.group, what, ...reasonOf(error) }, BUS);
      await this.parts.timers.sleep(ERROR_PAUSE_MS);
    }
  }

  /**
   * One round of sharing: renew the session, let go of what others are to have, take what is free.
   */
  private async share(): Promise<void> {
    const { membership } = this.parts;
    const members = await membership.heartbeat();
    await this.dropLost();
    const owners = assign(this.partitionCounts, members);
    const mine = new Set(
      [...owners]
        .filter(([, owner]) => owner === membership.me.id)
        .map(([name]) => this.idByName.get(name)!),
    );
    await this.letGo(mine);
    const wanted = [...mine].filter((id) => !this.held.has(id));
    if (wanted.length === 0 || !this.isRunning) return;
    for (const claim of await membership.claim(wanted)) this.hold(claim);
    this.workBell.ring();
  }

  /**
   * After a stall others may have taken over, and a crash of the database takes back claims and
   * offsets: what the database does not say is ours, is not. What it says is ours and we do not
   * work is given back, or no one would get it.
   */
  private async dropLost(): Promise<void> {
    const owned = new Map(
      (await this.parts.membership.owned()).map((claim) => [claim.partitionId, claim]),
    );
    for (const [id, held] of this.held) {
      const claim = owned.get(id);
      if (claim?.generation !== held.claim.generation) this.lose(held);
      // What follows the offset would count as unhandled.
      else if (claim.offset < held.position && !held.work)
        await this.parts.membership.commit(held.claim, held.position);
    }
    const strays = [...owned.keys()].filter((id) => !this.held.has(id));
    if (strays.length > 0) await this.parts.membership.release(strays);
  }

  private async letGo(mine: ReadonlySet<number>): Promise<void> {
    const idle: number[] = [];
    for (const [id, held] of this.held) {
      held.isLeaving = !mine.has(id);
      if (!held.isLeaving) continue;
      held.abort.abort();
      if (!held.work) idle.push(id);
    }
    if (idle.length > 0) await this.release(idle);
  }

  private async release(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.lose(this.held.get(id)!);
    await this.parts.membership.release(ids);
    this.parts.announce();
  }

  private hold(claim: Claim): void {
    this.held.set(claim.partitionId, heldBy(claim, this.places.get(claim.partitionId)!));
  }

  private lose(held: Held): void {
    held.abort.abort();
    this.parts.outages.left(held.place);
    if (this.held.get(held.claim.partitionId) === held) this.held.delete(held.claim.partitionId);
  }

  /** Reads the next page of every partition that may have one, in one query. */
  private async read(): Promise<void> {
    const hungry = [...this.held.values()].filter(
      (held) => held.isDirty && !held.work && !held.isLeaving && held.page.length === 0,
    );
    if (hungry.length === 0) return;
    for (const held of hungry) held.isDirty = false;
    try {
      const pages = await this.reader.read(
        hungry.map((held): ReadFrom => ({ place: held.place, from: held.position })),
        this.sizeMax,
      );
      for (const held of hungry) {
        held.page = pages.get(held.place.id) ?? [];
        if (held.page.length === this.sizeMax) held.isDirty = true;
      }
    } catch (error) {
      for (const held of hungry) held.isDirty = true;
      throw error;
    }
  }

  private handOut(): void {
    if (!this.isRunning) return;
    for (const [id, held] of this.held) {
      if (this.working >= this.parts.sideBySideMax) return;
      if (held.work || held.isLeaving || held.page.length === 0) continue;
      if (held.abort.signal.aborted) held.abort = new AbortController();
      // Behind the others, so that every partition has its turn.
      this.held.delete(id);
      this.held.set(id, held);
      held.work = this.deliver(held).finally(() => this.done(held));
    }
  }

  private async deliver(held: Held): Promise<void> {
    const { topic, partition } = held.place;
    const { page: messages, abort } = held;
    const beganMs = performance.now();
    this.working += 1;
    let failed = false;
    try {
      await this.parts.handle({ topic, partition, messages, signal: abort.signal });
      await this.parts.membership.commit(held.claim, messages.at(-1)!.offset + 1n);
      held.position = messages.at(-1)!.offset + 1n;
      held.page = [];
      held.failures = 0;
      this.parts.outages.worked(held.place);
    } catch (error) {
      failed = true;
      if (error instanceof Fenced) this.lose(held);
      else if (!abort.signal.aborted)
        this.parts.outages.failed(
          held.place,
          { group: this.group, topic, partition, ...reasonOf(error) },
          outageCauseOf(error),
        );
    } finally {
      this.working -= 1;
    }
    const restMs = failed
      ? Math.min(REDELIVER_FIRST_MS * 2 ** Math.min(held.failures, 10), REDELIVER_MAX_MS)
      : messages.length === this.sizeMax
        ? 0
        : restAfter(performance.now() - beganMs, this.parts.options.rest ?? REST.awaited);
    if (restMs === 0 || abort.signal.aborted) return;
    // The slot is free for other partitions while this one rests.
    this.workBell.ring();
    await this.parts.timers.sleep(restMs, abort.signal);
    if (failed) held.failures += 1;
  }

  private done(held: Held): void {
    held.work = undefined;
    this.workBell.ring();
    if (held.isLeaving && this.isRunning && this.held.get(held.claim.partitionId) === held) {
      void this.surviving('release', () => this.release([held.claim.partitionId]));
    }
  }
}
