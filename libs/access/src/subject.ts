/**
 * What a subject is for, and the attributes that say for whom. An office, desk or cashier without an
 * institution is the platform's own and serves every institution.
 */
export const ATTRIBUTES_OF = {
  /** A person that the service was opened for. */
  Citizen: ['person'],
  /** `person` is the ward. */
  Guardian: ['person'],
  /** A hospital's integration engine or system. */
  HospitalSystem: ['institution'],
  DoctorStation: ['institution'],
  /** Where citizens are registered and the service is opened for them. */
  Desk: ['institution'],
  /** A card management platform of a province, city or county: the region is its GB/T 2260 code. */
  CardPlatform: ['region'],
  Cashier: ['institution', 'shift'],
  /** A hospital's office for prices. */
  PriceOffice: ['institution'],
  /** A hospital's office for insurers and for what a visit's holder disputes. */
  InsuranceOffice: ['institution'],
  /** The platform's own accounts and their day. */
  Finance: [],
  Insurer: ['payer'],
  /** The region's medical-security bureau: basic plans, and who pays before whom. */
  Bureau: [],
  Bank: ['channel'],
  Channel: ['channel'],
  Lender: ['channel'],
  CreditAuthority: [],
  SystemAdmin: [],
  SecurityAdmin: [],
  AuditAdmin: [],
  PrivacyOfficer: [],
  Service: ['service'],
} as const satisfies Readonly<Record<string, readonly Attribute[]>>;

export type Attribute =
  'institution' | 'person' | 'payer' | 'shift' | 'channel' | 'service' | 'region';
export type SubjectKind = keyof typeof ATTRIBUTES_OF;
export const SUBJECT_KINDS = Object.keys(ATTRIBUTES_OF) as readonly SubjectKind[];

/** One thing that a subject is for. */
export type Role = { readonly kind: SubjectKind } & Readonly<Partial<Record<Attribute, string>>>;

/** An authenticated subject. A person of staff may hold several roles. */
export interface Subject {
  /** Its name in records: never a citizen's name or number; of a citizen the person id. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** A second factor was shown when it signed in. */
  readonly hasSecondFactor: boolean;
  /** By what it asks, where no person signed in: a key of its own, or OPERATOR_KEY. */
  readonly by?: 'machine' | 'operator-key';
  /** The service that asks in its place; absent: it asks itself. */
  readonly through?: string;
  /**
   * What its credential is for, of what its roles may do; absent: all but what a policy wants it to
   * name (`context.isNamed`).
   */
  readonly scope?: readonly string[];
  /** What it asks for, as a code; absent: what its roles are for. */
  readonly purpose?: string;
}

const ADMINISTRATORS: readonly SubjectKind[] = ['SystemAdmin', 'SecurityAdmin', 'AuditAdmin'];
const APART: readonly SubjectKind[] = [...ADMINISTRATORS, 'PrivacyOfficer'];

/**
 * The kinds that one person may not hold together; empty where there are none. No person holds two of
 * the three administrators, or one of them and the privacy officer.
 */
export const kindsHeldTogether = (roles: readonly Role[]): readonly SubjectKind[] => {
  const held = APART.filter((kind) => roles.some((role) => role.kind === kind));
  return held.length > 1 ? held : [];
};
