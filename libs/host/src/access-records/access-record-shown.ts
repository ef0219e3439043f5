import {
  type accessRecordRoutes,
  allRoutes,
  type Route,
  type RouteAnswer,
} from '@caretab/contracts';
import { shownAnchors } from '../anchors/shown-anchors';
import { recordHash } from './access-record';
import { type AccessRecordRow, accessRecordTable } from './access-record.table';
import type { Verification } from './verification';

export type AccessRecordShown = RouteAnswer<
  (typeof accessRecordRoutes)['listAccessRecords']
>['records'][number];
export type Look = RouteAnswer<
  (typeof accessRecordRoutes)['personAccessRecords']
>['records'][number];

/** Without what is null. */
export const shownRecord = (record: AccessRecordRow): AccessRecordShown =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null),
  ) as unknown as AccessRecordShown;

/** The hash that a record should have which was shown, or exported. */
export const shownRecordHash = (record: AccessRecordShown): string => {
  const row = Object.fromEntries([...accessRecordTable.columns.keys()].map((name) => [name, null]));
  return recordHash({ ...row, ...record } as unknown as AccessRecordRow);
};

const LOOKS = new Map(allRoutes.map(({ action, look }: Route) => [action, look]));

/**
 * Whether the person sees it. What a service asked in someone's place stands in that service's record
 * already, but for what routes say (`look`).
 */
export const isShownToPerson = ({ action, through }: AccessRecordRow): boolean => {
  const look = LOOKS.get(action as Route['action']);
  return look === 'here' || (look !== 'behind' && through === null);
};

const ROLE = /^(\w+)(?:\((.*)\))?$/;

/** What a role is for; a person of staff and a shift are not named. */
const officeOf = (role: string): Look['by'][number] => {
  const [, kind = '', attributes = ''] = ROLE.exec(role) ?? [];
  const held = new Map(attributes.split(',').map((each) => each.split('=') as [string, string]));
  const [institution, payer] = [held.get('institution'), held.get('payer')];
  return { kind, ...(institution && { institution }), ...(payer && { payer }) };
};

/** A record as the person sees it whose data it was. */
export const lookOf = (service: string, record: AccessRecordRow): Look => {
  const { position, at, action, roles, outcome, purpose, approvedBy, thing } = record;
  return {
    reference: `${service}/${position}`,
    ...{ at, action, outcome },
    by: roles === '' ? [] : roles.split(' ').map(officeOf),
    ...(purpose !== null && { purpose }),
    approved: approvedBy !== null,
    ...(thing !== null && { thing }),
  };
};

/** A report as the last line of an answer. */
export const shownVerification = ({ anchors, faults, ...report }: Verification) => ({
  ...report,
  intact: faults.length === 0 && (anchors?.faults.length ?? 0) === 0,
  faults,
  anchors: shownAnchors(anchors),
});
