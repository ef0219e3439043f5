import type { VisitStatus } from '@caretab/contracts';
import { fenColumn, textColumn, table } from '@caretab/store';
import type { FactOf } from '../visit/visit-events';
import type { RecordedFact, View } from './view';

/** Which visits has this person, and what is owed for each? */
export interface PersonVisitRow {
  visitId: string;
  personId: string;
  institutionId: string;
  startedAt: string;
  status: VisitStatus;
  grossFen: number;
  patientDueFen: number;
  owedFen: number;
}

const personVisitTable = table<PersonVisitRow>({
  name: 'person_visit',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    institutionId: textColumn('institution_id'),
    startedAt: textColumn('started_at'),
    status: textColumn('status'),
    grossFen: fenColumn('gross_fen'),
    patientDueFen: fenColumn('patient_due_fen'),
    owedFen: fenColumn('owed_fen'),
  },
  owners: { institution: 'institutionId', person: 'personId' },
});

const CHANGES: readonly RecordedFact['type'][] = [
  'VisitOpened',
  'ChargeDeferred',
  'ChargeReturned',
  'VisitCancelled',
  'VisitClosed',
  'VisitAdjudicated',
  'PaymentRecorded',
  'RefundRecorded',
  'VisitSettled',
];

/** What a verdict has the patient owe us: nothing of what a bank lends. */
const owedOf = ({
  lender,
  patientDueFen,
}: Pick<FactOf<'VisitAdjudicated'>['data'], 'lender' | 'patientDueFen'>): number =>
  lender?.kind === 'bank' ? 0 : patientDueFen;

const apply = (row: PersonVisitRow | undefined, { type, data }: RecordedFact): PersonVisitRow => {
  if (type === 'VisitOpened')
    return {
      visitId: data.visitId,
      personId: data.personId,
      institutionId: data.institutionId,
      startedAt: data.startedAt,
      status: 'open',
      grossFen: 0,
      patientDueFen: 0,
      owedFen: 0,
    };
  const known = row!;
  switch (type) {
    case 'ChargeDeferred':
    case 'ChargeReturned':
      return { ...known, grossFen: data.totals.grossFen };
    case 'VisitCancelled':
      return { ...known, status: 'cancelled', grossFen: 0 };
    case 'VisitClosed':
      return { ...known, status: 'closed' };
    case 'VisitAdjudicated':
      return {
        ...known,
        status: 'adjudicated',
        patientDueFen: data.patientDueFen,
        owedFen:
          known.owedFen +
          owedOf(data) -
          (data.previous ? owedOf({ ...data, ...data.previous }) : 0),
      };
    case 'PaymentRecorded':
      return { ...known, owedFen: known.owedFen - data.amountFen };
    case 'RefundRecorded':
      return { ...known, owedFen: known.owedFen + data.amountFen };
    case 'VisitSettled':
      return { ...known, status: 'settled' };
    default:
      return known;
  }
};

export const personVisitsView: View<PersonVisitRow> = {
  table: personVisitTable,
  keyField: 'visitId',
  keysOf: (fact) =>
    CHANGES.includes(fact.type) && 'personId' in fact.data && fact.data.personId
      ? [fact.data.visitId]
      : [],
  apply,
};
