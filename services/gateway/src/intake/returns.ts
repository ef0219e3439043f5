import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type EventRow, eventTable } from './intake.table';
import type { Submission, SubmittedFact } from './submission';

type Return = Extract<SubmittedFact, { readonly type: 'ChargeReturned' }>;

/** Postings of one charge that are read: a hospital may repeat it under ids of its own. */
const POSTINGS_MAX = 100;
/** Decimals of a quantity. */
const DECIMALS = 4;

/** What the edge keeps of a charge and of its return. */
export const tabPartOf = (
  fact: SubmittedFact,
): Pick<EventRow, 'chargeId' | 'quantity' | 'amountFen'> => {
  if (fact.type === 'ChargePosted') {
    const { chargeId, quantity, amountFen } = fact.charge;
    return { chargeId, quantity, amountFen };
  }
  if (fact.type !== 'ChargeReturned') return { chargeId: null, quantity: null, amountFen: null };
  const { chargeId, quantity = null, amountFen = null } = fact;
  return { chargeId, quantity, amountFen };
};

/**
 * Refuses a return that takes more than its charge, as far as the edge knows the charge: one that
 * came by another way, or long ago, is the ledger's to judge. Throws RETURN_EXCEEDS_CHARGE
 * (conflict).
 */
export const checkReturns = async (
  transaction: Transaction,
  submission: Submission,
): Promise<void> => {
  const visitId = visitIdOf(submission.institutionId, submission.visitNumber);
  for (const [index, fact] of submission.facts.entries()) {
    if (fact.type !== 'ChargeReturned') continue;
    const posted = [
      ...(await transaction
        .rows(eventTable)
        .find(
          { visitId, chargeId: fact.chargeId, type: 'ChargePosted' },
          { countMax: POSTINGS_MAX },
        )),
      ...submission.facts
        .filter((other) => other.type === 'ChargePosted')
        .map(tabPartOf)
        .filter(({ chargeId }) => chargeId === fact.chargeId),
    ];
    const excess = posted.length > 0 ? excessOf(fact, posted) : undefined;
    if (excess) throw exceeds(submission, visitId, { index, excess });
  }
};

/** By which of the two a return takes more than any posting of its charge. */
const excessOf = (
  { quantity, amountFen }: Return,
  posted: readonly Pick<EventRow, 'quantity' | 'amountFen'>[],
): 'quantity' | 'amount' | undefined => {
  if (quantity !== undefined && posted.every((of) => scaled(quantity) > scaled(of.quantity ?? '0')))
    return 'quantity';
  if (amountFen !== undefined && posted.every((of) => amountFen > (of.amountFen ?? 0)))
    return 'amount';
  return undefined;
};

const scaled = (decimal: string): bigint => {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(DECIMALS, '0'));
};

const exceeds = (
  { door }: Submission,
  visitId: string,
  { index, excess }: { readonly index: number; readonly excess: 'quantity' | 'amount' },
): DomainError => {
  const hl7 = `FT1[${index + 1}]-${excess === 'quantity' ? 10 : 11}`;
  const json = excess === 'quantity' ? '/quantity' : '/amountFen';
  return new DomainError('RETURN_EXCEEDS_CHARGE', 'conflict', {
    visitId,
    field: door === 'mllp' ? hl7 : json,
    why: 'the return takes more than was charged',
    remedy: 'return at most what was charged and not returned yet',
  });
};
