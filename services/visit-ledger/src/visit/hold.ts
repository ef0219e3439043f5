import type { Coverage } from '@caretab/contracts';
import type { Authorization } from './authorization';
import { notDeferred, withConsequences } from './charge-decisions';
import { cancelling } from './closing';
import { opened, type Parties } from './refusals';
import type { VisitEvent } from './visit-events';
import type { OpenedVisit, OpenVisit, Visit } from './visit-state';

/** What decides charges: credit's answers about the hold, and the coverage. Times are RFC 3339. */
export type HoldCommand = { readonly of?: Parties } & (
  | { readonly type: 'RecordAuthorization'; readonly data: Authorization }
  | { readonly type: 'RecordDecline'; readonly data: { readonly reason: string } }
  | {
      readonly type: 'RecordIncrease';
      readonly data: { readonly requestId: string; readonly heldFen: number };
    }
  | {
      readonly type: 'RecordIncreaseDecline';
      readonly data: { readonly requestId: string; readonly reason: string };
    }
  | {
      readonly type: 'RecordExpiry';
      readonly data: { readonly heldFen: number; readonly expiredAt: string };
    }
  | { readonly type: 'RecordOverdue'; readonly data: { readonly askedAt: string } }
  | { readonly type: 'RecordCoverage'; readonly data: { readonly coverage: Coverage } }
);

type Data<Type extends HoldCommand['type']> = Extract<HoldCommand, { type: Type }>['data'];

const declineIncrease = (
  { requestId, reason }: Data<'RecordIncreaseDecline'>,
  visit: OpenedVisit,
): readonly VisitEvent[] => {
  const declined: VisitEvent = {
    type: 'HoldIncreaseDeclined',
    data: { ...visit.ref, requestId, reason },
  };
  const chargeId = visit.increase?.chargeId;
  const charge = chargeId === undefined ? undefined : visit.charges.get(chargeId);
  if (charge?.status !== 'waiting') return withConsequences(visit, [declined]);
  return withConsequences(visit, [declined, notDeferred(visit, charge.charge, reason)]);
};

/** The hospital is asked whether a stay still goes on; once for each time. */
const ask = (askedAt: string, visit: OpenVisit): readonly VisitEvent[] => {
  const isAsked = visit.askedAt !== undefined && Date.parse(visit.askedAt) >= Date.parse(askedAt);
  if (isAsked || visit.endedAt || visit.withdrawnAt) return [];
  return [{ type: 'VisitOverdue', data: { ...visit.ref, askedAt } }];
};

/**
 * The hospital reported nothing for as long as the hold lives: what is on the tab, or waits to be,
 * is settled; an empty visit is cancelled. A visit that its institution's rule ends is left to the
 * rule, which leaves the grace time. A clock never ends a stay: its hospital is asked.
 */
const expire = (
  { heldFen, expiredAt }: Data<'RecordExpiry'>,
  visit: OpenVisit,
): readonly VisitEvent[] => {
  if (visit.opening.visitClass === 'inpatient') return ask(expiredAt, visit);
  const expired: VisitEvent = { type: 'HoldExpired', data: { ...visit.ref, heldFen } };
  if (visit.endsBy !== undefined && !visit.endedAt && !visit.withdrawnAt) return [expired];
  if (visit.totals.grossFen === 0 && visit.waiting.length === 0 && !visit.graceUntil)
    return [expired, cancelling(visit, expiredAt)];
  return withConsequences(
    visit,
    visit.endedAt
      ? [expired]
      : [
          expired,
          {
            type: 'VisitEndReported',
            data: { ...visit.ref, endedAt: expiredAt, byHold: true },
          },
        ],
  );
};

/**
 * Decides what an answer means. An answer that is not awaited, or came before, yields []. Throws
 * VISIT_UNKNOWN (not-found): the service that answers knows a visit that this log does not, so it is
 * older than what was published of it, and the answer is not to be lost.
 */
export const decideHold = (command: HoldCommand, known: Visit): readonly VisitEvent[] => {
  const visit = opened(known);
  switch (command.type) {
    case 'RecordAuthorization':
      return visit.status !== 'open' || visit.authorization.state !== 'pending'
        ? []
        : withConsequences(visit, [
            { type: 'CreditAuthorized', data: { ...visit.ref, ...command.data } },
          ]);
    case 'RecordDecline':
      return visit.status !== 'open' || visit.authorization.state !== 'pending'
        ? []
        : withConsequences(visit, [
            { type: 'CreditDeclined', data: { ...visit.ref, reason: command.data.reason } },
          ]);
    case 'RecordIncrease':
      return visit.increase?.requestId !== command.data.requestId
        ? []
        : withConsequences(visit, [
            { type: 'HoldIncreased', data: { ...visit.ref, ...command.data } },
          ]);
    case 'RecordIncreaseDecline':
      return visit.increase?.requestId !== command.data.requestId
        ? []
        : declineIncrease(command.data, visit);
    case 'RecordExpiry':
      return visit.status !== 'open' || visit.expired ? [] : expire(command.data, visit);
    case 'RecordOverdue':
      return visit.status !== 'open' ? [] : ask(command.data.askedAt, visit);
    case 'RecordCoverage':
      return visit.status !== 'open' || visit.coverage
        ? []
        : withConsequences(visit, [
            { type: 'CoverageDetermined', data: { ...visit.ref, coverage: command.data.coverage } },
          ]);
  }
};
