import type { Adjudication } from '@caretab/benefits';
import { assert, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Adjudicator, VerdictQuestion } from './adjudicator';

const sum = (amounts: readonly number[]): number => amounts.reduce((total, fen) => total + fen, 0);

const addsUp = ({ lines }: VerdictQuestion, verdict: Adjudication): boolean => {
  const gross = sum(lines.map(({ amountFen }) => amountFen));
  const borne = sum(verdict.payers.map(({ amountFen }) => amountFen));
  return (
    verdict.lines.length === lines.length &&
    verdict.totals.grossFen === gross &&
    borne + verdict.patientDueFen === gross &&
    sum(verdict.lines.map(({ patientFen }) => patientFen)) === verdict.patientDueFen &&
    sum(verdict.lines.map(({ payersFen }) => payersFen)) === borne
  );
};

/**
 * The verdict of who decides. Throws VERDICT_AWAITED (awaited) until there is one; stops where it
 * does not add up.
 */
export const verdictBy = async (
  adjudicator: Adjudicator,
  question: VerdictQuestion,
  transaction: Transaction,
): Promise<Adjudication> => {
  const { visitId, revision } = question;
  const answer = await adjudicator.adjudicate(question, transaction);
  if (answer.state === 'awaited')
    throw new DomainError('VERDICT_AWAITED', 'awaited', { visitId, revision });
  assert(addsUp(question, answer.verdict), 'a verdict adds up to what was charged');
  return answer.verdict;
};
