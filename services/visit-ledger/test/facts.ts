import type { Charge, Coverage } from '@caretab/contracts';
import type { EndRules } from '../src/ending/end-rules';
import type { InstitutionRules } from '../src/ending/institution-rules';
import type { VisitCommand } from '../src/visit/visit';
import type { CausedCommand } from '../src/visit/caused-commands';

/** A visit of a test: the commands that happen around it. */
export const personId = 'p-11111111-1111-4111-8111-111111111111';
export const at = '2026-03-02T09:00:00+08:00';
const coverage: Coverage = {
  coverageId: 'c',
  catalogueDate: '2026-03-02',
  hospitalLevel: 'level-3',
  plans: [],
};
export const chargeOf = (chargeId: string, amountFen: number): Charge => ({
  chargeId,
  itemCode: '250101015',
  quantity: '1',
  unitPriceYuan: (amountFen / 100).toFixed(2),
  amountFen,
  occurredAt: at,
});

export const visitIdOfNumber = (visitNumber: string): string => `HZ001-${visitNumber}`;

export const commandsOf = (visitNumber: string) => {
  const place = {
    visitId: visitIdOfNumber(visitNumber),
    institutionId: 'HZ001',
    businessDate: '2026-03-02',
  };
  return {
    start: {
      type: 'StartVisit',
      data: { ...place, personId, visitNumber, visitClass: 'outpatient', startedAt: at },
    },
    authorize: (heldFen = 30_000) => ({
      type: 'RecordAuthorization',
      data: { accountPersonId: personId, authorizationId: 'a1', heldFen, expiresAt: at },
    }),
    cover: { type: 'RecordCoverage', data: { coverage } },
    post: (chargeId: string, amountFen = 10) => ({
      type: 'PostCharge',
      data: { ...place, charge: chargeOf(chargeId, amountFen) },
    }),
    takeBack: (chargeId: string, amountFen = 10) => ({
      type: 'ReturnCharge',
      data: { ...place, returnId: `C-${chargeId}`, chargeId, amountFen },
    }),
    increase: (heldFen: number, count = 1) => ({
      type: 'RecordIncrease',
      data: { requestId: `${place.visitId}/${count}`, heldFen },
    }),
    end: { type: 'EndVisit', data: { endedAt: at } },
    verdict: (patientDueFen: number, revision = 1) => ({
      type: 'RecordVerdict',
      data: { revision, grossFen: patientDueFen, payers: [], patientDueFen, adjudicatedAt: at },
    }),
    pay: (amountFen: number, paymentId = 'P1') => ({
      type: 'RecordPayment',
      data: { paymentId, amountFen, channel: 'unionpay', capturedAt: at },
    }),
  } as const satisfies Record<string, VisitCommand | ((...args: never[]) => VisitCommand)>;
};

let messages = 0;
/** A command with a message of its own behind it. */
export const caused = (command: VisitCommand, id = `m-${(messages += 1)}`): CausedCommand => ({
  command,
  cause: { id, source: `HL7/${id}` },
});

/** What a city has where its institutions say nothing of ends. */
export const rulesByDefault: EndRules = {
  graceMs: 0,
  lateCharge: 'ask',
  outpatientEnd: 'doctor',
  emergencyEnd: 'doctor',
};
/** For tests in which every institution has these rules. */
export const rulesOfAll = (rules: EndRules | undefined): Pick<InstitutionRules, 'of'> => ({
  of: () => Promise.resolve(() => rules),
});

/** For tests in which no person has a later claim. */
export const noLaterClaims = {
  among: () => Promise.resolve(new Set<string>()),
  of: () => Promise.resolve({ hasLater: false, personId }),
};

/** For tests in which no one answers for another. */
export const noGuardians = { of: () => Promise.resolve(() => undefined) };
