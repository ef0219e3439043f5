import type { ClaimLine, Resettlement } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import type { ClaimCause } from './claim-basis';
import type { VisitClosed } from './claim-messages';
import { type ClaimRow, claimLineTable } from './claim.table';

/** The most charges that a cause names; `chargesChanged` counts all. */
const NAMED = 50;

const amounts = (
  lines: readonly Pick<ClaimLine, 'chargeId' | 'amountFen'>[],
): Map<string, number> => new Map(lines.map(({ chargeId, amountFen }) => [chargeId, amountFen]));

/** Why a visit is settled again: by what its charges differ from before, and what was asked. */
export const causeOf = async (
  transaction: Transaction,
  event: VisitClosed,
  { visitId, revision }: Pick<ClaimRow, 'visitId' | 'revision'>,
  requests: readonly Resettlement[],
): Promise<ClaimCause> => {
  const earlier = await transaction.rows(claimLineTable).find({ visitId, revision });
  const [before, after] = [amounts(earlier), amounts(event.data.lines)];
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .map((chargeId) => ({
      chargeId,
      beforeFen: before.get(chargeId) ?? 0,
      afterFen: after.get(chargeId) ?? 0,
    }))
    .filter(({ beforeFen, afterFen }) => beforeFen !== afterFen);
  return {
    what: changed.length > 0 ? 'charges' : requests.length > 0 ? 'requests' : 'visit',
    eventId: event.id,
    recordedAt: event.time,
    charges: changed.slice(0, NAMED),
    chargesChanged: changed.length,
    ...(requests.length > 0 && {
      requests: requests.map(({ requestId, because }) => ({ requestId, because })),
    }),
  };
};
