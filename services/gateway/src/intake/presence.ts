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
 * How a person is present at an opening. The hospital's word counts where its profile has such a
 * reader, and always where it says `typed`. Without a word, as over HL7, the profile says how.
 */
export const presenceOf = (
  { presence: said }: Pick<Submission, 'presence'>,
  shown: Presence,
  profile: InterfaceProfile,
): Presence => {
  if (said === undefined) return profile.presence ?? shown;
  return said === 'typed' || isReader(said, profile) ? said : shown;
};
