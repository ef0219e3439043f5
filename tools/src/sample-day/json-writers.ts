import { visitIdOf } from '@caretab/contracts';
import type { PlannedCharge, PlannedVisit, Step } from './visit-plan';

const chargeBody = ({
  chargeId,
  itemCode,
  quantity,
  unitPriceYuan,
  amountFen,
  occurredAt,
}: PlannedCharge): object => ({
  chargeId,
  itemCode,
  quantity,
  unitPriceYuan,
  amountFen,
  occurredAt,
});

/** One request of the HTTP door, as a line of a feed file. */
export interface HttpLine {
  readonly at: string;
  readonly idempotencyKey: string;
  readonly path: string;
  readonly body: unknown;
}

/** Writes a step of a visit as a request of the hospitals' HTTP API. */
export const httpOf = (visit: PlannedVisit, step: Step, idempotencyKey: string): HttpLine => {
  const path = (action: string): string => `/v1/visits/${visit.visitNumber}/${action}`;
  const line = (to: string, body: unknown): HttpLine => ({
    at: step.at,
    idempotencyKey,
    path: to,
    body,
  });
  switch (step.kind) {
    case 'start':
      return line('/v1/visits', {
        visitNumber: visit.visitNumber,
        credential: { type: 'id-number', value: visit.citizen.idNumber },
        visitClass: visit.visitClass,
        department: visit.department,
        startedAt: visit.startedAt,
      });
    case 'update':
      return line(path('update'), { department: step.department, updatedAt: step.at });
    case 'charges':
      return line(path('charges'), { charges: step.charges.map(chargeBody) });
    case 'return':
      return line(path('returns'), {
        returnId: step.returnId,
        chargeId: step.charge.chargeId,
        amountFen: step.charge.amountFen,
        returnedAt: step.at,
      });
    case 'cancel':
      return line(path('cancel'), { withdrawnAt: step.at });
    case 'end':
      return line(path('end'), { endedAt: step.at });
  }
};

/**
 * One contract event of a hospital that publishes by itself. A visit's start carries the credential
 * that the hospital resolves first.
 */
export interface EventLine {
  readonly at: string;
  readonly id: string;
  readonly type: string;
  readonly credential?: { readonly type: 'id-number'; readonly value: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes a step of a visit as events of `hospital.visit-events`. */
export const eventsOf = (visit: PlannedVisit, step: Step, id: string): EventLine[] => {
  const { institutionId, visitNumber } = visit;
  const ref = { visitId: visitIdOf(institutionId, visitNumber), institutionId, visitNumber };
  const event = (
    type: string,
    data: Readonly<Record<string, unknown>>,
    suffix = '',
  ): EventLine => ({ at: step.at, id: `${id}${suffix}`, type, data: { ...ref, ...data } });
  switch (step.kind) {
    case 'start':
      return [
        {
          ...event('VisitStarted', {
            visitClass: visit.visitClass,
            department: visit.department,
            startedAt: visit.startedAt,
          }),
          credential: { type: 'id-number', value: visit.citizen.idNumber },
        },
      ];
    case 'update':
      return [event('VisitUpdated', { department: step.department, updatedAt: step.at })];
    case 'charges':
      return step.charges.map((charge, index) =>
        event('ChargePosted', { charge: chargeBody(charge) }, `-${index + 1}`),
      );
    case 'return':
      return [
        event('ChargeCredited', {
          creditId: step.returnId,
          chargeId: step.charge.chargeId,
          amountFen: step.charge.amountFen,
          creditedAt: step.at,
        }),
      ];
    case 'cancel':
      return [event('VisitWithdrawn', { withdrawnAt: step.at })];
    case 'end':
      return [event('VisitEnded', { endedAt: step.at })];
  }
};
