import { KEY_SCOPES } from '@caretab/contracts';
import { ACTIONS } from './cedar';
import { decide } from './decide';
import { scopeOfKey } from './key-scopes';
import { OWNERS, type Resource } from './resource';
import { ATTRIBUTES_OF, type Role, type Subject, SUBJECT_KINDS, type SubjectKind } from './subject';

/** One column of the matrix: a kind of subject, with its attributes or without those it may lack. */
export interface Column {
  readonly name: string;
  readonly role: Role;
  /** The service that asks in its place. */
  readonly through?: string;
  /** What its credential names. */
  readonly scope?: readonly string[];
}

/** Staff of the platform's own, which serves every institution. */
const OF_THE_PLATFORM: readonly SubjectKind[] = [
  'Desk',
  'Cashier',
  'PriceOffice',
  'InsuranceOffice',
];
const SERVICES = ['identity', 'adjudication', 'payment', 'notification', 'gateway'];

const ownOf = (kind: SubjectKind): Role => ({
  kind,
  ...Object.fromEntries(ATTRIBUTES_OF[kind].map((name) => [name, `own-${name}`])),
});

const THEMSELVES: readonly Column[] = [
  ...SUBJECT_KINDS.filter((kind) => kind !== 'Service').map((kind) => ({
    name: kind,
    role: ownOf(kind),
  })),
  ...OF_THE_PLATFORM.map((kind) => ({ name: `${kind} of the platform`, role: { kind } })),
];
/** Those who ask themselves. */
export const DIRECT_COLUMNS: readonly Column[] = [
  ...THEMSELVES,
  ...SERVICES.map((service): Column => ({
    name: `service ${service}`,
    role: { kind: 'Service', service },
  })),
];
/** A hospital's system whose key names all that there is; listed where a key that does not may less. */
const BY_SCOPE: Column = {
  name: 'HospitalSystem by scope',
  role: ownOf('HospitalSystem'),
  scope: scopeOfKey(KEY_SCOPES),
};
export const COLUMNS: readonly Column[] = [
  ...DIRECT_COLUMNS,
  BY_SCOPE,
  ...THEMSELVES.map(({ name, role }) => ({
    ...{ name: `${name} through gateway`, role },
    through: 'gateway',
  })),
];

/** Things that are each the subject's own in one way, and one that is another's in all. */
export const OTHERS_THING: Resource = {
  institution: 'other',
  person: 'other',
  payer: 'other',
};
export const ownThings = (role: Role): readonly Resource[] =>
  OWNERS.filter((owner) => role[owner] !== undefined).map((owner) => ({ [owner]: role[owner] }));

export interface MatrixRow {
  readonly action: string;
  /** Names of columns: whose own it may be done to, and what is anyone's. */
  readonly own: readonly string[];
  readonly anyones: readonly string[];
  /** Names of those columns whose people may not do it without a second factor. */
  readonly secondFactor: readonly string[];
  /** Whether no one may do it without, be it a machine. */
  readonly needsSecondFactor: boolean;
}

type Asking = Pick<Subject, 'hasSecondFactor' | 'by'>;

const withoutTwice = (columns: readonly Column[]): readonly Column[] =>
  columns.some(({ name }) => name === BY_SCOPE.role.kind)
    ? columns.filter((column) => column !== BY_SCOPE)
    : columns;

/** Who may do what, by the policies. Some thousand decisions: about three seconds. */
export const matrix = (): readonly MatrixRow[] =>
  ACTIONS.map((action) => {
    const may = (
      { role, through, scope }: Column,
      resource: Resource,
      asking: Asking = { hasSecondFactor: true },
    ): boolean => {
      const subject = { id: 'it', roles: [role], ...asking, ...(scope && { scope }) };
      return decide(through ? { ...subject, through } : subject, action, resource).allowed;
    };
    const mayOwn = (column: Column, asking?: Asking): boolean =>
      ownThings(column.role).some((thing) => may(column, thing, asking));
    const anyones = withoutTwice(COLUMNS.filter((column) => may(column, OTHERS_THING)));
    const own = withoutTwice(
      COLUMNS.filter((column) => !may(column, OTHERS_THING) && mayOwn(column)),
    );
    const needy = (asking: Asking): readonly Column[] => [
      ...anyones.filter((column) => !may(column, OTHERS_THING, asking)),
      ...own.filter((column) => !mayOwn(column, asking)),
    ];
    const machines = needy({ hasSecondFactor: false, by: 'machine' });
    return {
      action,
      own: own.map(({ name }) => name),
      anyones: anyones.map(({ name }) => name),
      secondFactor: needy({ hasSecondFactor: false }).map(({ name }) => name),
      needsSecondFactor: machines.length > 0 && machines.length === anyones.length + own.length,
    };
  });
