import type { LateWord } from './late-plan';
import type { LenderTwin } from './lender-twin';
import type { MergeBook } from './merge-book';
import type { Operators } from './operators';
import { forgottenRows, replayedRows, rows } from './quiescence';
import type { StandingBook } from './standing-book';
import type { Tab } from './tab-record';
import type { SimulatedPlatform } from './simulated-platform';

/**
 * Situations of the trade that the simulation is to meet; one that never comes would leave an
 * invariant untested.
 */
export const SITUATIONS = [
  'creditDeclined',
  'holdIncreased',
  'increaseDeclined',
  'holdExpired',
  'stayAskedAbout',
  'visitSetAside',
  'visitResumed',
  'lateChargeTaken',
  'endedByRule',
  'observationEnded',
  'closedAfterGrace',
  'chargeNotDeferred',
  'chargeReturned',
  'drugReturned',
  'drugKept',
  'chargeConflict',
  'visitCancelled',
  'revision',
  'declinedOnce',
  'paymentMissed',
  'paidAfterMissed',
  'outcomeUnknown',
  'partCaptured',
  'contradicted',
  'refundRefused',
  'refund',
  'refundAfterSettlement',
  'childOnGuardiansLine',
  'guardianChanged',
  'accountFrozen',
  'serviceClosed',
  'dataDestroyed',
  'turnedAway',
  'parkedAndReplayed',
  'rebuilt',
  'checkedInTheStorm',
  'reconciledInTheStorm',
  'mailUnconfirmed',
  'webhookRepeated',
  'moneyAdopted',
  'numbersMerged',
  'mergeRefused',
  'chargedByNumber',
  'strangerRefused',
  'strangerNotDeferred',
  'holderContradicted',
  'newbornRefused',
  'unidentifiedRefused',
  'parkedForgotten',
  'endAwaited',
  'endBeforeCharges',
  'wrongReturn',
  'reportBeforeStart',
  'cancelledAfterEnd',
  'reopeningAwaitsEnd',
  'lateChargeAsked',
  'lateChargeAgreed',
  'lateChargeRefused',
  'lateChargeUnanswered',
  'lateAnswerTooLate',
  'lateChargeBorne',
  'laterClaim',
  'wrongSum',
  'commitLost',
  'personDied',
  'deathTakenBack',
  'declinedForDeath',
  'uncollectedForDeath',
  'cameOfAge',
  'guardianshipEnded',
  'lineFollowed',
  'policyInForce',
  'consentsRevoked',
  'reminded',
  'defaultAnnounced',
  'defaultReported',
  'defaultTakenBack',
  'objected',
  'writtenOff',
  'recovered',
  'personsMerged',
  'personsUnmerged',
  'openedAsTheSurvivor',
  'bankLent',
  'bankRefused',
  'bankSilent',
  'bankLied',
  'lentReduced',
  'lentRepaid',
] as const;

export type Situation = (typeof SITUATIONS)[number];
/** How often each was met. */
export type Situations = Readonly<Record<Situation, number>>;

/** Types of events that are situations by themselves. */
const SITUATION_OF: Readonly<Record<string, Situation>> = {
  CreditDeclined: 'creditDeclined',
  HoldIncreased: 'holdIncreased',
  HoldIncreaseDeclined: 'increaseDeclined',
  HoldExpired: 'holdExpired',
  VisitOverdue: 'stayAskedAbout',
  VisitSetAside: 'visitSetAside',
  VisitResumed: 'visitResumed',
  ChargeNotDeferred: 'chargeNotDeferred',
  ChargeReversed: 'chargeReturned',
  ChargeConflictFound: 'chargeConflict',
  VisitCancelled: 'visitCancelled',
  PaymentMissed: 'paymentMissed',
  RefundCompleted: 'refund',
  PaymentOutcomeUnknown: 'outcomeUnknown',
  PaymentContradicted: 'contradicted',
  RefundRefused: 'refundRefused',
  AccountFrozen: 'accountFrozen',
  ServiceClosed: 'serviceClosed',
  PersonalDataDestroyed: 'dataDestroyed',
  HolderContradicted: 'holderContradicted',
  ChargeAwaitsAgreement: 'lateChargeAsked',
  PersonDied: 'personDied',
  PersonsMerged: 'personsMerged',
  PersonsUnmerged: 'personsUnmerged',
  PersonDeathTakenBack: 'deathTakenBack',
  GuardianshipEnded: 'guardianshipEnded',
  LineChanged: 'lineFollowed',
  ConsentsChanged: 'consentsRevoked',
  ArrearsReminded: 'reminded',
  DefaultAnnounced: 'defaultAnnounced',
  DefaultReported: 'defaultReported',
  DefaultTakenBack: 'defaultTakenBack',
  ObjectionDecided: 'objected',
  DueWrittenOff: 'writtenOff',
  WriteOffReduced: 'recovered',
};

/** What the ledger rejected, by its reason. */
const REJECTION_OF: Readonly<Record<string, Situation>> = {
  RETURN_ITEM_DIFFERS: 'wrongReturn',
  RETURN_BEFORE_CHARGE: 'wrongReturn',
  TIME_BEFORE_START: 'reportBeforeStart',
  END_BEFORE_CHARGES: 'endBeforeCharges',
  AMOUNT_MISMATCH: 'wrongSum',
};

/** Why a charge was not deferred. */
const REFUSAL_OF: Readonly<Record<string, Situation>> = {
  PERSON_DIFFERS: 'strangerNotDeferred',
  LATE_CHARGE_REFUSED: 'lateChargeRefused',
  LATE_CHARGE_UNANSWERED: 'lateChargeUnanswered',
  LATE_CHARGE_HOSPITAL_BEARS: 'lateChargeBorne',
  LATER_CLAIM_EXISTS: 'laterClaim',
};

interface EventData {
  readonly visitId?: string;
  readonly revision?: number;
  readonly orderedFen?: number;
  readonly final?: boolean;
  readonly personId?: string;
  readonly accountPersonId?: string;
  readonly returnedToPharmacy?: true;
  readonly reason?: string;
}

interface Doings {
  readonly operators: Operators;
  readonly tabs: Iterable<Tab>;
  readonly lateWords: readonly LateWord[];
  readonly standing: Pick<StandingBook, 'policy'>;
  readonly merges: Pick<MergeBook, 'readAsSurvivor'>;
  /** How often money was adopted after a restore. */
  readonly adopted: number;
}

/** What the platform went through, by its published events and its rows. */
export const situationsOf = (
  world: SimulatedPlatform,
  { operators, tabs, adopted, lateWords, standing, merges }: Doings,
): Situations => {
  const met = Object.fromEntries(SITUATIONS.map((situation) => [situation, 0])) as Record<
    Situation,
    number
  >;
  const stages = new Map<string, Set<string>>();
  for (const { headers, data } of publishedOnce(world)) {
    const { ce_type: type = '' } = headers;
    const situation = SITUATION_OF[type];
    if (situation) met[situation] += 1;
    const { visitId = '', revision = 1, orderedFen, final, personId, accountPersonId } = data;
    const refusal = REFUSAL_OF[type === 'ChargeNotDeferred' ? (data.reason ?? '') : ''];
    if (refusal) met[refusal] += 1;
    const stage = stages.get(visitId) ?? new Set<string>();
    stages.set(visitId, stage.add(type));
    met.drugReturned += Number(data.returnedToPharmacy === true);
    met.drugKept += Number(data.reason === 'DRUG_DISPENSED');
    const rejection = REJECTION_OF[type === 'SubmissionRejected' ? (data.reason ?? '') : ''];
    if (rejection) met[rejection] += 1;
    if (type === 'SubmissionWaiting' && data.reason === 'VISIT_NOT_ENDED')
      met.reopeningAwaitsEnd += 1;
    const isForDeath = data.reason === 'PERSON_DIED';
    met.declinedForDeath += Number(isForDeath && type === 'CreditDeclined');
    met.uncollectedForDeath += Number(isForDeath && type === 'PaymentMissed');
    met.bankRefused += Number(data.reason === 'LENDER_REFUSED');
    met.bankSilent += Number(data.reason === 'LENDER_SILENT');
    met.cameOfAge += Number(data.reason === 'CAME_OF_AGE');
    if (type === 'VisitAdjudicated' && revision > 1) met.revision += 1;
    if (type === 'ChargeDeferred' && stage.has('VisitClosed')) met.lateChargeTaken += 1;
    if (type === 'RefundCompleted' && stage.has('VisitSettled')) met.refundAfterSettlement += 1;
    if (type === 'PaymentCaptured' && orderedFen !== undefined) met.partCaptured += 1;
    if (type === 'PaymentDeclined' && final === false) met.declinedOnce += 1;
    if (type === 'PaymentCaptured' && stage.has('PaymentMissed')) met.paidAfterMissed += 1;
    if (type === 'CreditAuthorized' && personId !== accountPersonId) met.childOnGuardiansLine += 1;
  }
  for (const tab of tabs) {
    met.endedByRule += Number(tab.endedByRule);
    met.observationEnded += Number(tab.endedByRule && tab.closedClass === 'emergency');
    met.endAwaited += Number(
      tab.graceUntil !== undefined && Date.parse(tab.graceUntil) === Date.parse(tab.endedAt ?? ''),
    );
    met.cancelledAfterEnd += Number(tab.status === 'cancelled' && tab.endedAt !== undefined);
    met.closedAfterGrace += Number(tab.isGraceOver && tab.status !== 'open');
  }
  for (const { person } of operators.strangersRefused) {
    if (!person?.opens) met.strangerRefused += 1;
    else if (person.says === 'newborn') met.newbornRefused += 1;
    else met.unidentifiedRefused += 1;
  }
  for (const { isTaken, isAgreed } of lateWords) {
    if (!isTaken) met.lateAnswerTooLate += 1;
    else if (isAgreed) met.lateChargeAgreed += 1;
  }
  met.numbersMerged = operators.byNumber.merged;
  met.mergeRefused = operators.byNumber.refused;
  met.chargedByNumber = operators.byNumber.charged;
  met.guardianChanged = operators.guardianChanges;
  met.moneyAdopted = adopted;
  met.policyInForce = Number(standing.policy?.inForce !== undefined);
  bankMet(world, met);
  met.openedAsTheSurvivor = merges.readAsSurvivor.size;
  met.turnedAway = operators.turnedAway;
  met.parkedAndReplayed = replayedRows(world);
  met.parkedForgotten = forgottenRows(world);
  met.rebuilt = operators.rebuilds;
  met.checkedInTheStorm = operators.checks;
  met.reconciledInTheStorm = operators.reconciliations;
  met.mailUnconfirmed = rows<{ readonly status: string }>(world, 'notification', 'notice').filter(
    ({ status }) => status === 'unconfirmed',
  ).length;
  const posted = world.delivered
    .filter(({ to }) => to.startsWith('/'))
    .map(({ noticeId }) => noticeId);
  met.commitLost = world.databaseCrashes.lost;
  met.webhookRepeated = posted.length - new Set(posted).size;
  return met;
};

/** By the bank's own book, and what was published of its answers. */
const bankMet = (world: SimulatedPlatform, met: Record<Situation, number>): void => {
  const { loans, moods, reduced } = world.lender ?? NO_LENDER;
  for (const { state, amountFen, repaidFen } of loans.values()) {
    met.bankLent += Number(state === 'drawn' && amountFen > 0);
    met.lentRepaid += Number(repaidFen > 0);
  }
  met.lentReduced += reduced;
  for (const mood of ['other-amount', 'other-order', 'forged'] as const)
    met.bankLied += moods.get(mood) ?? 0;
};

const NO_LENDER: Pick<LenderTwin, 'loans' | 'moods' | 'reduced'> = {
  ...{ loans: new Map(), moods: new Map(), reduced: 0 },
};

const publishedOnce = function* (
  world: SimulatedPlatform,
): Generator<{ readonly headers: Readonly<Record<string, string>>; readonly data: EventData }> {
  const seen = new Set<string>();
  for (const { message } of world.sent) {
    const id = message.headers['ce_id'] ?? '';
    if (seen.has(id)) continue;
    seen.add(id);
    yield { headers: message.headers, data: JSON.parse(message.value) as EventData };
  }
};
