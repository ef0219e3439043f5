import type { InterfaceProfile } from '@caretab/contracts';
import type { Credential } from './submission';

/** By what an institution is found: what it proves itself with, or what others call it by. */
export type InstitutionProof =
  { readonly apiKey: string } | { readonly facility: string } | { readonly institutionId: string };

/**
 * What the edge asks identity. Each throws IDENTITY_UNAVAILABLE (unavailable) when identity cannot
 * be asked now: nothing was decided, and the sender should try again.
 */
export interface Partners {
  /** Throws INSTITUTION_UNKNOWN (not-found). */
  institutionOf(proof: InstitutionProof): Promise<string>;
  /** How an institution speaks, as of the last second. Throws INSTITUTION_UNKNOWN (not-found). */
  profileOf(institutionId: string): Promise<InterfaceProfile>;
  /**
   * Throws PERSON_UNKNOWN (not-found) or CREDENTIAL_INVALID (invalid). `fresh`: an answer of a
   * minute ago will not do.
   */
  personOf(credential: Credential, options: { readonly fresh: boolean }): Promise<string>;
  /** Blind indexes of texts that may be identifiers, at most 100 of them. */
  indexesOf(values: readonly string[]): Promise<readonly string[]>;
}
