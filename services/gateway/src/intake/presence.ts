import type { InterfaceProfile, Presence } from '@caretab/contracts';
import type { Credential, Submission } from './submission';

/** What a credential shows by itself: a code is made for the moment, a number can be known. */
export const presenceBy = ({ type }: Pick<Credential, 'type'>): Presence =>
  type === 'qr' ? 'code' : 'typed';

const isReader = (
  said: Presence,
  { presenceReaders = [] }: InterfaceProfile,
): said is NonNullable<InterfaceProfile['presenceReaders']>[number] =>
  (presenceReaders as readonly Presence[]).includes(said);

/**
 * How a person is present at an opening. HL7 has no field for it: the profile says how. Over HTTP
 * the hospital's word counts where its profile has such a reader, and always where it says `typed`.
 */
export const presenceOf = (
  { door, presence: said }: Pick<Submission, 'door' | 'presence'>,
  shown: Presence,
  profile: InterfaceProfile,
): Presence => {
  if (door === 'mllp') return profile.hl7Presence ?? shown;
  return said !== undefined && (said === 'typed' || isReader(said, profile)) ? said : shown;
};
