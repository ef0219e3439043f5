import { type GuardianshipEnd, identityPersons, message } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { GuardianshipRow } from './guardianship.table';

const source = 'identity';

export const guardianAppointed = (row: GuardianshipRow) => {
  const { personId, guardianId, appointedAt: time, ofAdult } = row;
  const appointedAt = time.toISOString();
  const id = derivedId('GuardianAppointed', personId, guardianId, appointedAt);
  const data = { personId, guardianId, appointedAt, ...(ofAdult && { ofAdult }) };
  return message(identityPersons, 'GuardianAppointed', data, { id, time, source });
};

export const guardianshipEnded = (
  row: GuardianshipRow,
  reason: GuardianshipEnd,
  { at: time, goesOn }: { readonly at: Date; readonly goesOn: boolean },
) => {
  const { personId, guardianId } = row;
  const endedAt = time.toISOString();
  const id = derivedId('GuardianshipEnded', personId, guardianId, reason, endedAt);
  const data = { personId, guardianId, reason, endedAt, ...(goesOn && { goesOn }) };
  return message(identityPersons, 'GuardianshipEnded', data, { id, time, source });
};
