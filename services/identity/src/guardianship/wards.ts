import type { Role } from '@caretab/access';
import type { Transaction } from '@caretab/store';
import { idsOfOne } from '../merge/standing';
import { isMinor, type PersonalData } from '../person/personal-data';
import { personTable } from '../person/person.table';
import { inForce } from './guardianship';
import { type GuardianshipRow, guardianshipTable } from './guardianship.table';

/** Reads persons, as `Persons` does. */
interface Reader {
  read(transaction: Transaction, personId: string): Promise<PersonalData>;
  today(): string;
}

/** Wards of one guardian that a token names. */
const WARDS_MAX = 20;

/** Guardianships of a ward that nothing has ended yet; a caller asks which are in force. */
export const guardiansOf = (
  transaction: Transaction,
  personId: string,
): Promise<GuardianshipRow[]> =>
  transaction.rows(guardianshipTable).find({ personId, endedAt: null }, { countMax: WARDS_MAX });

/** Those who act for the person today, the first guardian first. */
export const guardiansToday = async (
  transaction: Transaction,
  persons: Reader,
  personId: string,
): Promise<GuardianshipRow[]> => {
  const rows = await guardiansOf(transaction, personId);
  if (rows.length === 0) return [];
  return inForce(rows, await persons.read(transaction, personId), persons.today());
};

/** Whether the person acts through others: a minor, or who has a guardian. */
export const isWardToday = async (
  transaction: Transaction,
  persons: Reader,
  personId: string,
): Promise<boolean> => {
  const rows = await guardiansOf(transaction, personId);
  const person = await persons.read(transaction, personId);
  const today = persons.today();
  return isMinor(person, today) || inForce(rows, person, today).length > 0;
};

/** For whom a person acts today; read to 20. */
export const wardsToday = async (
  transaction: Transaction,
  persons: Reader,
  guardianId: string,
): Promise<string[]> => {
  const rows = await transaction
    .rows(guardianshipTable)
    .find({ guardianId, endedAt: null }, { orderBy: 'appointedAt', countMax: WARDS_MAX });
  const wards: string[] = [];
  for (const row of rows) {
    const ward = await persons.read(transaction, row.personId);
    if (inForce([row], ward, persons.today()).length > 0) wards.push(row.personId);
  }
  return wards;
};

/**
 * The roles with which someone signs in: a citizen is each person that is merged with theirs, and
 * guardian for those whose guardianship is in force, by identity and by no registration. Of who is no
 * citizen here, a role of guardian holds while its ward has one.
 */
export const rolesToday = async (
  transaction: Transaction,
  persons: Reader,
  roles: readonly Role[],
): Promise<Role[]> => {
  const others = roles.filter(({ kind }) => kind !== 'Guardian');
  const named = citizensIn(roles);
  const citizens = [...named];
  for (const citizen of named)
    for (const person of await idsOfOne(transaction, citizen))
      if (!citizens.includes(person)) {
        citizens.push(person);
        others.push({ kind: 'Citizen', person });
      }
  const guardians: Role[] = [];
  for (const guardianId of citizens)
    for (const person of await wardsToday(transaction, persons, guardianId))
      guardians.push({ kind: 'Guardian', person });
  if (citizens.length === 0)
    for (const role of roles)
      if (role.kind === 'Guardian' && (await isGuarded(transaction, persons, role.person)))
        guardians.push(role);
  return [...others, ...guardians];
};

/** The persons as whom someone signs in. */
export const citizensIn = (roles: readonly Role[]): string[] =>
  roles.flatMap(({ kind, person }) => (kind === 'Citizen' && person !== undefined ? [person] : []));

const isGuarded = async (
  transaction: Transaction,
  persons: Reader,
  personId = '',
): Promise<boolean> => {
  const person = await transaction.rows(personTable).get({ personId });
  // Of whom no one is registered under that id there is nothing to see.
  if (!person) return true;
  return (
    person.sealed !== null && (await guardiansToday(transaction, persons, personId)).length > 0
  );
};
