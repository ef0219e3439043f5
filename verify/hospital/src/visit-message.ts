import { visitIdOf } from '@caretab/contracts';
import { chargeBody } from './http-writer';
import type { ReportedVisit, VisitReport } from './visit-report';

/** An event of `hospital.visit-events` before it has an id: its type and its data. */
export interface VisitEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A message as the bus carries it: JSON, with CloudEvents attributes in its headers. */
export interface VisitMessage {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/**
 * A report as the events that a hospital with a producer of its own publishes, in order; one a
 * charge. VisitStarted lacks its `personId`: the producer resolves it first.
 */
export const eventsOf = (visit: ReportedVisit, report: VisitReport): VisitEvent[] => {
  const { institutionId, visitNumber, visitClass, department, startedAt } = visit;
  const place = { visitId: visitIdOf(institutionId, visitNumber), institutionId, visitNumber };
  const event = (type: string, data: Readonly<Record<string, unknown>>): VisitEvent => ({
    type,
    data: { ...place, ...data },
  });
  switch (report.kind) {
    case 'start':
      return [event('VisitStarted', { visitClass, department, startedAt })];
    case 'update':
      return [event('VisitUpdated', { department: report.department, updatedAt: report.at })];
    case 'reclassify':
      return [event('VisitUpdated', { visitClass: report.visitClass, updatedAt: report.at })];
    case 'reopen':
      return [event('VisitReopened', { reopenedAt: report.at })];
    case 'charges':
      return report.charges.map((charge) => event('ChargePosted', { charge: chargeBody(charge) }));
    case 'return':
      if (report.part ?? report.returnedToPharmacy ?? report.itemCode)
        return [
          event('ChargeReturned', {
            returnId: report.returnId,
            chargeId: report.charge.chargeId,
            ...(report.itemCode && { itemCode: report.itemCode }),
            ...(report.part ?? { amountFen: report.charge.amountFen }),
            ...(report.returnedToPharmacy && { returnedToPharmacy: true }),
            returnedAt: report.at,
          }),
        ];
      return [
        event('ChargeCredited', {
          creditId: report.returnId,
          chargeId: report.charge.chargeId,
          amountFen: report.charge.amountFen,
          creditedAt: report.at,
        }),
      ];
    case 'cancel':
      return [event('VisitWithdrawn', { withdrawnAt: report.at })];
    case 'end':
      return [event('VisitEnded', { endedAt: report.at })];
  }
};

/**
 * An event as its message. `at`: when the hospital sent it; `id`: the same for each repetition;
 * `personId`: added to what needs it.
 */
export const messageOf = (
  { type, data }: VisitEvent,
  sent: {
    readonly institutionId: string;
    readonly id: string;
    readonly at: string;
    readonly personId?: string | undefined;
  },
): VisitMessage => ({
  key: String(data['visitId']),
  headers: {
    ce_specversion: '1.0',
    ce_id: sent.id,
    ce_type: type,
    ce_source: `hospital/${sent.institutionId}`,
    ce_time: new Date(sent.at).toISOString(),
    'content-type': 'application/json',
  },
  value: JSON.stringify({ ...data, ...(sent.personId && { personId: sent.personId }) }),
});
