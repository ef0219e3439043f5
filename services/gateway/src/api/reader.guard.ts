import { DomainError } from '@caretab/kernel';
import { sameSecret } from '@caretab/security';
import type { Partners } from '../intake/partners';
import { institutionOf } from './institution.guard';

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

  /** Throws READ_FORBIDDEN (forbidden), or 401 without a known key. */
  async checkVisit(authorization: string | undefined, visitId: string): Promise<void> {
    if (this.isOperator(authorization)) return;
    const institutionId = await institutionOf(this.partners, authorization);
    if (!visitId.startsWith(`${institutionId}-`))
      throw new DomainError('READ_FORBIDDEN', 'forbidden', {
        visitId,
        why: 'the visit is another institution’s',
      });
  }

  /** Throws READ_FORBIDDEN (forbidden): a person's visits are at several institutions. */
  checkPerson(authorization: string | undefined): void {
    if (!this.isOperator(authorization))
      throw new DomainError('READ_FORBIDDEN', 'forbidden', {
        how: 'Authorization: Bearer <OPERATOR_KEY>',
      });
  }

  private isOperator(authorization: string | undefined): boolean {
    const { operatorKey, internalToken } = this.keys;
    if (operatorKey === undefined) return true;
    const given = (authorization ?? '').replace(/^Bearer /, '');
    return sameSecret(given, operatorKey) || sameSecret(given, internalToken);
  }
}
