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

type TabPart = Pick<EventRow, 'chargeId' | 'quantity' | 'amountFen' | 'dispensed'>;

/** What the edge keeps of a charge and of its return. */
export const tabPartOf = (fact: SubmittedFact): TabPart => {
  if (fact.type === 'ChargePosted') {
    const { chargeId, quantity, amountFen, dispensed = null } = fact.charge;
    return { chargeId, quantity, amountFen, dispensed };
  }
  if (fact.type !== 'ChargeReturned')
    return { chargeId: null, quantity: null, amountFen: null, dispensed: null };
  const { chargeId, quantity = null, amountFen = null } = fact;
  return { chargeId, quantity, amountFen, dispensed: null };
};

/**
 * Refuses a return that takes more than its charge, and one of a dispensed drug that the pharmacy
 * does not have back, as far as the edge knows the charge: one that came by another way, or long
 * ago, is the ledger's to judge. Throws RETURN_EXCEEDS_CHARGE, DRUG_DISPENSED (conflict).
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
    if (posted.length === 0) continue;
    if (!fact.returnedToPharmacy && posted.every(({ dispensed }) => dispensed))
      throw isDispensed(submission, visitId, fact.chargeId);
    const excess = excessOf(fact, posted);
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

const isDispensed = ({ door }: Submission, visitId: string, chargeId: string): DomainError =>
  new DomainError('DRUG_DISPENSED', 'conflict', {
    visitId,
    chargeId,
    field: door === 'mllp' ? 'ORC-1' : '/returnedToPharmacy',
    why: 'the charge is a dispensed drug, and the return does not state that the pharmacy has it',
    remedy:
      door === 'mllp'
        ? 'once the pharmacy has the drug back, send an ORC after the FT1 with ORC-1 OC, CR, OD or DR'
        : 'once the pharmacy has the drug back, send the return with returnedToPharmacy: true',
  });

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
