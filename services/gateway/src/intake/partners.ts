import type { Credential } from './submission';

/**
 * What the edge asks identity. Each throws IDENTITY_UNAVAILABLE (unavailable) when identity cannot
 * be asked now: nothing was decided, and the sender should try again.
 */
export interface Partners {
  /** Throws INSTITUTION_UNKNOWN (not-found). */
  institutionOf(
    proof: { readonly apiKey: string } | { readonly facility: string },
  ): Promise<string>;
  /**
   * Throws PERSON_UNKNOWN (not-found) or CREDENTIAL_INVALID (invalid). `fresh`: an answer of a
   * minute ago will not do.
   */
  personOf(credential: Credential, options: { readonly fresh: boolean }): Promise<string>;
}
