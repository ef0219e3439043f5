import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import type { Facts } from './notice.table';
import { type Notices, occurrence } from './notices';

type VisitEvent<Type extends keyof typeof visitLedgerVisits.events> = ContractEvent<
  typeof visitLedgerVisits,
  Type
>;

/** Asks who a patient may be whom no one knew; in a child's place the guardian. */
export const patientAsked = async (
  notices: Notices,
  transaction: Transaction,
  proposed: VisitEvent<'PatientProposed'>,
): Promise<void> => {
  const { visitId, personId, linkId, startedAt, chargedFen } = proposed.data;
  const readerId = await notices.readerOf(transaction, personId);
  const facts = { visitId, linkId, startedAt, amountFen: chargedFen };
  await notices.notifyAccount(transaction, readerId, occurrence(proposed, 'patient-check', facts));
};

/** What its hospital learns. Nothing of who was asked. */
export const deniedIn = ({ data }: VisitEvent<'PatientDenied'>): Facts => {
  const { visitId, linkId, reason, deniedAt } = data;
  return { visitId, linkId, reason, deniedAt };
};

export const identifiedIn = ({ data }: VisitEvent<'PatientIdentified'>): Facts => {
  const { visitId, linkId, identifiedAt } = data;
  return { visitId, linkId, identifiedAt };
};
