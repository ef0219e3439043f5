import { visitIdOf } from '@caretab/contracts';
import type { ReportedCharge, ReportedVisit, VisitReport } from './visit-report';

/** A request of the hospitals' HTTP API, always POST. */
export interface HospitalRequest {
  readonly path: string;
  readonly body: unknown;
}

/** A charge as the HTTP API takes it. */
export const chargeBody = ({
  chargeId,
  itemCode,
  quantity,
  unitPriceYuan,
  amountFen,
  occurredAt,
  department,
  dispensed,
}: ReportedCharge): object => ({
  chargeId,
  itemCode,
  quantity,
  unitPriceYuan,
  amountFen,
  occurredAt,
  ...(department !== undefined && { department }),
  ...(dispensed && { dispensed }),
});

/** A report as its request: which path, which body. */
export const requestOf = (visit: ReportedVisit, report: VisitReport): HospitalRequest => {
  const to = (action: string, body: unknown): HospitalRequest => ({
    path: `/v1/visits/${encodeURIComponent(visitIdOf(visit.institutionId, visit.visitNumber))}/${action}`,
    body,
  });
  switch (report.kind) {
    case 'start':
      return {
        path: '/v1/visits',
        body: {
          visitNumber: visit.visitNumber,
          credential: { type: 'id-number', value: visit.patient.idNumber },
          visitClass: visit.visitClass,
          department: visit.department,
          startedAt: visit.startedAt,
        },
      };
    case 'update':
      return to('update', { department: report.department, updatedAt: report.at });
    case 'reclassify':
      return to('update', { visitClass: report.visitClass, updatedAt: report.at });
    case 'reopen':
      return to('reopen', { reopenedAt: report.at });
    case 'charges':
      return to('charges', { charges: report.charges.map(chargeBody) });
    case 'return':
      return to('returns', {
        returnId: report.returnId,
        chargeId: report.charge.chargeId,
        ...(report.itemCode && { itemCode: report.itemCode }),
        ...(report.part ?? { amountFen: report.charge.amountFen }),
        ...(report.returnedToPharmacy && { returnedToPharmacy: true }),
        returnedAt: report.at,
      });
    case 'cancel':
      return to('cancel', { withdrawnAt: report.at });
    case 'end':
      return to('end', { endedAt: report.at });
  }
};

/** What a hospital's request carries beside its body: who asks, and the key of its repetitions. */
export const hospitalHeaders = (
  apiKey: string,
  idempotencyKey: string,
): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${apiKey}`,
  'idempotency-key': idempotencyKey,
});
