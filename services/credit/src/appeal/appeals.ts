import { creditAccounts, message } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import { scoreTable } from '../score/score.table';
import type { Scores } from '../score/scores';
import { type AppealRow, appealTable } from './appeal.table';

export type AppealDecision =
  | { readonly outcome: 'stands'; readonly why: string }
  | {
      readonly outcome: 'overridden';
      readonly score: number;
      readonly scoredAt: Date;
      readonly why: string;
    };

const PAGE_APPEALS = 100;
const DAY_MS = 86_400_000;

/**
 * Appeals against scores: who opened one, who works on it, and how it ended. Locks are taken in the
 * order appeal, score, account.
 */
export class Appeals {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly scores: Scores;
    },
  ) {}

  /**
   * Opens an appeal against the score that is known. One against the same score, open or decided, is
   * given again. Throws SCORE_UNKNOWN (not-found).
   */
  open(
    personId: string,
    ground: AppealRow['ground'],
    openedBy: string,
  ): Promise<{ readonly appeal: ShownAppeal; readonly created: boolean }> {
    return this.parts.store.transact(async (transaction) => {
      const known = await transaction.rows(scoreTable).get({ personId });
      if (!known) throw new DomainError('SCORE_UNKNOWN', 'not-found', { personId });
      const { score, scoredAt } = known;
      const fresh: AppealRow = {
        appealId: derivedId('score appeal', personId, scoredAt.toISOString()),
        ...{ personId, score, scoredAt, ground, status: 'open' },
        ...{ openedBy, openedAt: this.parts.clock.now(), owner: null },
        ...{ outcome: null, newScore: null, why: null },
        ...{ decidedBy: null, approvedBy: null, decidedAt: null },
      };
      const created = await transaction.rows(appealTable).insertIfAbsent(fresh);
      const row = await transaction.rows(appealTable).get({ appealId: fresh.appealId });
      return { appeal: this.shown(row!), created };
    });
  }

  /** A person's, the latest first. */
  async ofPerson(
    personId: string,
    within?: readonly Whose[],
  ): Promise<{ readonly appeals: ShownAppeal[] }> {
    const rows = await this.parts.store.transact(
      (transaction) =>
        transaction
          .rows(appealTable)
          .find({ personId }, { orderBy: 'openedAt', descending: true, countMax: PAGE_APPEALS }),
      { within },
    );
    return { appeals: rows.map((row) => this.shown(row)) };
  }

  /** Those that are open, the oldest first. Throws REQUEST_INVALID (invalid): `after` is none of ours. */
  list(after?: string): Promise<{ readonly appeals: ShownAppeal[]; readonly next?: string }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(appealTable).page(
        { status: 'open' },
        {
          ...{ orderBy: 'openedAt', countMax: PAGE_APPEALS },
          after: after === undefined ? undefined : cursorOf(after),
        },
      );
      return {
        appeals: rows.map((row) => this.shown(row)),
        ...(next && { next: `${next.openedAt!.toISOString()} ${next.appealId!}` }),
      };
    });
  }

  /** Throws SCORE_APPEAL_UNKNOWN (not-found), SCORE_APPEAL_DECIDED (conflict). */
  own(appealId: string, owner: string): Promise<ShownAppeal> {
    return this.parts.store.transact(async (transaction) => {
      const owned = { ...(await locked(transaction, appealId)), owner };
      await transaction.rows(appealTable).save(owned);
      return this.shown(owned);
    });
  }

  /**
   * Ends an appeal; where it overrides the score, by two persons, and the open line follows. Throws
   * SCORE_APPEAL_UNKNOWN (not-found), SCORE_APPEAL_DECIDED, APPROVAL_NEEDED and what a score can
   * (conflict).
   */
  decide(
    appealId: string,
    decision: AppealDecision,
    {
      decidedBy,
      approvedBy,
    }: { readonly decidedBy: string; readonly approvedBy?: string | undefined },
  ): Promise<ShownAppeal> {
    return this.parts.store.transact(async (transaction) => {
      const row = await locked(transaction, appealId);
      const { outcome, why } = decision;
      const decidedAt = this.parts.clock.now();
      const { personId } = row;
      if (outcome === 'overridden') {
        if (approvedBy === undefined)
          throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
        const { score, scoredAt } = decision;
        await this.parts.scores.putIn(transaction, personId, { score, scoredAt, approvedBy });
      }
      const decided: AppealRow = {
        ...row,
        ...{ status: 'decided', owner: row.owner ?? decidedBy, outcome, why, decidedBy, decidedAt },
        ...{ newScore: outcome === 'overridden' ? decision.score : null },
        ...{ approvedBy: outcome === 'overridden' ? approvedBy! : null },
      };
      await transaction.rows(appealTable).save(decided);
      const data = { personId, appealId, outcome: outcome.toUpperCase() };
      const id = derivedId('ScoreAppealDecided', appealId, outcome, decidedAt.toISOString());
      const options = { id, time: decidedAt, source: 'credit' };
      transaction.publish(
        message(
          creditAccounts,
          'ScoreAppealDecided',
          { ...data, decidedAt: decidedAt.toISOString() },
          options,
        ),
      );
      return this.shown(decided);
    });
  }

  /** How many wait for a decision, and since when the first of them does. */
  waiting(): Promise<{ readonly count: number; readonly oldest: Date | undefined }> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(appealTable);
      const [first] = await rows.find({ status: 'open' }, { orderBy: 'openedAt', countMax: 1 });
      return { count: await rows.count({ status: 'open' }), oldest: first?.openedAt };
    });
  }

  private shown(row: AppealRow): ShownAppeal {
    const until = row.decidedAt ?? this.parts.clock.now();
    const ageDays = Math.floor((until.getTime() - row.openedAt.getTime()) / DAY_MS);
    return { ...row, ageDays: Math.max(0, ageDays) };
  }
}

/** An appeal, and for how many days it was or is open. */
export type ShownAppeal = AppealRow & { readonly ageDays: number };

const locked = async (transaction: Transaction, appealId: string): Promise<AppealRow> => {
  const row = await transaction.rows(appealTable).get({ appealId }, { lock: 'wait' });
  if (!row) throw new DomainError('SCORE_APPEAL_UNKNOWN', 'not-found', { appealId });
  if (row.status === 'decided')
    throw new DomainError('SCORE_APPEAL_DECIDED', 'conflict', { appealId });
  return row;
};

const cursorOf = (text: string): Partial<AppealRow> => {
  const [at = '', appealId] = text.split(' ');
  const openedAt = new Date(at);
  if (appealId === undefined || Number.isNaN(openedAt.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is no `next` of a page' }],
    });
  return { openedAt, appealId };
};
