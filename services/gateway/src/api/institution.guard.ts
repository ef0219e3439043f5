import { DomainError } from '@caretab/kernel';
import type { Partners } from '../intake/partners';

const BEARER = /^Bearer (\S{8,200})$/;

/**
 * Whose key a request carries. Throws UNAUTHENTICATED without a known key, and
 * IDENTITY_UNAVAILABLE (unavailable).
 */
export const institutionOf = async (
  partners: Partners,
  authorization: string | undefined,
): Promise<string> => {
  const apiKey = BEARER.exec(authorization ?? '')?.[1];
  if (!apiKey) throw new DomainError('UNAUTHENTICATED', 'unauthenticated');
  try {
    return await partners.institutionOf({ apiKey });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INSTITUTION_UNKNOWN')
      throw new DomainError('UNAUTHENTICATED', 'unauthenticated');
    throw error;
  }
};

/** Whether an institution is registered under an id. Throws IDENTITY_UNAVAILABLE (unavailable). */
export const isInstitution =
  (partners: Partners) =>
  async (institutionId: string): Promise<boolean> => {
    try {
      await partners.institutionOf({ institutionId });
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'INSTITUTION_UNKNOWN') return false;
      throw error;
    }
  };
