import type { UnidentifiedState } from '@caretab/contracts';
import type { UnidentifiedFact } from '../visit/unidentified-facts';
import type { RecordedFact } from './view';
import type { VisitRow } from './visit.table';
import { withWaits } from './visit-waits';

export const UNIDENTIFIED_STATES: readonly UnidentifiedState[] = [
  'open',
  'asked',
  'refused',
  'unanswered',
  'lapsed',
];

/** By what the deadlines of a visit without a person stand among what waits. */
const TO_IDENTIFY = 'identification';
const proposalOf = (linkId: string): string => `proposal ${linkId}`;

const without = (row: VisitRow, ...ids: readonly string[]): VisitRow =>
  withWaits(
    row,
    row.waits.filter(({ submissionId }) => !ids.includes(submissionId)),
  );

/** No earlier than its patient can be identified a report stops waiting. */
const openedUnidentified = (
  row: VisitRow,
  data: Extract<UnidentifiedFact, { readonly type: 'UnidentifiedVisitOpened' }>['data'],
): VisitRow => ({
  ...withWaits(row, [
    ...row.waits.map((one) => ({ ...one, waitsUntil: data.identifyUntil })),
    { submissionId: TO_IDENTIFY, waitsUntil: data.identifyUntil, isCharge: true },
  ]),
  businessDate: data.businessDate,
  visitClass: 'emergency',
  department: data.department ?? null,
  startedAt: data.startedAt,
  unidentified: 'open',
  unidentifiedFen: data.chargedFen,
  identifyUntil: data.identifyUntil,
});

/** The row after a fact of a visit that has no person yet. */
export const afterUnidentified = (row: VisitRow, { type, data }: UnidentifiedFact): VisitRow => {
  switch (type) {
    case 'UnidentifiedVisitOpened':
      return openedUnidentified(row, data);
    case 'PatientProposed':
      return {
        ...withWaits(row, [
          ...row.waits,
          {
            submissionId: proposalOf(data.linkId),
            waitsUntil: data.answerUntil,
            isCharge: true,
          },
        ]),
        unidentified: 'asked',
      };
    case 'PatientDenied':
      return {
        ...without(row, proposalOf(data.linkId)),
        unidentified: data.reason === 'IDENTIFICATION_REFUSED' ? 'refused' : 'unanswered',
      };
    case 'PatientIdentified':
      return without(row, proposalOf(data.linkId));
    case 'UnidentifiedVisitGivenUp': {
      const rest = { ...withWaits(row, []), unidentifiedFen: 0 };
      return data.reason === 'VISIT_CANCELLED'
        ? { ...rest, status: 'cancelled', unidentified: null, identifyUntil: null }
        : { ...rest, unidentified: 'lapsed' };
    }
  }
};

/** What a report of a hospital changes while its visit is on no one's line. */
export const onNobodysLine = (row: VisitRow, { type, data }: RecordedFact): VisitRow => {
  if (row.unidentified === null) return row;
  switch (type) {
    case 'ChargeWaiting':
      return { ...row, unidentifiedFen: row.unidentifiedFen + data.charge.amountFen };
    case 'ReturnWaiting':
      return { ...row, unidentifiedFen: row.unidentifiedFen - data.amountFen };
    case 'SubmissionWaiting': {
      if (data.kind !== 'VisitEnded' && data.kind !== 'VisitReopened') return row;
      const { endedAt = null } = data.command.data as { readonly endedAt?: string };
      return { ...row, closedAt: endedAt };
    }
    default:
      return row;
  }
};
