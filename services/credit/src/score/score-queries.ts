import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { freshSubject, subjectTable } from '../enrolment/enrolment.table';
import { mayAskScore } from '../enrolment/consent';
import type { CreditPlatform, ScoreAnswer } from './credit-platform';
import { type ScoreQueryRow, scoreQueryTable } from './score-query.table';
import { scoreTable } from './score.table';
import type { Scores } from './scores';

export interface ScoreQueriesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly scores: Scores;
  /** Absent: no platform is asked, and scores are pushed only. */
  readonly platform: CreditPlatform | undefined;
  /** Of an answer that is counted: its status, or why nothing was taken from it. */
  readonly count: (outcome: string) => void;
}

const LANES = 2;
/** Longer than one question may take. */
const LEASE_MS = 30_000;
const DELAYS_MS = [5_000, 30_000, 5 * 60_000, 3_600_000, 6 * 3_600_000];
const ATTEMPTS_MAX = 12;
/** What has been answered is not asked again for so long. */
const ANSWERED_MS = 3_600_000;
/** The platform itself said it, by its signature: the second approval that a change needs. */
const PLATFORM = 'credit-platform';

/**
 * Asks the credit platform for a score: where an enrolment needs one, and before one expires. Never
 * without the person's consent to the query, which is looked at again before each question and before
 * an answer is taken.
 */
export class ScoreQueries {
  private readonly queue: WorkQueue<ScoreQueryRow, ScoreQueryRow, ScoreAnswer>;

  constructor(private readonly parts: ScoreQueriesParts) {
    const { store, clock } = parts;
    this.queue = new WorkQueue<ScoreQueryRow, ScoreQueryRow, ScoreAnswer>({
      ...{ store, clock, table: scoreQueryTable, key: 'personId', lanes: LANES, leaseMs: LEASE_MS },
      plans: [{ where: {}, waitMaxMs: DELAYS_MS.at(-1)! }],
      begin: (transaction, rows) => this.begin(transaction, rows),
      work: async (row) => {
        const { queryId, personId } = row;
        await this.queue.record(row, await parts.platform!.ask({ queryId, personId }));
      },
      record: (transaction, row, answer) => this.record(transaction, row, answer),
    });
  }

  /** Asks what is due; returns how many it looked at. */
  runOnce(): Promise<number> {
    return this.parts.platform ? this.queue.runOnce() : Promise.resolve(0);
  }

  /**
   * An enrolment that an activation asked for found no score, or an expired one: with the activation
   * the person gave all consents. Returns whether a question begins.
   */
  forEnrolment(personId: string, consentRevision: number): Promise<boolean> {
    return this.parts.store.transact(async (transaction) => {
      const subjects = transaction.rows(subjectTable);
      const known = await subjects.get({ personId }, { lock: 'wait' });
      const subject = known ?? freshSubject(personId);
      if (!known || consentRevision < subject.consentRevision) return false;
      const isLater = consentRevision > subject.consentRevision;
      if (!isLater && subject.revoked.length > 0) return false;
      const revoked = isLater ? [] : subject.revoked;
      await subjects.save({ ...subject, revoked, consentRevision, scoreConsent: true });
      return this.ask(transaction, personId, 'enrolment');
    });
  }

  /** The score expires: it is asked for once, where the person agreed to that. */
  async beforeExpiry(transaction: Transaction, personId: string): Promise<boolean> {
    const subject = await transaction.rows(subjectTable).get({ personId });
    return mayAskScore(subject) && this.ask(transaction, personId, 'expiring');
  }

  private async ask(
    transaction: Transaction,
    personId: string,
    why: ScoreQueryRow['why'],
  ): Promise<boolean> {
    if (!this.parts.platform) return false;
    const now = this.parts.clock.now();
    const rows = transaction.rows(scoreQueryTable);
    const score = await transaction.rows(scoreTable).get({ personId });
    // One question for each occasion: for the score that expires, or for a first one, of a day.
    const occasion = (score?.scoredAt ?? now).toISOString().slice(0, score ? 24 : 10);
    const fresh: ScoreQueryRow = {
      ...{ personId, why, queryId: derivedId('score-query', personId, why, occasion) },
      ...{ askedSince: now, attempts: 0, nextAttemptAt: now, lease: 0 },
      ...{ outcome: null, answeredAt: null },
    };
    if (await rows.insertIfAbsent(fresh)) return true;
    const known = await rows.get({ personId }, { lock: 'wait' });
    if (!known || known.nextAttemptAt !== null) return false;
    const answeredMs = now.getTime() - (known.answeredAt?.getTime() ?? 0);
    if (answeredMs < ANSWERED_MS || known.queryId === fresh.queryId) return false;
    await rows.save({ ...fresh, lease: known.lease });
    return true;
  }

  private async begin(
    transaction: Transaction,
    rows: readonly ScoreQueryRow[],
  ): Promise<Claimed<ScoreQueryRow, ScoreQueryRow>[]> {
    const personIds = rows.map(({ personId }) => personId);
    const subjects = await transaction.rows(subjectTable).find({ personId: { in: personIds } });
    const agreed = new Set(subjects.filter(mayAskScore).map(({ personId }) => personId));
    return rows.map((row) =>
      agreed.has(row.personId) ? { row, item: row } : { row: this.ended(row, 'no-consent') },
    );
  }

  private async record(
    transaction: Transaction,
    row: ScoreQueryRow,
    answer: ScoreAnswer,
  ): Promise<void> {
    const outcome = await this.take(transaction, row.personId, answer);
    this.parts.count(outcome);
    const isOver = outcome === 'taken' || outcome === 'unknown' || outcome === 'no-consent';
    const attempts = row.attempts + 1;
    const next = isOver || attempts >= ATTEMPTS_MAX ? this.ended(row, outcome) : this.later(row);
    await transaction.rows(scoreQueryTable).save({ ...next, attempts, outcome });
  }

  /** What became of an answer: a code. */
  private async take(
    transaction: Transaction,
    personId: string,
    answer: ScoreAnswer,
  ): Promise<string> {
    if (answer.status === 'contradiction') return answer.reason;
    if (answer.status !== 'scored') return answer.status;
    const subject = await transaction.rows(subjectTable).get({ personId });
    if (!mayAskScore(subject)) return 'no-consent';
    const before = await transaction.rows(scoreTable).get({ personId });
    // The platform has none yet that is later than the known one.
    if (before?.scoredAt.getTime() === answer.scored.scoredAt.getTime()) return 'SCORE_THE_SAME';
    try {
      const scored = { ...answer.scored, approvedBy: PLATFORM };
      await this.parts.scores.putIn(transaction, personId, scored);
      return 'taken';
    } catch (error) {
      // Nothing of it was written: an earlier one, one that is over, or dimensions of another model.
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  }

  private later(row: ScoreQueryRow): ScoreQueryRow {
    const delayMs = retryDelayMs(DELAYS_MS, row.attempts, row.queryId);
    return { ...row, nextAttemptAt: new Date(this.parts.clock.now().getTime() + delayMs) };
  }

  private ended(row: ScoreQueryRow, outcome: string): ScoreQueryRow {
    return { ...row, outcome, nextAttemptAt: null, answeredAt: this.parts.clock.now() };
  }
}
