import type { Holder, HolderField, InterfaceProfile, KeyScope } from '@caretab/contracts';
import type { Credential } from './submission';

/** By what an institution is found: what it proves itself with, or what others call it by. */
export type InstitutionProof =
  { readonly apiKey: string } | { readonly facility: string } | { readonly institutionId: string };

export interface KeyHolder {
  readonly institutionId: string;
  readonly scopes?: readonly KeyScope[];
}

export interface Whose {
  readonly personId: string;
  /** Fields of the holder that are not as registered; empty where none was given. */
  readonly differs: readonly HolderField[];
}

/**
 * What the edge asks identity. Each throws IDENTITY_UNAVAILABLE (unavailable) when identity cannot
 * be asked now: nothing was decided, and the sender should try again.
 */
export interface Partners {
  /** Throws INSTITUTION_UNKNOWN (not-found). */
  institutionOf(proof: InstitutionProof): Promise<string>;
  /** Whose API key it is, and for what. Throws as institutionOf. */
  keyHolder(apiKey: string): Promise<KeyHolder>;
  /** How an institution speaks, as of the last second. Throws INSTITUTION_UNKNOWN (not-found). */
  profileOf(institutionId: string): Promise<InterfaceProfile>;
  /**
   * Whose credential it is, and what of the holder is not as registered. Throws PERSON_UNKNOWN
   * (not-found), CREDENTIAL_INVALID (invalid), or PERSONS_UNKNOWN_TOO_MANY (overloaded) for an
   * institution that asks for too many who are not registered. `fresh`: an answer of a minute ago
   * will not do.
   */
  personOf(
    credential: Credential,
    options: {
      readonly fresh: boolean;
      readonly holder?: Holder | undefined;
      /** What a code is shown for: the same again is no replay. */
      readonly use?: string | undefined;
      /** Who asks. */
      readonly institutionId: string;
    },
  ): Promise<Whose>;
  /** What of a holder is not as registered, for who asks. Throws PERSON_UNKNOWN (not-found). */
  compare(personId: string, holder: Holder, institutionId: string): Promise<readonly HolderField[]>;
  /** Blind indexes of texts that may be identifiers, at most 100 of them. */
  indexesOf(values: readonly string[]): Promise<readonly string[]>;
}
