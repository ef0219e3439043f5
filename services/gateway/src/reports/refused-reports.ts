import {
  type Fate,
  hospitalReports,
  hospitalVisitEvents,
  type SubmissionKind,
  VisitId,
} from '@caretab/contracts';
import { type ParkedRow, parkedTable } from '@caretab/bus';
import type { Cursor, Page, Transaction } from '@caretab/store';
import { Value } from '@sinclair/typebox/value';
import { maskedId } from '../quarantine/message-id';

/** One report that is not accepted, as its hospital reads it. */
interface NotAccepted {
  readonly submissionId: string;
  readonly messageId: string | null;
  /** Null where the message does not say so. */
  readonly kind: SubmissionKind | null;
  readonly visitId: string | null;
  readonly chargeId: null;
  readonly acceptedAt: Date;
  readonly fate: Fate;
  readonly reason: string;
  readonly remedy: string;
  readonly decidedAt: Date | null;
}

const kindIn = (type: string | undefined): SubmissionKind | null =>
  type !== undefined && Object.hasOwn(hospitalVisitEvents.events, type)
    ? (type as SubmissionKind)
    : null;

const shown = (row: ParkedRow, institutionId: string): NotAccepted => {
  const { id, key, headers, code, reason, parkedAt, settledAt, status } = row;
  const { ce_id: sent, ce_type: type } = JSON.parse(headers) as Record<string, string>;
  const messageId = maskedId(sent, parkedAt);
  // It may still be accepted: it waits for what is away, or behind another of its visit.
  const waits = row.holds && status === 'parked';
  return {
    submissionId: id,
    messageId: messageId && `bus/${institutionId}/${messageId}`,
    kind: kindIn(type),
    visitId: Value.Check(VisitId, key) ? key : null,
    chargeId: null,
    acceptedAt: parkedAt,
    fate: waits ? 'waiting' : 'rejected',
    reason: code,
    remedy: reason,
    decidedAt: waits ? null : (settledAt ?? parkedAt),
  };
};

/**
 * Reports on a hospital's own topic that the gateway did not accept, oldest first: what an operator
 * replayed is among the accepted ones.
 */
export const refusedReports = async (
  transaction: Transaction,
  institutionId: string,
  {
    visitId,
    fate,
    until,
    ...page
  }: {
    readonly visitId?: string | undefined;
    readonly fate?: Fate | undefined;
    readonly until?: string | undefined;
    readonly after: Cursor<ParkedRow> | undefined;
    readonly countMax: number;
  },
): Promise<Page<ParkedRow, NotAccepted>> => {
  const isOne = fate === undefined || fate === 'rejected' || fate === 'waiting';
  if (!isOne) return { rows: [], next: undefined };
  const { rows, next } = await transaction.rows(parkedTable).page(
    {
      topic: hospitalReports(institutionId).name,
      status: { in: fate === 'waiting' ? ['parked'] : ['parked', 'discarded'] },
      ...(fate !== undefined && { holds: fate === 'waiting' }),
      ...(visitId !== undefined && { key: visitId }),
      ...(until !== undefined && { parkedAt: { lte: new Date(until) } }),
    },
    { orderBy: 'parkedAt', ...page },
  );
  return { rows: rows.map((row) => shown(row, institutionId)), next };
};
