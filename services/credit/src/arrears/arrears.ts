import { creditAccounts, type EventData, message } from '@caretab/contracts';
import { assert, type Clock, derivedId } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import { entryTable } from '../account/account.table';
import type { Accounts } from '../account/accounts';
import { hasDied } from '../enrolment/died';
import { billedTo } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import type { ArrearsPolicy } from './arrears-policy';
import { reportsAt, type Step, stepsLeft, stepsNow } from './arrears-steps';
import {
  type ArrearsRow,
  arrearsTable,
  type DefaultReportRow,
  defaultReportTable,
} from './arrears.table';

export const PAYMENT_MISSED = 'PAYMENT_MISSED';

const PASS_ROWS = 100;
/** Settlements that are looked back at for defaults in a row. */
const LOOKED_BACK = 100;

/** A collection that finally failed, as its message says. */
export interface Missed {
  readonly visitId: string;
  readonly accountPersonId: string;
  readonly mergedPersonId: string | null;
  readonly owedFen: number;
  readonly since: Date;
}

type Said = 'ArrearsReminded' | 'DefaultAnnounced' | 'DefaultReported' | 'DefaultTakenBack';

/**
 * Dues whose collection finally failed: reminders, the freeze, and a report that was announced before.
 * Locks are taken in the order hold, account, arrears.
 */
export class Arrears {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policy: ArrearsPolicy;
    },
  ) {}

  /** Whether the account is frozen by this at once. */
  get freezesAtOnce(): boolean {
    return this.parts.policy.freeze?.afterDays === 0;
  }

  /** Whether a visit that is open may have its hold raised on an account that is frozen for that. */
  raisesWhenFrozen(reason: string | null): boolean {
    return reason === PAYMENT_MISSED && this.parts.policy.freeze?.stops === 'new-visits';
  }

  /** PaymentMissed: from now on it is in arrears; missed once more, what is owed may be less. */
  async begin(transaction: Transaction, missed: Missed): Promise<void> {
    const rows = transaction.rows(arrearsTable);
    const fresh: ArrearsRow = {
      ...missed,
      ...{ reminders: 0, nextAt: null, announcedAt: null, reportedAt: null },
      ...{ objection: null, ground: null, objectedAt: null, objectedBy: null },
      ...{ decidedBy: null, decidedAt: null, why: null, writtenOffAt: null, endedAt: null },
    };
    const row = { ...fresh, nextAt: this.nextOf(fresh) };
    if (await rows.insertIfAbsent(row)) return;
    const known = await rows.get({ visitId: missed.visitId }, { lock: 'wait' });
    const { owedFen, accountPersonId, mergedPersonId } = missed;
    if (known?.endedAt === null)
      await rows.save({ ...known, owedFen, accountPersonId, mergedPersonId });
    // It was paid, and a later verdict made more due.
    else await rows.save(row);
  }

  /** Written off: who owes it is reminded no more. What is announced and reported goes on as before. */
  async writtenOff(transaction: Transaction, visitId: string): Promise<void> {
    const rows = transaction.rows(arrearsTable);
    const row = await rows.get({ visitId }, { lock: 'wait' });
    if (!row || row.endedAt !== null || row.writtenOffAt !== null) return;
    const written = { ...row, writtenOffAt: this.parts.clock.now() };
    await rows.save({ ...written, nextAt: this.nextOf(written) });
  }

  /** VisitSettled: what was reported is taken back. */
  async end(transaction: Transaction, visitId: string): Promise<void> {
    const rows = transaction.rows(arrearsTable);
    const row = await rows.get({ visitId }, { lock: 'wait' });
    if (!row || row.endedAt !== null) return;
    const ended = { ...row, nextAt: null, endedAt: this.parts.clock.now() };
    await this.takeBack(transaction, ended, 'PAID');
    await rows.save(ended);
  }

  /** A report that was made and is not taken back yet, is taken back. The caller saves the row. */
  async takeBack(
    transaction: Transaction,
    row: ArrearsRow,
    reason: 'PAID' | 'OBJECTION_UPHELD',
  ): Promise<void> {
    if (row.reportedAt === null || row.objection === 'upheld') return;
    const at = this.parts.clock.now();
    await this.report(transaction, row, { kind: 'taken-back', reason, consecutive: 0, at });
    this.say(transaction, row, 'DefaultTakenBack', { reason, takenBackAt: at.toISOString() });
  }

  /**
   * Of who has died nothing is said or reported. Where that is taken back, what was announced and not
   * reported is announced again: they received nothing meanwhile. The caller holds the account.
   */
  async rest(transaction: Transaction, accountPersonId: string, rests: boolean): Promise<void> {
    const rows = transaction.rows(arrearsTable);
    for await (const open of stream(rows, { accountPersonId, endedAt: null }, { lock: 'wait' }))
      await rows.save(
        ...open.map((row) => {
          if (rests) return { ...row, nextAt: null };
          const anew = row.reportedAt === null ? { ...row, announcedAt: null } : row;
          return { ...anew, nextAt: this.nextOf(anew) };
        }),
      );
  }

  /** When there is something to do next of a row that was changed. */
  nextOf(row: ArrearsRow): Date | null {
    return stepsLeft(this.parts.policy, row, this.freezesAtOnce)[0]?.at ?? null;
  }

  /** Does what is due; returns how many visits it looked at. A pass takes 100. */
  async runOnce(): Promise<number> {
    const { store, clock } = this.parts;
    const due = await store.transact((transaction) =>
      transaction
        .rows(arrearsTable)
        .find({ nextAt: { lte: clock.now() } }, { orderBy: 'nextAt', countMax: PASS_ROWS }),
    );
    for (const { visitId } of due)
      await store.transact((transaction) => this.follow(transaction, visitId));
    return due.length;
  }

  private async follow(transaction: Transaction, visitId: string): Promise<void> {
    const { accounts, policy, clock } = this.parts;
    const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
    assert(hold, 'what is in arrears has a hold');
    const account = await accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    const rows = transaction.rows(arrearsTable);
    const row = await rows.get({ visitId }, { lock: 'wait' });
    const now = clock.now();
    if (!row || row.nextAt === null || row.nextAt > now) return;
    if (await hasDied(transaction, account.accountPersonId))
      return rows.save({ ...row, nextAt: null });
    let changed = row;
    let isFrozen = this.freezesAtOnce || account.frozenReason !== null;
    for (const step of stepsNow(policy, row, { isFrozen, now })) {
      if (step.does !== 'freeze') changed = await this.take(transaction, changed, step, now);
      else isFrozen = Boolean(await accounts.setFrozen(transaction, account, PAYMENT_MISSED));
    }
    const nextAt = stepsLeft(policy, changed, isFrozen)[0]?.at ?? null;
    await rows.save({ ...changed, nextAt });
  }

  private async take(
    transaction: Transaction,
    row: ArrearsRow,
    step: Exclude<Step, { does: 'freeze' }>,
    now: Date,
  ): Promise<ArrearsRow> {
    if (step.does === 'remind') {
      this.say(transaction, row, 'ArrearsReminded', { reminder: step.reminder });
      return { ...row, reminders: step.reminder };
    }
    if (step.does === 'announce') {
      const announced = { ...row, announcedAt: now };
      const at = reportsAt(this.parts.policy, announced)!;
      this.say(transaction, announced, 'DefaultAnnounced', { reportsAt: at.toISOString() });
      return announced;
    }
    const consecutive = await this.inARow(transaction, row);
    await this.report(transaction, row, { kind: 'reported', reason: null, consecutive, at: now });
    this.say(transaction, row, 'DefaultReported', { reportedAt: now.toISOString() });
    return { ...row, reportedAt: now };
  }

  private async report(
    transaction: Transaction,
    { visitId, owedFen, since, ...row }: ArrearsRow,
    said: Pick<DefaultReportRow, 'kind' | 'reason' | 'consecutive' | 'at'>,
  ): Promise<void> {
    const personId = billedTo(row);
    const reportId = derivedId('default', visitId, since.toISOString(), said.kind);
    await transaction
      .rows(defaultReportTable)
      .insert({ ...said, reportId, visitId, personId, owedFen, since });
  }

  /** Defaults of the person since the last visit that was paid in time, this one included. */
  private async inARow(
    transaction: Transaction,
    { accountPersonId, since }: ArrearsRow,
  ): Promise<number> {
    const latest = { orderBy: 'sequence', descending: true, countMax: LOOKED_BACK } as const;
    const settled = await transaction
      .rows(entryTable)
      .find({ accountPersonId, kind: 'Settled' }, latest);
    const late = await transaction
      .rows(arrearsTable)
      .find({ visitId: { in: settled.map(({ visitId }) => visitId!) } }, { countMax: LOOKED_BACK });
    const inTime = settled.find(
      ({ visitId, recordedAt }) =>
        recordedAt < since && !late.some((other) => other.visitId === visitId),
    );
    const reported = await transaction.rows(arrearsTable).count({
      ...{ accountPersonId, reportedAt: { gt: new Date(0) } },
      ...(inTime && { since: { gt: inTime.recordedAt } }),
    });
    return reported + 1;
  }

  private say<Type extends Said>(
    transaction: Transaction,
    { visitId, owedFen, since, ...row }: ArrearsRow,
    type: Type,
    further: Omit<
      EventData<typeof creditAccounts, Type>,
      'personId' | 'visitId' | 'owedFen' | 'since'
    >,
  ): void {
    const time = this.parts.clock.now();
    const of = { personId: billedTo(row), visitId, owedFen };
    const data = { ...of, since: since.toISOString(), ...further };
    const id = derivedId(type, JSON.stringify(data));
    transaction.publish(
      message(creditAccounts, type, data as EventData<typeof creditAccounts, Type>, {
        ...{ id, time, source: 'credit' },
      }),
    );
  }
}
