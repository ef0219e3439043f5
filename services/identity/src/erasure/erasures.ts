import { cannotBe, type Erasure, identityPersons, message } from '@caretab/contracts';
import { type Clock, derivedId, DomainError, type Ids } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { wardsToday } from '../guardianship/wards';
import type { Persons } from '../person/persons';
import { erasedPersonTable, erasureTable, type ErasureRow, UNDER_WAY } from './erasure.table';
import type { Destruction } from './destruction';
import { type Neighbours, obstaclesOf } from './obstacles';
import { receiptOf } from './receipt';
import { keptUntil } from './retention';

/** Services that destroy what they have of a person, beside identity. */
const FOLLOWERS = ['credit', 'payment', 'notification', 'gateway'] as const;
/** The data is destroyed after so long, whether the closing notice is out or not. */
const CLOSING_NOTICE_TIMEOUT_MS = 24 * 3_600_000;
const BATCH_MAX = 50;
const PRUNED_MAX = 500;

type Event<Data> = {
  readonly type: string;
  readonly data: Data & { readonly erasureId: string; readonly personId: string };
};

/** Throws MESSAGE_IMPOSSIBLE (conflict). */
const assertOfPerson = <Data>(event: Event<Data>, { personId }: ErasureRow): void => {
  if (event.data.personId !== personId)
    throw cannotBe(event, '/personId', 'the erasure is of another person');
};

/**
 * Erases persons, one durable step after the other: requested → the service closed → the closing
 * notice out → destroyed here → destroyed everywhere. Each step may be repeated. Credit's closing
 * decides against a visit that opens meanwhile: after it there is no hold and no debt.
 */
export class Erasures {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: Persons;
      readonly destruction: Destruction;
      readonly neighbours: Neighbours;
    },
  ) {}

  /**
   * Begins to erase a person where another person approved it, or says how far it is. Throws
   * PERSON_UNKNOWN (not-found), ERASURE_REFUSED (conflict) with each obstacle, APPROVAL_NEEDED
   * (conflict), CREDIT_UNAVAILABLE and LEDGER_UNAVAILABLE (unavailable): nothing was begun then.
   */
  async request(personId: string, approvedBy?: string): Promise<Erasure> {
    const present = await this.present(personId);
    if (present) return present;
    await this.refuseWith(await this.obstacles(personId));
    if (approvedBy === undefined)
      throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
    const erasure = await this.begin(personId);
    try {
      await this.close(erasure);
    } catch (error) {
      // Written down: the job goes on with it once the other service answers.
      if (!(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
    }
    const receipt = await this.show(personId);
    if (receipt.status === 'refused') await this.refuseWith(receipt.refused ?? []);
    return receipt;
  }

  /** Throws ERASURE_REFUSED (conflict) with each obstacle, and as the neighbours do. */
  async assertErasable(personId: string): Promise<void> {
    if (!(await this.present(personId))) await this.refuseWith(await this.obstacles(personId));
  }

  /** The receipt of the latest erasure. Throws ERASURE_UNKNOWN (not-found). */
  async show(personId: string): Promise<Erasure> {
    const row = await this.parts.store.transact((transaction) =>
      this.latest(transaction, personId),
    );
    if (!row) throw new DomainError('ERASURE_UNKNOWN', 'not-found', { personId });
    return receiptOf(row);
  }

  /** Goes on with what was left, and drops what is kept no longer; returns how many it did. */
  async runOnce(): Promise<number> {
    const { store, clock } = this.parts;
    const now = clock.now();
    const before = new Date(now.getTime() - CLOSING_NOTICE_TIMEOUT_MS);
    const [requested, late] = await store.transact(async (transaction) => {
      const rows = transaction.rows(erasureTable);
      const oldest = { orderBy: 'requestedAt', countMax: BATCH_MAX } as const;
      await this.prune(transaction, now);
      return [
        await rows.find({ status: 'requested' }, oldest),
        await rows.find({ status: 'closing', closedAt: { lte: before } }, oldest),
      ] as const;
    });
    let done = 0;
    for (const erasure of requested) done += await this.goOn(erasure);
    for (const erasure of late) {
      await store.transact((transaction) => this.destroy(transaction, erasure, 'not-in-time'));
      done += 1;
    }
    return done;
  }

  /** How many are under way, for the backlog. */
  countUnderWay(): Promise<number> {
    return this.parts.store.transact((transaction) =>
      transaction.rows(erasureTable).count({ status: { in: UNDER_WAY } }),
    );
  }

  /** ClosingNoticeEnded: nothing has to reach the person any more, so the data is destroyed. */
  async noticeEnded(
    event: Event<{ readonly outcome: NonNullable<ErasureRow['closingNotice']> }>,
    transaction: Transaction,
  ): Promise<void> {
    const { erasureId, outcome } = event.data;
    const erasure = await transaction.rows(erasureTable).get({ erasureId });
    if (!erasure) return;
    assertOfPerson(event, erasure);
    await this.destroy(transaction, erasure, outcome);
  }

  /** PersonForgotten: a service has destroyed what it had. */
  async forgotten(
    service: (typeof FOLLOWERS)[number],
    event: Event<{ readonly destroyed: readonly { table: string; rows: number }[] }>,
    transaction: Transaction,
  ): Promise<void> {
    const { data } = event;
    const rows = transaction.rows(erasureTable);
    const erasure = await rows.get({ erasureId: data.erasureId }, { lock: 'wait' });
    if (!erasure?.waitsFor.includes(service)) return;
    assertOfPerson(event, erasure);
    const waitsFor = erasure.waitsFor.filter((name) => name !== service);
    const isDone = waitsFor.length === 0;
    await rows.save({
      ...erasure,
      waitsFor,
      destroyed: [...erasure.destroyed, ...data.destroyed.map((each) => ({ service, ...each }))],
      ...(isDone && { status: 'done' as const, doneAt: this.parts.clock.now() }),
    });
  }

  /** How it stands already: under way, or done and not registered again since. */
  private present(personId: string): Promise<Erasure | undefined> {
    const { store, persons } = this.parts;
    return store.transact(async (transaction) => {
      const person = await persons.row(transaction, personId, 'wait');
      const latest = await this.latest(transaction, personId);
      if (latest && UNDER_WAY.includes(latest.status)) return receiptOf(latest);
      if (!person.destroyedAt) return undefined;
      if (latest?.status === 'done') return receiptOf(latest);
      // Destroyed by a release that kept no receipt.
      const { destroyedAt } = person;
      const row = { ...this.fresh(personId, destroyedAt), status: 'done' as const, destroyedAt };
      await transaction.rows(erasureTable).insert(row);
      return receiptOf(row);
    });
  }

  private async obstacles(personId: string): Promise<NonNullable<Erasure['refused']>> {
    const { neighbours, store } = this.parts;
    const wards = await store.transact((transaction) => this.wards(transaction, personId));
    const visits = await neighbours.visits(personId);
    const credit = await neighbours.credit(personId, false);
    return obstaclesOf({ wards, visits, credit });
  }

  private async refuseWith(obstacles: NonNullable<Erasure['refused']>): Promise<void> {
    if (obstacles.length > 0)
      throw new DomainError('ERASURE_REFUSED', 'conflict', { faults: obstacles });
  }

  private begin(personId: string): Promise<ErasureRow> {
    const { store, persons, clock } = this.parts;
    return store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      const underWay = await persons.erasureOf(transaction, personId);
      if (underWay) return underWay;
      const erasure = this.fresh(personId, clock.now());
      await transaction.rows(erasureTable).insert(erasure);
      return erasure;
    });
  }

  private fresh(personId: string, requestedAt: Date): ErasureRow {
    return {
      erasureId: `e-${this.parts.ids.next()}`,
      personId,
      status: 'requested',
      requestedAt,
      closedAt: null,
      destroyedAt: null,
      doneAt: null,
      closingNotice: null,
      refused: [],
      waitsFor: [],
      destroyed: [],
    };
  }

  private async goOn(erasure: ErasureRow): Promise<number> {
    try {
      await this.close(erasure);
      return 1;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unavailable') return 0;
      throw error;
    }
  }

  /** Once credit has closed the service, nothing is refused any more: a visit finds no line. */
  private async close({ erasureId, personId, status }: ErasureRow): Promise<void> {
    if (status !== 'requested') return;
    const { neighbours, store, clock, persons } = this.parts;
    const wards = await store.transact((transaction) => this.wards(transaction, personId));
    const refused =
      wards > 0
        ? obstaclesOf({ wards })
        : obstaclesOf({ credit: await neighbours.credit(personId, true) });
    await store.transact(async (transaction) => {
      await persons.row(transaction, personId, 'wait');
      const rows = transaction.rows(erasureTable);
      const erasure = await rows.get({ erasureId, status: 'requested' }, { lock: 'wait' });
      if (!erasure) return;
      const now = clock.now();
      if (refused.length > 0)
        return rows.save({ ...erasure, status: 'refused', refused, doneAt: now });
      await rows.save({ ...erasure, status: 'closing', closedAt: now });
      const begun = { personId, erasureId, begunAt: now.toISOString() };
      transaction.publish(
        message(identityPersons, 'ErasureBegun', begun, {
          id: derivedId('ErasureBegun', erasureId),
          time: now,
          source: 'identity',
        }),
      );
    });
  }

  private async destroy(
    transaction: Transaction,
    { erasureId, personId }: ErasureRow,
    closingNotice: NonNullable<ErasureRow['closingNotice']>,
  ): Promise<void> {
    const { persons, destruction, clock } = this.parts;
    await persons.row(transaction, personId, 'wait');
    const rows = transaction.rows(erasureTable);
    const erasure = await rows.get({ erasureId, status: 'closing' }, { lock: 'wait' });
    if (!erasure) return;
    const destroyedAt = clock.now();
    const destroyed = await destruction.destroy(
      transaction,
      erasure,
      keptUntil('registry-index', destroyedAt),
    );
    await rows.save({
      ...erasure,
      status: 'destroying',
      closingNotice,
      destroyedAt,
      destroyed,
      waitsFor: FOLLOWERS,
    });
  }

  /** For whom the person acts: who came of age since is no ward. */
  private async wards(transaction: Transaction, guardianId: string): Promise<number> {
    return (await wardsToday(transaction, this.parts.persons, guardianId)).length;
  }

  private async latest(
    transaction: Transaction,
    personId: string,
  ): Promise<ErasureRow | undefined> {
    const latest = { orderBy: 'requestedAt', descending: true, countMax: 1 } as const;
    return (await transaction.rows(erasureTable).find({ personId }, latest))[0];
  }

  private async prune(transaction: Transaction, now: Date): Promise<void> {
    await transaction.rows(erasedPersonTable).delete({ keptUntil: { lte: now } });
    const before = new Date(now.getTime() - (keptUntil('receipt', now).getTime() - now.getTime()));
    const old = await transaction
      .rows(erasureTable)
      .find({ doneAt: { lte: before } }, { countMax: PRUNED_MAX });
    if (old.length > 0)
      await transaction
        .rows(erasureTable)
        .delete({ erasureId: { in: old.map(({ erasureId }) => erasureId) } });
  }
}
