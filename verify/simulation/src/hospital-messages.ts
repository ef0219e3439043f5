import type { PlannedMessage, VisitPlan } from './plan';

/** As much of a visit as a hospital repeats in what it says of it. */
type VisitSaid = Pick<VisitPlan, 'visitNumber' | 'visitClass' | 'startedAt'>;

/** What a producer sends on the bus, before the ids and the place are added. */
export type FactSaid = { readonly type: string; readonly [field: string]: unknown };

const DEPARTMENT = 'CARD';
const PATHS = {
  charges: 'charges',
  return: 'returns',
  update: 'update',
  end: 'end',
  cancel: 'cancel',
  start: '',
  pay: '',
} as const;

/** Where the HTTP door takes it. */
export const pathOf = (visitId: string, { kind }: PlannedMessage): string =>
  kind === 'start' ? '/v1/visits' : `/v1/visits/${visitId}/${PATHS[kind]}`;

type Spoken = PlannedMessage & { readonly at: string };

/** What the HTTP door takes. `idNumber`: what the person shows at the counter. */
export const bodyOf = (
  { visitNumber, visitClass, startedAt }: VisitSaid,
  saying: Spoken,
  idNumber: string,
): unknown => {
  switch (saying.kind) {
    case 'start':
      return {
        visitNumber,
        visitClass,
        credential: { type: 'id-number', value: idNumber },
        department: DEPARTMENT,
        startedAt,
      };
    case 'charges':
      return { charges: saying.charges };
    case 'return':
      return {
        returnId: saying.returnId,
        chargeId: saying.charge.chargeId,
        amountFen: saying.charge.amountFen,
        returnedAt: saying.at,
      };
    case 'update':
      return { department: saying.department, updatedAt: saying.at };
    case 'end':
      return { endedAt: saying.at };
    default:
      return { withdrawnAt: saying.at };
  }
};

/** What a hospital's own producer sends for it, in order. */
export const factsOf = (
  { visitClass, startedAt }: VisitSaid,
  saying: Spoken,
  personId: string,
): FactSaid[] => {
  switch (saying.kind) {
    case 'start':
      return [{ type: 'VisitStarted', personId, visitClass, department: DEPARTMENT, startedAt }];
    case 'charges':
      return saying.charges.map((charge) => ({ type: 'ChargePosted', charge }));
    case 'return':
      return [
        {
          type: 'ChargeCredited',
          creditId: saying.returnId,
          chargeId: saying.charge.chargeId,
          amountFen: saying.charge.amountFen,
          creditedAt: saying.at,
        },
      ];
    case 'update':
      return [{ type: 'VisitUpdated', department: saying.department, updatedAt: saying.at }];
    case 'end':
      return [{ type: 'VisitEnded', endedAt: saying.at }];
    default:
      return [{ type: 'VisitWithdrawn', withdrawnAt: saying.at }];
  }
};
