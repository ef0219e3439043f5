import { identityPersons, message } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';

const source = 'identity';

export const personRegistered = (personId: string, minor: boolean, time: Date) => {
  const registeredAt = time.toISOString();
  const id = derivedId('PersonRegistered', personId, registeredAt);
  const data = { personId, minor, registeredAt };
  return message(identityPersons, 'PersonRegistered', data, { id, time, source });
};

export const personalDataDestroyed = (
  data: { readonly personId: string; readonly erasureId: string; readonly blindIndexes: string[] },
  time: Date,
) => {
  const id = derivedId('PersonalDataDestroyed', data.erasureId);
  const destroyed = { ...data, destroyedAt: time.toISOString() };
  return message(identityPersons, 'PersonalDataDestroyed', destroyed, { id, time, source });
};
