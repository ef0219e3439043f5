import { hash, timingSafeEqual } from 'node:crypto';
import type { Authenticator, Subject } from '@caretab/access';

/** Digests have one length whatever was given, so the comparison does not leak a secret's length. */
const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Every office of the platform's own: what the one operator key stands for. */
const OPERATOR: Subject = {
  id: 'operator',
  roles: [
    { kind: 'SystemAdmin' },
    { kind: 'SecurityAdmin' },
    { kind: 'AuditAdmin' },
    { kind: 'Finance' },
    { kind: 'CreditAuthority' },
    { kind: 'Bureau' },
    { kind: 'PrivacyOfficer' },
    { kind: 'Desk' },
    { kind: 'Cashier' },
    { kind: 'PriceOffice' },
    { kind: 'InsuranceOffice' },
  ],
  hasSecondFactor: false,
  by: 'operator-key',
};

/**
 * Who holds the operator key. Without one who sends no credential is the operator, which is allowed on
 * the loopback interface only.
 */
export class OperatorKey implements Authenticator {
  private readonly operator: Buffer | undefined;

  constructor(operatorKey: string | undefined) {
    this.operator = operatorKey ? digestOf(operatorKey) : undefined;
  }

  subjectOf({
    authorization = '',
  }: {
    readonly authorization?: string | undefined;
  }): Subject | undefined {
    const given = authorization.replace(/^Bearer\s*/, '');
    if (given === '') return this.operator ? undefined : OPERATOR;
    return this.operator && timingSafeEqual(digestOf(given), this.operator) ? OPERATOR : undefined;
  }
}
