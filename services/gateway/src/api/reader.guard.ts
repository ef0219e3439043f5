import { DomainError } from '@caretab/kernel';
import { sameSecret } from '@caretab/security';
import type { Partners } from '../intake/partners';
import { institutionOf, isInstitution } from './institution.guard';
import { completeVisitId, isComplete, isOf } from './visit-of-path';
import { withoutBraces } from '../intake/visit-number';

/**
 * Who may read at the edge: operators everything, a hospital its own visits. Without an operator
 * key every caller may, which the platform only allows while it listens on the loopback interface.
 */
export class Readers {
  constructor(
    private readonly partners: Partners,
    private readonly keys: {
      readonly operatorKey: string | undefined;
      readonly internalToken: string;
    },
  ) {}

  /**
   * Whose question it is, for its share: an institution's, or an operator's. 401 without a known
   * key.
   */
  async whoAsks(authorization: string | undefined): Promise<string> {
    return this.isOperator(authorization)
      ? 'operator'
      : institutionOf(this.partners, authorization);
  }

  /**
   * The full id of a visit that the caller may read. Throws READ_FORBIDDEN (forbidden),
   * REQUEST_INVALID (invalid) for a visit number without a hospital's key, or 401 without a known
   * key.
   */
  async readableVisit(authorization: string | undefined, given: string): Promise<string> {
    const isOperator = this.isOperator(authorization);
    const isHospital = !isOperator || this.mayBeHospital(authorization);
    if (!isHospital && isComplete(given)) return given;
    if (!isHospital)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        field: '/visitId',
        why: 'it names no institution, and the request has no key of a hospital',
        remedy: 'send <institution id>-<visit number>',
      });
    const institutionId = await institutionOf(this.partners, authorization).catch((error) => {
      if (isOperator && isComplete(given)) return undefined; // Anyone may read it here.
      throw error;
    });
    if (institutionId === undefined) return withoutBraces(given);
    const visitId = await completeVisitId(institutionId, given, isInstitution(this.partners));
    if (!isOperator && !isOf(institutionId, visitId))
      throw new DomainError('READ_FORBIDDEN', 'forbidden', {
        visitId,
        why: 'the visit is another institution’s',
      });
    return visitId;
  }

  /** Throws READ_FORBIDDEN (forbidden): a person's visits are at several institutions. */
  checkPerson(authorization: string | undefined): void {
    if (!this.isOperator(authorization))
      throw new DomainError('READ_FORBIDDEN', 'forbidden', {
        how: 'Authorization: Bearer <OPERATOR_KEY>',
      });
  }

  /** Without an operator key every caller is an operator, also a hospital that sends its own key. */
  private mayBeHospital(authorization: string | undefined): boolean {
    return this.keys.operatorKey === undefined && Boolean(authorization);
  }

  private isOperator(authorization: string | undefined): boolean {
    const { operatorKey, internalToken } = this.keys;
    if (operatorKey === undefined) return true;
    const given = (authorization ?? '').replace(/^Bearer /, '');
    return sameSecret(given, operatorKey) || sameSecret(given, internalToken);
  }
}
