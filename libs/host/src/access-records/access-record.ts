import { ATTRIBUTES_OF, type Role, type Subject } from '@caretab/access';
import { contentHash, holdsIdNumber } from '@caretab/kernel';
import type { AccessRecordRow } from './access-record.table';

/** What is recorded of a request, before it has its place. */
export type Access = Omit<AccessRecordRow, 'position' | 'at' | 'times' | 'previous' | 'hash'>;

export const MASKED = '[masked]';
const TEXT_MAX = 200;
const UUID = /^([a-z]{1,20}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOBILE = /(?<!\d)1[3-9]\d{9}(?!\d)/;

/** What a caller wrote where an id is wanted may be anything: an ID number or a mobile number, too. */
export const maskedId = (text: string): string => {
  const short = text.slice(0, TEXT_MAX);
  if (UUID.test(short)) return short;
  return MOBILE.test(short) || holdsIdNumber(short) ? MASKED : short;
};

/** `Desk(institution=HZ001)`, separated by blanks. */
export const rolesText = (roles: readonly Role[]): string =>
  roles
    .map((role) => {
      const held = ATTRIBUTES_OF[role.kind].flatMap((name) =>
        role[name] === undefined ? [] : [`${name}=${role[name]}`],
      );
      return held.length > 0 ? `${role.kind}(${held.join(',')})` : role.kind;
    })
    .join(' ');

/** Of whom a record says nothing. */
export const NO_ONE = { subject: 'unknown', roles: '', through: null } as const;

export const subjectFields = (
  subject: Subject | undefined,
): Pick<Access, 'subject' | 'roles' | 'through'> =>
  subject
    ? {
        subject: maskedId(subject.id),
        roles: rolesText(subject.roles),
        through: subject.through ?? null,
      }
    : NO_ONE;

/** Over a record and the hash before it: one that is changed, dropped or moved changes all behind it. */
export const recordHash = ({ hash: _, ...record }: AccessRecordRow): string => contentHash(record);

/** Of a service that has no record yet. */
export const FIRST_HEAD = { id: 'head', position: 0, hash: '' } as const;

/** Records in their places behind the last one. */
export const chained = (
  head: { readonly position: number; readonly hash: string },
  accesses: readonly (Access & Pick<AccessRecordRow, 'at' | 'times'>)[],
): readonly AccessRecordRow[] => {
  let { position, hash: previous } = head;
  return accesses.map((access) => {
    position += 1;
    const record = { ...access, position, previous, hash: '' };
    const hash = recordHash(record);
    previous = hash;
    return { ...record, hash };
  });
};
