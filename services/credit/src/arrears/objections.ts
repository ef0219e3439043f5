import { creditAccounts, message } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Cursor, Page, Store, Transaction, Whose } from '@caretab/store';
import { billedTo } from '../hold/hold';
import type { Arrears } from './arrears';
import {
  type ArrearsRow,
  arrearsTable,
  type DefaultReportRow,
  defaultReportTable,
  type ObjectionGround,
} from './arrears.table';

const PAGE_ROWS = 100;
const LATEST_ROWS = 100;
/** A report is shown once no transaction can still add one of an earlier moment. */
const SETTLES_MS = 60_000;

interface Which {
  readonly personId: string;
  readonly visitId: string;
}

/** What a citizen sees of dues in arrears and says against their report, and who decides. */
export class Objections {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly arrears: Arrears;
    },
  ) {}

  /** A person's, the latest first. */
  ofPerson(accountPersonId: string, within?: readonly Whose[]): Promise<ArrearsRow[]> {
    return this.parts.store.transact(
      (transaction) =>
        transaction
          .rows(arrearsTable)
          .find({ accountPersonId }, { orderBy: 'since', descending: true, countMax: LATEST_ROWS }),
      { within },
    );
  }

  /** Those that wait for a decision, the oldest first; or all that are owed. */
  list(
    objection: 'open' | undefined,
    after: Cursor<ArrearsRow> | undefined,
  ): Promise<Page<ArrearsRow, ArrearsRow>> {
    const where = objection ? { objection, endedAt: null } : { endedAt: null };
    return this.parts.store.transact((transaction) =>
      transaction.rows(arrearsTable).page(where, { orderBy: 'since', countMax: PAGE_ROWS, after }),
    );
  }

  /** What the credit authority is given, the oldest first; the last minute is left out. */
  reports(
    after: Cursor<DefaultReportRow> | undefined,
  ): Promise<Page<DefaultReportRow, DefaultReportRow>> {
    const until = new Date(this.parts.clock.now().getTime() - SETTLES_MS);
    return this.parts.store.transact((transaction) =>
      transaction
        .rows(defaultReportTable)
        .page({ at: { lte: until } }, { orderBy: 'at', countMax: PAGE_ROWS, after }),
    );
  }

  /**
   * The citizen objects: nothing is reported before it is decided. Once for each default; the same again
   * changes nothing. Throws ARREARS_UNKNOWN (not-found), OBJECTION_DECIDED (conflict).
   */
  object(which: Which, ground: ObjectionGround, objectedBy: string): Promise<ArrearsRow> {
    return this.change(which, (row) => {
      if (row.objection === 'open') return row;
      if (row.objection !== null)
        throw new DomainError('OBJECTION_DECIDED', 'conflict', { ...which });
      const objectedAt = this.parts.clock.now();
      return { ...row, objection: 'open', ground, objectedAt, objectedBy };
    });
  }

  /**
   * Upheld: no default is reported, and one that was is taken back. Else the report comes, at the
   * earliest now. Throws ARREARS_UNKNOWN (not-found), OBJECTION_NOT_OPEN (conflict).
   */
  decide(
    which: Which,
    decision: {
      readonly outcome: 'stands' | 'upheld';
      readonly why: string;
      readonly decidedBy: string;
    },
  ): Promise<ArrearsRow> {
    return this.change(which, async (row, transaction) => {
      if (row.objection !== 'open')
        throw new DomainError('OBJECTION_NOT_OPEN', 'conflict', { ...which });
      const { outcome, why, decidedBy } = decision;
      if (outcome === 'upheld')
        await this.parts.arrears.takeBack(transaction, row, 'OBJECTION_UPHELD');
      const decidedAt = this.parts.clock.now();
      const { visitId } = row;
      const data = { personId: billedTo(row), visitId, outcome: outcome.toUpperCase() };
      const id = derivedId('ObjectionDecided', visitId, outcome, decidedAt.toISOString());
      transaction.publish(
        message(
          creditAccounts,
          'ObjectionDecided',
          { ...data, decidedAt: decidedAt.toISOString() },
          { id, time: decidedAt, source: 'credit' },
        ),
      );
      return { ...row, objection: outcome, why, decidedBy, decidedAt };
    });
  }

  /** How many objections wait, and since when the first of them does; how many dues are in arrears. */
  waiting(): Promise<{ readonly open: number; readonly count: number; readonly oldest?: Date }> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(arrearsTable);
      const where = { objection: 'open' as const, endedAt: null };
      const [first] = await rows.find(where, { orderBy: 'objectedAt', countMax: 1 });
      return {
        open: await rows.count({ endedAt: null }),
        count: await rows.count(where),
        ...(first?.objectedAt && { oldest: first.objectedAt }),
      };
    });
  }

  private change(
    { personId, visitId }: Which,
    work: (row: ArrearsRow, transaction: Transaction) => ArrearsRow | Promise<ArrearsRow>,
  ): Promise<ArrearsRow> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(arrearsTable);
      const known = await rows.get({ visitId }, { lock: 'wait' });
      const isTheirs = known && [known.accountPersonId, billedTo(known)].includes(personId);
      if (!isTheirs || known.endedAt !== null)
        throw new DomainError('ARREARS_UNKNOWN', 'not-found', { personId, visitId });
      const changed = await work(known, transaction);
      const row = { ...changed, nextAt: this.parts.arrears.nextOf(changed) };
      await rows.save(row);
      return row;
    });
  }
}
