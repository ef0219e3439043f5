import { freshOf } from '@caretab/bus';
import type { ClaimLine, VisitClass } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import type { Adjudicator } from '../src/adjudicator/adjudicator';
import { institutionLevelTable } from '../src/institution/institution-level.table';
import { Memberships } from '../src/membership/memberships';
import type { VisitClosed, VisitOpened } from '../src/claim/claim-messages';
import { ClaimConsumer } from '../src/claim/claim.consumer';
import { Claims } from '../src/claim/claims';

export const personId = 'p-00000000-0000-4000-8000-000000000001';
export const institutionId = 'HZ01';

/** A store with one level 3 hospital, and the doors to adjudication as its consumer opens them. */
export class AdjudicationStage {
  readonly clock = fixedClock('2026-03-02T12:00:00Z');
  readonly memberships: Memberships;
  private readonly claims: Claims;
  readonly consumer: ClaimConsumer;

  constructor(
    readonly store: Store,
    adjudicator?: Adjudicator,
  ) {
    this.claims = new Claims(this.clock, undefined, adjudicator);
    this.memberships = new Memberships(store, this.clock);
    this.consumer = new ClaimConsumer(this.claims);
  }

  /** A batch as the bus hands it over: each event once, in one transaction. */
  handle(events: readonly (VisitOpened | VisitClosed)[]): Promise<void> {
    return this.store.transact(async (transaction) => {
      const fresh = await freshOf(transaction, 'adjudication.claim', events);
      await this.consumer.prepare(fresh, { transaction });
      for (const event of fresh) await this.consumer.visits(event, { transaction });
    });
  }

  registerHospital(): Promise<void> {
    return this.store.transact((transaction) =>
      transaction.rows(institutionLevelTable).save({ institutionId, level: 'level-3' }),
    );
  }

  opened(visitId: string, changes: Partial<VisitOpened['data']> = {}): VisitOpened {
    return {
      id: derivedId('VisitOpened', visitId),
      type: 'VisitOpened',
      time: '2026-03-02T01:00:00.000Z',
      source: 'visit-ledger',
      data: {
        visitId,
        institutionId,
        personId,
        visitClass: 'inpatient',
        startedAt: '2026-03-02T01:00:00.000Z',
        ...changes,
      },
    };
  }

  closed(
    visitId: string,
    revision: number,
    lines: readonly ClaimLine[],
    changes: Partial<VisitClosed['data']> = {},
  ): VisitClosed {
    return {
      id: derivedId('VisitClosed', visitId, String(revision)),
      type: 'VisitClosed',
      time: '2026-03-05T01:00:00.000Z',
      source: 'visit-ledger',
      data: {
        visitId,
        institutionId,
        personId,
        visitClass: 'inpatient',
        startedAt: '2026-03-02T01:00:00.000Z',
        closedAt: '2026-03-03T09:00:00.000Z',
        revision,
        grossFen: lines.reduce((sum, { amountFen }) => sum + amountFen, 0),
        lines: [...lines],
        ...changes,
      },
    };
  }

  open(visitId: string, changes: Partial<VisitOpened['data']> = {}): Promise<void> {
    return this.store.transact((transaction) =>
      this.claims.determine(this.opened(visitId, changes), transaction),
    );
  }

  close(
    visitId: string,
    revision: number,
    lines: readonly ClaimLine[],
    visitClass: VisitClass = 'inpatient',
  ): Promise<void> {
    return this.take(this.closed(visitId, revision, lines, { visitClass }));
  }

  take(event: VisitClosed): Promise<void> {
    return this.store.transact((transaction) => this.claims.adjudicate(event, transaction));
  }

  /** What went out, oldest first: type and data. */
  async published(): Promise<{ topic: string; type: string; data: any }[]> {
    const messages = await this.store.unpublished(10_000);
    return messages.map(({ topic, headers, value }) => ({
      topic,
      type: headers['ce_type']!,
      data: value,
    }));
  }

  read<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.store.transact(work);
  }
}

export const line = (
  chargeId: string,
  itemCode: string,
  amountFen: number,
  quantity = '1',
): ClaimLine => ({
  chargeId,
  itemCode,
  quantity,
  amountFen,
  occurredAt: '2026-03-02T02:00:00.000Z',
});
export const surgery = line('surgery', '331006002', 228_000);
export const mesh = line('mesh', 'C0501-MESH', 148_000);
export const bed = line('bed', '110900001-1', 26_000);
export const escort = line('escort', '121800001', 22_000);
export const employee = { planId: 'employee-basic', psnType: '11', from: '2024-01-01' };
export const evergreen = { planId: 'evergreen-supplement', psnType: '11', from: '2025-01-01' };
