import { type InterfaceProfile, isIssued, type Presence } from '@caretab/contracts';
import { readCode } from '@caretab/security';
import type { Credential, Submission } from './submission';

/**
 * What a credential shows by itself: a dynamic code is made for the moment, as is one that its issuer
 * decodes once; a number, and a static code, can be known.
 */
export const presenceBy = ({ type, value }: Credential): Presence => {
  const kind = readCode(value.trim())?.kind;
  if (isIssued(type)) return kind === 'static' ? 'typed' : type === 'face' ? 'face' : 'code';
  return type === 'qr' && kind === 'dynamic' ? 'code' : 'typed';
};

/** That a code was read before is believed where a hospital's profile has such a reader. */
export const believed = (
  { readAt, ...credential }: Credential,
  profile: InterfaceProfile,
): Credential =>
  readAt !== undefined && isReader('code', profile) ? { ...credential, readAt } : credential;

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
