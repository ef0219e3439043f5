import { businessDateOf, type InsurerAnswer } from '@caretab/contracts';
import { type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Where } from '@caretab/store';
import {
  type AnswerRow,
  answerTable,
  deductionTable,
  type StandingRow,
  standingTable,
} from './answer.table';
import { countAnswer } from './metrics';
import { assertWithinLines } from './line-parts';
import { type Answer, answered, openFen } from './standing';
import { endDeductions } from './standings';

const PAGE_SETTLEMENTS = 100;
/** Queries, replies, verdicts and remittances of one settlement together. */
const ANSWERS_MAX = 200;

/** Who asks: the insurer whose settlement it is, or the hospital. */
export type Side = { readonly payerId: string } | { readonly institutionId: string };

const fenceOf = (side: Side) => ({
  within: ['payerId' in side ? { payer: side.payerId } : { institution: side.institutionId }],
});

const shownStanding = ({ answers: _, ...row }: StandingRow) => ({
  ...row,
  openFen: openFen(row),
});

const shownAnswer = ({ by, answer, givenAt }: AnswerRow) => ({
  ...(answer as Answer),
  ...{ by, at: givenAt },
});

/** What insurers say of settlements, and hospitals reply; each answer once. */
export class Answers {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes an answer of an insurer, or a hospital's reply. The same again changes nothing. Throws
   * SETTLEMENT_UNKNOWN (not-found), ANSWER_CONFLICT, ANSWER_NOT_POSSIBLE, SETTLEMENT_NOT_CURRENT
   * (conflict), ANSWER_ABOVE_POSTED, ANSWER_DAY_TO_COME (invalid).
   */
  give(side: Side, settlementId: string, answer: Answer, givenBy: string) {
    const by = 'payerId' in side ? 'insurer' : 'hospital';
    const hash = contentHash(answer);
    return this.store.transact(async (transaction) => {
      const row = await this.known(transaction, side, settlementId, 'wait');
      const rows = transaction.rows(answerTable);
      const { answerId, kind } = answer;
      const same = await rows.get({ settlementId, by, answerId });
      if (same && same.contentHash !== hash)
        throw new DomainError('ANSWER_CONFLICT', 'conflict', { settlementId, answerId });
      if (same) return this.shown(transaction, row);
      const next = await this.after(transaction, row, answer);
      const place = row.answers;
      await rows.insert({
        ...{ settlementId, by, answerId, place, answer, contentHash: hash },
        ...{ givenBy, givenAt: this.clock.now() },
      });
      await transaction.rows(standingTable).save(next);
      countAnswer(kind, 'reason' in answer ? answer.reason : 'none');
      return this.shown(transaction, next);
    });
  }

  /** Throws SETTLEMENT_UNKNOWN (not-found). */
  of(side: Side, settlementId: string) {
    return this.store.transact(
      async (transaction) =>
        this.shown(transaction, await this.known(transaction, side, settlementId)),
      fenceOf(side),
    );
  }

  list(side: Side, state: StandingRow['state'], after?: string) {
    return this.store.transact(async (transaction) => {
      const where: Where<StandingRow> = { ...side, state };
      const { rows, next } = await transaction.rows(standingTable).page(where, {
        countMax: PAGE_SETTLEMENTS,
        after: after === undefined ? undefined : { settlementId: after },
      });
      return {
        settlements: rows.map(shownStanding),
        ...(next && { next: next.settlementId! }),
      };
    }, fenceOf(side));
  }

  /** The row after the answer; deductions are written as its verdict says. */
  private async after(
    transaction: Transaction,
    row: StandingRow,
    answer: Answer,
  ): Promise<StandingRow> {
    const now = this.clock.now();
    const today = businessDateOf(now);
    if (answer.kind === 'remit' && answer.day > today)
      throw new DomainError('ANSWER_DAY_TO_COME', 'invalid', {
        field: '/day',
        why: 'what is paid on a later day is not remitted yet; send it on that day',
      });
    const next = answered(row, answer);
    if (row.answers >= ANSWERS_MAX)
      throw new DomainError('ANSWER_NOT_POSSIBLE', 'conflict', {
        ...{ state: row.state, why: `a settlement takes at most ${ANSWERS_MAX} answers` },
      });
    if (answer.kind === 'accept' || answer.kind === 'adjust' || answer.kind === 'reject')
      await this.deduct(transaction, row, answer, now);
    return { ...row, ...next, answers: row.answers + 1, answeredAt: now };
  }

  private async deduct(
    transaction: Transaction,
    row: StandingRow,
    answer: Extract<InsurerAnswer, { kind: 'accept' | 'adjust' | 'reject' }>,
    now: Date,
  ): Promise<void> {
    const { settlementId, payerId, planId, institutionId, visitId, revision } = row;
    await endDeductions(transaction, settlementId, now);
    if (answer.kind === 'accept') return;
    const deductions =
      answer.kind === 'reject' ? [{ amountFen: row.postedFen }] : answer.deductions;
    await assertWithinLines(transaction, row, deductions);
    await transaction.rows(deductionTable).insert(
      ...deductions.map(({ amountFen, ...of }, at) => ({
        deductionId: derivedId('Deduction', settlementId, answer.answerId, String(at)),
        ...{ settlementId, payerId, planId, institutionId, visitId, revision },
        chargeId: 'chargeId' in of ? (of.chargeId ?? null) : null,
        ...{ amountFen, reason: answer.reason },
        ...{ businessDate: businessDateOf(now), endedAt: null },
      })),
    );
  }

  private async known(
    transaction: Transaction,
    side: Side,
    settlementId: string,
    lock?: 'wait',
  ): Promise<StandingRow> {
    const where: Where<StandingRow> = { settlementId, ...side };
    const row = await transaction.rows(standingTable).get(where, lock && { lock });
    if (!row) throw new DomainError('SETTLEMENT_UNKNOWN', 'not-found', { settlementId });
    return row;
  }

  private async shown(transaction: Transaction, row: StandingRow) {
    const { settlementId } = row;
    const rows = await transaction.rows(answerTable).find({ settlementId }, { orderBy: 'place' });
    return { settlement: shownStanding(row), answers: rows.map(shownAnswer) };
  }
}
