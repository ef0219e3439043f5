import { eventsOf, hl7Of, requestOf, type ReportedVisit, type VisitEvent } from '@caretab/hospital';
import type { PlannedVisit, Step } from './visit-plan';

const reported = ({ citizen, ...visit }: PlannedVisit): ReportedVisit => ({
  ...visit,
  patient: { idNumber: citizen.idNumber, name: citizen.name, recordNumber: citizen.citizen },
});

/** One message of an HL7 feed file; its segments end with line feeds there. */
export interface Hl7Message {
  readonly at: string;
  readonly controlId: string;
  readonly text: string;
}

/** Writes a step of a visit as its HL7 message. */
export const hl7Line = (
  visit: PlannedVisit,
  step: Step,
  controlId: string,
  charset?: string,
): Hl7Message => ({
  at: step.at,
  controlId,
  text: hl7Of(reported(visit), step, { controlId, charset }).replaceAll('\r', '\n'),
});

/** One request of the HTTP door, as a line of a feed file. */
export interface HttpLine {
  readonly at: string;
  readonly idempotencyKey: string;
  readonly path: string;
  readonly body: unknown;
}

/** Writes a step of a visit as a request of the hospitals' HTTP API. */
export const httpLine = (visit: PlannedVisit, step: Step, idempotencyKey: string): HttpLine => ({
  at: step.at,
  idempotencyKey,
  ...requestOf(reported(visit), step),
});

/**
 * One contract event of a hospital that publishes by itself. A visit's start carries the credential
 * that the hospital resolves first.
 */
export interface EventLine extends VisitEvent {
  readonly at: string;
  readonly id: string;
  readonly credential?: { readonly type: 'id-number'; readonly value: string };
}

/** Writes a step of a visit as events of `hospital.visit-events`. */
export const eventLines = (visit: PlannedVisit, step: Step, id: string): EventLine[] =>
  eventsOf(reported(visit), step).map(({ type, data }, index) => ({
    at: step.at,
    id: step.kind === 'charges' ? `${id}-${index + 1}` : id,
    type,
    data,
    ...(step.kind === 'start' && {
      credential: { type: 'id-number' as const, value: visit.citizen.idNumber },
    }),
  }));
