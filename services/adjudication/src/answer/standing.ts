import type { InsurerAnswer, SettlementState } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';

/** How a settlement stands between its insurer and its hospital. Whole fen. */
export interface Standing {
  readonly state: SettlementState;
  readonly postedFen: number;
  readonly deductedFen: number;
  readonly remittedFen: number;
}

export interface HospitalReply {
  readonly answerId: string;
  readonly kind: 'reply';
  readonly text: string;
}
export type Answer = InsurerAnswer | HospitalReply;

export const openFen = ({ postedFen, deductedFen, remittedFen }: Standing): number =>
  postedFen - deductedFen - remittedFen;

const notPossible = ({ state }: Standing, why: string): DomainError =>
  new DomainError('ANSWER_NOT_POSSIBLE', 'conflict', { state, why });

const abovePosted = (field: string, why: string): DomainError =>
  new DomainError('ANSWER_ABOVE_POSTED', 'invalid', { field, why });

const sumOf = (deductions: readonly { readonly amountFen: number }[]): number =>
  deductions.reduce((sum, { amountFen }) => sum + amountFen, 0);

/** What the whole bears; a line's own limit is checked by who knows the lines. */
const deductedBy = (
  { postedFen }: Standing,
  answer: Extract<InsurerAnswer, { kind: 'accept' | 'adjust' | 'reject' }>,
): number => {
  if (answer.kind !== 'adjust') return answer.kind === 'reject' ? postedFen : 0;
  const deducted = sumOf(answer.deductions);
  if (deducted > postedFen)
    throw abovePosted('/deductions', 'more is deducted than was posted; deduct its amount at most');
  if (deducted === postedFen)
    throw abovePosted('/deductions', 'all is deducted; that is a rejection: answer with reject');
  return deducted;
};

const VERDICTS = { accept: 'accepted', adjust: 'adjusted', reject: 'rejected' } as const;

const remitted = (
  standing: Standing,
  { amountFen }: Extract<InsurerAnswer, { kind: 'remit' }>,
): Standing => {
  if (standing.state !== 'accepted' && standing.state !== 'adjusted')
    throw notPossible(standing, 'what is accepted or adjusted is remitted; answer with that first');
  if (amountFen > openFen(standing))
    throw abovePosted('/amountFen', 'more is remitted than is open; remit what is open at most');
  const next = { ...standing, remittedFen: standing.remittedFen + amountFen };
  return { ...next, state: openFen(next) === 0 ? 'remitted' : standing.state };
};

/**
 * How a settlement stands after an answer. Throws SETTLEMENT_NOT_CURRENT, ANSWER_NOT_POSSIBLE
 * (conflict), ANSWER_ABOVE_POSTED (invalid).
 */
export const answered = (standing: Standing, answer: Answer): Standing => {
  const { state } = standing;
  if (state === 'cancelled') throw new DomainError('SETTLEMENT_NOT_CURRENT', 'conflict');
  if (answer.kind === 'reply') {
    if (state !== 'queried') throw notPossible(standing, 'the insurer asks nothing');
    return { ...standing, state: 'replied' };
  }
  if (answer.kind === 'remit') return remitted(standing, answer);
  if (standing.remittedFen > 0)
    throw notPossible(standing, 'something of it is remitted; its verdict stays');
  if (answer.kind === 'query') {
    if (state !== 'submitted' && state !== 'replied')
      throw notPossible(standing, 'it is queried already, or has its verdict');
    return { ...standing, state: 'queried' };
  }
  const deductedFen = deductedBy(standing, answer);
  return { ...standing, state: VERDICTS[answer.kind], deductedFen };
};

/** A further revision took the settlement back whole: nothing of it is owed, or deducted. */
export const cancelledOf = (standing: Standing): Standing => ({
  ...standing,
  ...{ state: 'cancelled', postedFen: 0, deductedFen: 0 },
});
