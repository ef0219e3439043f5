import { DomainError } from '@caretab/kernel';
import { UnauthorizedException } from '@nestjs/common';
import type { Partners } from '../intake/partners';

const BEARER = /^Bearer (\S{8,200})$/;

/**
 * Whose key a request carries. 401 when it carries none that is known; IDENTITY_UNAVAILABLE when
 * nobody can say.
 */
export const institutionOf = async (
  partners: Partners,
  authorization: string | undefined,
): Promise<string> => {
  const apiKey = BEARER.exec(authorization ?? '')?.[1];
  if (!apiKey) throw new UnauthorizedException();
  try {
    return await partners.institutionOf({ apiKey });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INSTITUTION_UNKNOWN')
      throw new UnauthorizedException();
    throw error;
  }
};
