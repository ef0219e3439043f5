import type { Decision, Resource, Subject } from '@caretab/access';
import type { Route } from '@caretab/contracts';
import type { Admitted } from '../admitted';
import { concernedBy } from './concerning';
import { type Access, maskedId, subjectFields } from './access-record';

/** As much of a request as a record is about. */
export interface RecordedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params?: unknown;
  readonly body?: unknown;
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

/** A code, as of HL7's PurposeOfUse: who asks says it, and no free text fits. */
const PURPOSE = /^[A-Za-z][A-Za-z-]{1,39}$/;
/** `00-<trace>-<span>-<flags>`. */
const TRACE_PART = 1;

const known = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : maskedId(text);

const fieldsOf = (part: unknown): Readonly<Record<string, unknown>> =>
  (part ?? {}) as Readonly<Record<string, unknown>>;

const personOf = ({ person }: Resource, { params, body }: RecordedRequest): string | undefined => {
  const named = person ?? fieldsOf(params)['personId'] ?? fieldsOf(body)['personId'];
  return typeof named === 'string' ? named : undefined;
};

const thingOf = ({ params }: RecordedRequest): string | null => {
  const ids = Object.entries(fieldsOf(params))
    .filter(([name]) => name !== 'service' && name !== 'personId')
    .map(([, value]) => maskedId(String(value)));
  return ids.length > 0 ? ids.join(' ') : null;
};

const purposeOf = ({ headers }: RecordedRequest, subject: Subject | undefined): string | null => {
  const said = headers['purpose'];
  return subject?.purpose ?? (typeof said === 'string' && PURPOSE.test(said) ? said : null);
};

/** The record of a decision. */
export const accessOf = (
  route: Route,
  request: RecordedRequest,
  {
    subject,
    resource,
    decision,
    admitted,
    traceparent,
  }: {
    readonly subject: Subject | undefined;
    readonly resource: Resource;
    readonly decision: Decision;
    readonly admitted?: Pick<Admitted, 'approval' | 'approvedBy'> | undefined;
    readonly traceparent: string | undefined;
  },
): Access => ({
  ...subjectFields(subject),
  action: route.action,
  institution: known(resource.institution),
  person: known(personOf(resource, request)),
  thing: thingOf(request),
  outcome: decision.allowed ? 'allowed' : 'refused',
  policies: decision.policyIds.join(' '),
  purpose: purposeOf(request, subject),
  approval: admitted?.approval ?? null,
  approvedBy: admitted?.approvedBy ?? null,
  address: request.socket?.remoteAddress ?? null,
  trace: traceparent?.split('-')[TRACE_PART] ?? null,
});

/** A service that asks for itself is the platform at work; all that people and others ask is recorded. */
export const isRecorded = (route: Route, { roles }: Subject): boolean =>
  route.unrecorded !== true && !roles.every(({ kind }) => kind === 'Service');

/** Of one answer at most so many: a page. */
const PERSONS_MAX = 100;
const VALUES_MAX = 20_000;

/** The persons that an answer names, as `personId`, or its handler beside it. */
export const personsIn = (answer: unknown): readonly string[] => {
  const found = new Set<string>(concernedBy(answer).slice(0, PERSONS_MAX));
  const open: unknown[] = [answer];
  for (let seen = 0; open.length > 0 && seen < VALUES_MAX && found.size < PERSONS_MAX; seen += 1) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || value instanceof Date) continue;
    if (!Array.isArray(value)) {
      const { personId } = value as { readonly personId?: unknown };
      if (typeof personId === 'string') found.add(personId);
    }
    for (const inner of Object.values(value)) if (typeof inner === 'object') open.push(inner);
  }
  return [...found].sort();
};

const GRANTS: readonly unknown[] = ['password', 'refresh_token', 'client_credentials'];
const SUBJECT_ID = /^[a-z][a-z0-9.-]{1,39}$/;

/** By what someone signs in (RFC 6749). */
export const grantOf = ({ body }: RecordedRequest): string | null => {
  const grant = fieldsOf(body)['grant_type'];
  return GRANTS.includes(grant) ? (grant as string) : null;
};

/** Who someone says they are who was not signed in; what is no id of a subject may be a password. */
export const saidSubject = ({ body }: RecordedRequest): string => {
  const said = fieldsOf(body)['username'];
  return typeof said === 'string' && SUBJECT_ID.test(said) ? maskedId(said) : 'unknown';
};

/** Of an answer with a token of ours. */
export const subjectOfToken = (answer: unknown): Subject | undefined => {
  const token = fieldsOf(answer)['access_token'];
  const [, payload = ''] = typeof token === 'string' ? token.split('.') : [];
  if (payload === '') return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Subject & {
    readonly sub: string;
  };
  return { id: claims.sub, roles: claims.roles, hasSecondFactor: false };
};
