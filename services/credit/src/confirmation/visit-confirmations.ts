import { isWithin, type Scope, type Subject } from '@caretab/access';
import { creditAccounts, message, type VisitLender } from '@caretab/contracts';
import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, WorkQueue } from '@caretab/work-queue';
import type { Accounts } from '../account/accounts';
import { billedTo, type Hold } from '../hold/hold';
import type { HoldPolicy } from '../hold/hold-policy';
import { holdTable } from '../hold/hold.table';
import { type Opened, WaitingHolds } from '../hold/waiting-holds';
import type { Loans } from '../lender/loans';
import { type VisitConfirmationRow, visitConfirmationTable } from './confirmation.table';

export interface VisitConfirmationsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly policy: HoldPolicy;
  readonly loans: Pick<Loans, 'reserve'>;
  readonly count: (state: VisitConfirmationRow['state']) => void;
}

const MS_PER_MINUTE = 60_000;
const LEASE_MS = 30_000;
const MINUTES_MAX = 1440;

/** Who asks, and what is within their scopes. */
interface Asking {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
  /** The institution at whose desk they gave the code of an SMS. */
  readonly desk?: string | undefined;
}

/**
 * The word of who pays, before anything of a visit is deferred. The hold stands on the line and waits
 * for it; so do the charges. Locks are taken in the order confirmation, hold, account.
 */
export class VisitConfirmations {
  private readonly waiting: WaitingHolds;
  private readonly queue: WorkQueue<VisitConfirmationRow, never, never>;

  constructor(private readonly parts: VisitConfirmationsParts) {
    const { store, clock } = parts;
    this.waiting = new WaitingHolds(parts);
    this.queue = new WorkQueue<VisitConfirmationRow, never, never>({
      ...{ store, clock, table: visitConfirmationTable, key: 'visitId', lanes: 1 },
      leaseMs: LEASE_MS,
      plans: [{ where: {}, waitMaxMs: MINUTES_MAX * MS_PER_MINUTE }],
      begin: async (transaction, rows) => {
        const claimed: Claimed<VisitConfirmationRow, never>[] = [];
        for (const row of rows) claimed.push({ row: await this.late(transaction, row) });
        return claimed;
      },
      work: async () => undefined,
      record: async () => undefined,
    });
  }

  /** Declines what was not answered in time; returns how many it looked at. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  /** A visit that is opened by a code of the person's own needs no further word: that is kept. */
  async shown(
    transaction: Transaction,
    opened: Opened,
    hold: Pick<Hold, 'accountPersonId' | 'mergedPersonId'>,
  ): Promise<void> {
    const now = this.parts.clock.now();
    await transaction.rows(visitConfirmationTable).insert({
      ...this.fresh(opened, {
        accountPersonId: billedTo(hold),
        lender: undefined,
        answerUntil: now,
      }),
      ...{ state: 'given', answeredAt: now, way: 'code-shown', nextAttemptAt: null },
    });
    this.parts.count('given');
  }

  /** Asks who pays; the hold waits. */
  async ask(
    transaction: Transaction,
    opened: Opened,
    hold: Pick<Hold, 'accountPersonId' | 'mergedPersonId'>,
    terms: { readonly lender: VisitLender | undefined; readonly minutes: number },
  ): Promise<void> {
    const now = this.parts.clock.now();
    const answerUntil = new Date(now.getTime() + terms.minutes * MS_PER_MINUTE);
    const { visitId } = opened.data;
    await transaction
      .rows(visitConfirmationTable)
      .insert(
        this.fresh(opened, { accountPersonId: billedTo(hold), lender: terms.lender, answerUntil }),
      );
    const data = {
      ...{ personId: billedTo(hold), visitId, askedAt: now.toISOString() },
      answerUntil: answerUntil.toISOString(),
    };
    transaction.publish(
      message(creditAccounts, 'VisitConfirmationAsked', data, {
        ...{ id: derivedId('VisitConfirmationAsked', visitId), time: now, source: 'credit' },
        causedBy: opened,
      }),
    );
  }

  /**
   * The word of who pays. The same again changes nothing. Throws VISIT_UNKNOWN (not-found) of what is
   * not theirs too, CONFIRMATION_NOT_AWAITED (conflict).
   */
  answer(visitId: string, agree: boolean, { subject, scopes, desk }: Asking): Promise<void> {
    const { store, clock } = this.parts;
    return store.transact(async (transaction) => {
      const rows = transaction.rows(visitConfirmationTable);
      const row = await rows.get({ visitId }, { lock: 'wait' });
      const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
      if (!row || !hold || !isWithin(scopes, { person: row.accountPersonId }))
        throw unknown(visitId);
      const state = agree ? ('given' as const) : ('denied' as const);
      if (row.state === state) return;
      if (row.state !== 'awaited' || row.answerUntil <= clock.now() || hold.status !== 'asked')
        throw new DomainError('CONFIRMATION_NOT_AWAITED', 'conflict', {
          visitId,
          why: row.state === 'awaited' ? 'the time to answer is over' : `it is ${row.state}`,
        });
      const isOwn = subject.roles.some(({ kind }) => kind === 'Citizen');
      const byCode = desk === undefined ? ('notice-code' as const) : ('desk-code' as const);
      const way = isOwn ? ('own-token' as const) : byCode;
      const operator = desk === undefined ? subject.id : `hospital/${desk}`;
      await this.end(transaction, { ...row, state, way, operator });
      const opened = openedOf(row);
      if (!agree) return this.waiting.decline(transaction, opened, hold, 'CONFIRMATION_DENIED');
      if (hold.lenderId === null)
        return void (await this.waiting.grant(transaction, opened, hold, row.lender ?? undefined));
      if (!(await this.waiting.refuses(transaction, opened, hold)))
        await this.parts.loans.reserve(transaction, opened, hold);
    });
  }

  /** The evidence. Throws VISIT_UNKNOWN (not-found). */
  async show(visitId: string, scopes: readonly Scope[]) {
    const row = await this.parts.store.transact((transaction) =>
      transaction.rows(visitConfirmationTable).get({ visitId }),
    );
    const isSeen = ({ personId, accountPersonId }: VisitConfirmationRow): boolean =>
      isWithin(scopes, { person: personId }) || isWithin(scopes, { person: accountPersonId });
    if (!row || !isSeen(row)) throw unknown(visitId);
    const { personId, accountPersonId, state, askedAt, answerUntil, answeredAt, way } = row;
    return {
      ...{ visitId, personId, accountPersonId, state, askedAt, answerUntil },
      ...(answeredAt && { answeredAt }),
      ...(way && { way }),
    };
  }

  private fresh(
    { id, traceparent, data: { visitId, personId } }: Opened,
    {
      accountPersonId,
      lender,
      answerUntil,
    }: Pick<VisitConfirmationRow, 'accountPersonId' | 'answerUntil'> & {
      readonly lender: VisitLender | undefined;
    },
  ): VisitConfirmationRow {
    return {
      ...{ visitId, personId, accountPersonId, state: 'awaited', lender: lender ?? null },
      ...{ causationId: id, traceparent: traceparent ?? null, askedAt: this.parts.clock.now() },
      ...{ answerUntil, answeredAt: null, way: null, operator: null },
      ...{ nextAttemptAt: answerUntil, lease: 0 },
    };
  }

  private async end(
    transaction: Transaction,
    row: VisitConfirmationRow,
  ): Promise<VisitConfirmationRow> {
    const ended = { ...row, answeredAt: this.parts.clock.now(), nextAttemptAt: null };
    await transaction.rows(visitConfirmationTable).save(ended);
    this.parts.count(row.state);
    return ended;
  }

  /** The time is over; of a visit that was cancelled meanwhile nothing is left to decline. */
  private async late(
    transaction: Transaction,
    row: VisitConfirmationRow,
  ): Promise<VisitConfirmationRow> {
    const { visitId } = row;
    const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
    assert(hold, 'a confirmation stands beside a hold');
    const isWaiting = hold.status === 'asked';
    const state = isWaiting ? ('late' as const) : ('cancelled' as const);
    if (isWaiting)
      await this.waiting.decline(transaction, openedOf(row), hold, 'CONFIRMATION_LATE');
    this.parts.count(state);
    return { ...row, state, answeredAt: this.parts.clock.now(), nextAttemptAt: null };
  }
}

const unknown = (visitId: string): DomainError =>
  new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });

const openedOf = ({
  causationId,
  traceparent,
  visitId,
  personId,
}: VisitConfirmationRow): Opened => ({
  id: causationId,
  ...(traceparent !== null && { traceparent }),
  data: { visitId, personId },
});
