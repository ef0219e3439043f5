import { hash, timingSafeEqual } from 'node:crypto';
import type { Authenticator, Role, Subject } from '@caretab/access';
import { assert } from '@caretab/kernel';

/** Digests have one length whatever was given, so the comparison does not leak a secret's length. */
const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

const SERVICES = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
];
/** Every service holds the one internal token, so its holder may be each of them. */
const THE_SERVICES: Subject = {
  id: 'services',
  roles: SERVICES.map((service): Role => ({ kind: 'Service', service })),
  hasSecondFactor: false,
};

/** Every office of the platform's own: what the one operator key stands for. */
const OPERATOR: Subject = {
  id: 'operator',
  roles: [
    { kind: 'SystemAdmin' },
    { kind: 'SecurityAdmin' },
    { kind: 'AuditAdmin' },
    { kind: 'Finance' },
    { kind: 'CreditAuthority' },
    { kind: 'PrivacyOfficer' },
    { kind: 'Desk' },
    { kind: 'Cashier' },
    { kind: 'PriceOffice' },
    { kind: 'InsuranceOffice' },
  ],
  hasSecondFactor: false,
};

/**
 * Those who hold a secret of the whole platform: the operator key, and the services' internal token.
 * Without an operator key who sends no credential is the operator, which is allowed on the loopback
 * interface only.
 */
export class SharedSecrets implements Authenticator {
  private readonly operator: Buffer | undefined;
  private readonly internal: Buffer;

  constructor(keys: { readonly operatorKey?: string | undefined; readonly internalToken: string }) {
    assert(keys.internalToken.length >= 16, 'the internal token is known');
    this.internal = digestOf(keys.internalToken);
    this.operator = keys.operatorKey ? digestOf(keys.operatorKey) : undefined;
  }

  subjectOf({
    authorization = '',
  }: {
    readonly authorization?: string | undefined;
  }): Subject | undefined {
    const given = authorization.replace(/^Bearer\s*/, '');
    if (given === '') return this.operator ? undefined : OPERATOR;
    const digest = digestOf(given);
    if (timingSafeEqual(digest, this.internal)) return THE_SERVICES;
    if (this.operator && timingSafeEqual(digest, this.operator)) return OPERATOR;
    return undefined;
  }
}
