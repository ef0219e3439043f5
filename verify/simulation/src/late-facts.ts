import { derivedId } from '@caretab/kernel';
import { visitLedgerVisits } from '@caretab/contracts';
import type { SimulatedPlatform } from './simulated-platform';

/** A late charge of which the platform says that it waits for an answer. */
export interface Asked {
  readonly eventId: string;
  readonly visitId: string;
  readonly chargeId: string;
  readonly atMs: number;
}

/** A claim as the platform sent it out. */
export interface Claim {
  readonly visitId: string;
  readonly revision: number;
  readonly startedAt: string;
  readonly closedAt: string;
  readonly lines: readonly { readonly chargeId: string; readonly amountFen: number }[];
}

interface Published {
  readonly visitId: string;
  readonly chargeId?: string;
}

const publishedOf = <Data>(
  { sent }: SimulatedPlatform,
  type: string,
): { readonly eventId: string; readonly atMs: number; readonly data: Data }[] => {
  const seen = new Set<string>();
  return sent.flatMap(({ topic, message: { headers, value } }) => {
    const { ce_id: eventId = '', ce_time: at = '' } = headers;
    if (topic !== visitLedgerVisits.name || headers['ce_type'] !== type) return [];
    if (seen.has(eventId)) return [];
    seen.add(eventId);
    return [{ eventId, atMs: Date.parse(at), data: JSON.parse(value) as Data }];
  });
};

export const askedOf = (world: SimulatedPlatform): Asked[] =>
  publishedOf<Required<Published>>(world, 'ChargeAwaitsAgreement').map(
    ({ eventId, atMs, data: { visitId, chargeId } }) => ({ eventId, visitId, chargeId, atMs }),
  );

/** Claims by visit, in the order of their revisions. */
export const claimsOf = (world: SimulatedPlatform): ReadonlyMap<string, readonly Claim[]> => {
  const claims = new Map<string, Claim[]>();
  for (const { data } of publishedOf<Claim>(world, 'VisitClosed'))
    claims.set(data.visitId, [...(claims.get(data.visitId) ?? []), data]);
  for (const of of claims.values()) of.sort((a, b) => a.revision - b.revision);
  return claims;
};

/** By `<visitId>/<chargeId>`: why a charge is not deferred, by the webhooks that came. */
export const toldOf = ({ delivered }: SimulatedPlatform): ReadonlyMap<string, string> =>
  new Map(
    delivered.flatMap(({ to, body }) => {
      if (!to.startsWith('/')) return [];
      const { type, visitId, chargeId, reason } = body as Readonly<Record<string, string>>;
      return type === 'ChargeNotDeferred' ? [[`${visitId}/${chargeId}`, reason!] as const] : [];
    }),
  );

/** Ids that the notice of an event may have, by its reader. */
export const noticeIds = (eventId: string, readerIds: readonly string[]): string[] =>
  readerIds.map((readerId) => derivedId('notice', eventId, readerId, 'late-charge'));

/** The code in the notice of an event that a person got last. */
export const codeOf = (
  { delivered }: SimulatedPlatform,
  eventId: string,
  readerIds: readonly string[],
): string | undefined => {
  const ids = noticeIds(eventId, readerIds);
  const notice = delivered.findLast(
    ({ to, noticeId }) => (to === 'mail' || to === 'sms') && ids.includes(noticeId),
  );
  return /答复码：?([\w-]{22})/.exec(String(notice?.body))?.[1];
};
