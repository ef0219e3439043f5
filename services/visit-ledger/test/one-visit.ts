import type { Charge, Coverage, SubmissionKind } from '@caretab/contracts';
import type { HospitalCommand } from '../src/visit/submissions';
import { visit, type VisitCommand } from '../src/visit/visit';
import type { Submitted, VisitEvent } from '../src/visit/visit-events';

/** One outpatient visit, and what happens to it, for the specs of the decider. */
export const ref = {
  visitId: 'HZ001-V1',
  institutionId: 'HZ001',
  personId: 'p-11111111-1111-4111-8111-111111111111',
  businessDate: '2026-03-02',
};
export const guardian = 'p-22222222-2222-4222-8222-222222222222';
export const at = '2026-03-02T09:00:00+08:00';
export const coverage: Coverage = {
  coverageId: 'c',
  catalogueDate: '2026-03-02',
  hospitalLevel: 'level-3',
  plans: [],
};
export const charge = (chargeId: string, amountFen: number, itemCode = '250101015'): Charge => ({
  chargeId,
  itemCode,
  quantity: '1',
  unitPriceYuan: (amountFen / 100).toFixed(2),
  amountFen,
  occurredAt: at,
});
export const totals = (grossFen: number): object => ({ grossFen });

export const start: VisitCommand = {
  type: 'StartVisit',
  data: { ...ref, visitNumber: 'V1', visitClass: 'outpatient', startedAt: at },
};
export const post = (posted: Charge): VisitCommand => ({
  type: 'PostCharge',
  data: {
    visitId: ref.visitId,
    institutionId: ref.institutionId,
    businessDate: ref.businessDate,
    charge: posted,
  },
});
export const takeBack = (
  chargeId: string,
  amountFen: number | undefined,
  returnId = 'CR1',
  more: {
    readonly quantity?: string;
    readonly isWhole?: boolean;
    readonly returnedToPharmacy?: boolean;
  } = {},
): VisitCommand => ({
  type: 'ReturnCharge',
  data: {
    visitId: ref.visitId,
    institutionId: ref.institutionId,
    businessDate: ref.businessDate,
    returnId,
    chargeId,
    amountFen,
    ...more,
  },
});
export const authorize = (heldFen = 30_000): VisitCommand => ({
  type: 'RecordAuthorization',
  data: { accountPersonId: guardian, authorizationId: 'a1', heldFen, expiresAt: at },
});
export const cover: VisitCommand = { type: 'RecordCoverage', data: { coverage } };
export const end: VisitCommand = { type: 'EndVisit', data: { endedAt: at } };
export const pay = (amountFen: number, paymentId = 'P1'): VisitCommand => ({
  type: 'RecordPayment',
  data: { paymentId, amountFen, channel: 'unionpay', capturedAt: at },
});

/** The facts that these commands yield one after another. */
export const after = (...commands: readonly VisitCommand[]): VisitEvent[] => {
  const facts: VisitEvent[] = [];
  let state = visit.initial;
  for (const command of commands) {
    const decided = visit.decide(command, state);
    facts.push(...decided);
    state = decided.reduce(visit.evolve, state);
  }
  return facts;
};

/** When the ledger takes what is sent, and until when it may wait. */
export const NOW = '2026-03-02T02:00:00.000Z';
export const LIMIT = '2026-03-05T02:00:00.000Z';

const KINDS: Readonly<Record<string, SubmissionKind>> = {
  StartVisit: 'VisitStarted',
  StartUnidentifiedVisit: 'VisitStarted',
  UpdateVisit: 'VisitUpdated',
  EndVisit: 'VisitEnded',
  ReopenVisit: 'VisitReopened',
  CancelVisit: 'VisitWithdrawn',
  PostCharge: 'ChargePosted',
  ReturnCharge: 'ChargeReturned',
};

/** The command as the hospital's message brings it. */
export const sent = (
  command: VisitCommand,
  submissionId = 'm1',
  isRepeated = false,
): VisitCommand => {
  const by: Submitted = {
    ...{ visitId: ref.visitId, institutionId: ref.institutionId, businessDate: ref.businessDate },
    ...{ submissionId, messageId: `http/HZ001/${submissionId}`, at: NOW, waitsUntil: LIMIT },
    ...{ kind: KINDS[command.type]!, isRepeated },
  };
  return { ...(command as HospitalCommand), by };
};
