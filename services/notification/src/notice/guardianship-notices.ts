import type { ContractEvent, identityPersons } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { type Notices, occurrence } from './notices';

/** To who was the guardian that it is over, and to a ward who came of age what follows. */
export const guardianshipOver = async (
  notices: Notices,
  transaction: Transaction,
  ended: ContractEvent<typeof identityPersons, 'GuardianshipEnded'>,
): Promise<void> => {
  const { personId, guardianId, reason, goesOn } = ended.data;
  if (goesOn) return;
  const over = occurrence(ended, 'guardianship-ended', {});
  await notices.notifyAccount(transaction, guardianId, over);
  if (reason === 'CAME_OF_AGE')
    await notices.notifyAccount(transaction, personId, occurrence(ended, 'came-of-age', {}));
};
