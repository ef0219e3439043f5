import { creditAccounts, message } from '@caretab/contracts';
import { type Clock, derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { lockDue } from '@caretab/work-queue';
import { accountTable } from '../account/account.table';
import type { LinePolicies } from '../policy/line-policies';
import type { ScoreQueries } from './score-queries';
import { type ScoreRow, scoreTable } from './score.table';

const BATCH_SIZE = 100;
const DAY_MS = 86_400_000;

/**
 * Says of each score that it expires, once, some days before, where the person has an open line.
 * Nothing leaves the transaction, so it needs no lease.
 */
export class ScoreWarnings {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policies: LinePolicies;
      readonly queries: ScoreQueries;
    },
  ) {}

  /** Returns how many scores it looked at; those that another process has locked are skipped. */
  runOnce(): Promise<number> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const due = await lockDue(transaction, {
        ...{ table: scoreTable, dueAt: 'warnAt', where: {}, now, countMax: BATCH_SIZE },
      });
      for (const row of due) await this.look(transaction, row, now);
      return due.length;
    });
  }

  /** Where the platform is asked for a later score, the citizen is notified a day later, if at all. */
  private async look(transaction: Transaction, row: ScoreRow, now: Date): Promise<void> {
    const isAsked = await this.parts.queries.beforeExpiry(transaction, row.personId);
    if (!isAsked) await this.warn(transaction, row, now);
    const warnAt = isAsked ? new Date(now.getTime() + DAY_MS) : null;
    await transaction.rows(scoreTable).save({ ...row, warnAt });
  }

  private async warn(
    transaction: Transaction,
    { personId, expiresAt }: ScoreRow,
    time: Date,
  ): Promise<void> {
    const account = await transaction.rows(accountTable).get({ accountPersonId: personId });
    if (account?.status !== 'open' || expiresAt === null) return;
    const { document } = this.parts.policies.inForce();
    const then = document.score?.whenExpired === 'stop' ? 'STOP' : 'KEEP';
    const data = { personId, expiresAt: expiresAt.toISOString(), then };
    // After a restore another policy may be in force: then it is another message.
    const id = derivedId('ScoreExpiring', personId, data.expiresAt, then);
    const options = { id, time, source: 'credit' };
    transaction.publish(message(creditAccounts, 'ScoreExpiring', data, options));
  }
}
