import { DECISION_WAIT_MS_MAX, type InterfaceProfile } from '@caretab/contracts';
import { decisionText } from '../api/decision';
import { hospitalOf } from '../api/institution.guard';
import type { AskedCharge, DecisionsOn } from '../api/visit-ledger.adapter';
import type { Receipt } from '../intake/receipt';
import type { MergeReceipt } from '../intake/merges';
import type { Submission } from '../intake/submission';
import type { AckCode, Answer } from './answer';
import type { LooseHeader } from './header';
import type { Translation } from './translate';

/** What was taken of a message, and what it says. */
export type Taken =
  (Receipt & Pick<Submission, 'facts'> & Pick<Translation, 'warnings'>) | MergeReceipt;

/** The answer to a message that was replayed. */
export type Replayed = Receipt | MergeReceipt;

/** Charges that were taken: the ledger decides on them. */
export interface TakenCharges {
  /** Which hospital sent them. */
  readonly institutionId: string;
  readonly visitId: string;
  readonly charges: readonly AskedCharge[];
}

export type Judgement = Answer & { readonly code: AckCode };

/** A message that was taken or refused, and its answer. */
export interface Judged {
  readonly header: LooseHeader;
  readonly profile: InterfaceProfile | undefined;
  readonly answer: Judgement;
  readonly charges?: TakenCharges | undefined;
}

/** Of a message that was only judged there is nothing to decide. */
export const chargesOf = (taken: Taken, institutionId: string): TakenCharges | undefined => {
  if ('merged' in taken) return undefined;
  const { visitId, facts, test } = taken;
  const charges = facts.flatMap((fact) =>
    fact.type === 'ChargePosted'
      ? [{ chargeId: fact.charge.chargeId, amountFen: fact.charge.amountFen }]
      : [],
  );
  return test || charges.length === 0 ? undefined : { institutionId, visitId, charges };
};

/**
 * The answers of enhanced mode; where MSH-16 asks for the application acknowledgement, it waits for
 * the ledger's decision and says it.
 */
export const withDecision = async (
  answers: readonly Answer[],
  { header, profile, charges }: Judged,
  decisionsOn: DecisionsOn,
): Promise<readonly Answer[]> => {
  const isAsked = profile?.acknowledgement === 'enhanced' && header.applicationAck !== '';
  if (!charges || !isAsked || !answers.some(({ code }) => code === 'AA')) return answers;
  const decisions = await decisionsOn(charges.visitId, charges.charges, {
    waitMs: DECISION_WAIT_MS_MAX,
    carried: hospitalOf(charges.institutionId),
  });
  return answers.map((one) =>
    one.code === 'AA' ? { ...one, text: `${one.text}, ${decisionText(decisions)}` } : one,
  );
};
