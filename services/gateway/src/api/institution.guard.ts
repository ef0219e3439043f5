import {
  type Authenticator,
  type Credentials,
  type Scope,
  scopeOfKey,
  type Subject,
} from '@caretab/access';
import { DomainError } from '@caretab/kernel';
import type { Partners } from '../intake/partners';

/** A hospital's system, as which its requests and messages are taken. */
export const hospitalOf = (institution: string): Subject => ({
  id: `hospital/${institution}`,
  roles: [{ kind: 'HospitalSystem', institution }],
  hasSecondFactor: false,
});

const BEARER = /^Bearer (\S{8,200})$/;

/** Hospitals' systems, by the API keys that identity knows. */
export class HospitalKeys implements Authenticator {
  constructor(private readonly partners: Partners) {}

  /** Throws IDENTITY_UNAVAILABLE (unavailable). */
  async subjectOf({ authorization = '' }: Credentials): Promise<Subject | undefined> {
    const [, apiKey] = BEARER.exec(authorization) ?? [];
    if (!apiKey) return undefined;
    try {
      const { institutionId, scopes } = await this.partners.keyHolder(apiKey);
      const hospital = hospitalOf(institutionId);
      return scopes ? { ...hospital, scope: scopeOfKey(scopes) } : hospital;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'INSTITUTION_UNKNOWN') return undefined;
      throw error;
    }
  }
}

/** The one institution whose things a caller's request is about; undefined where it may be any. */
export const oneInstitution = (scopes: readonly Scope[]): string | undefined => {
  const [only, ...others] = new Set(scopes.map(({ institution }) => institution));
  return others.length === 0 ? only : undefined;
};

/**
 * The institution that a caller acts for. Throws ACCESS_FORBIDDEN (forbidden) for one who acts for none,
 * or for several.
 */
export const actingInstitution = (scopes: readonly Scope[]): string => {
  const institution = oneInstitution(scopes);
  if (institution !== undefined) return institution;
  throw new DomainError('ACCESS_FORBIDDEN', 'forbidden', {
    why: 'it is done for one institution, and yours is none or several',
  });
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
