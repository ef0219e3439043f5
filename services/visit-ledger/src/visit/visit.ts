import type { Decider } from '@caretab/kernel';
import { type AdjudicationCommand, decideAdjudication, decideResettlement } from './adjudication';
import { withConsequences } from './charge-decisions';
import { decideCharges } from './charges';
import { type AgreementCommand, decideAgreement, expireLateCharges } from './late-charges';
import { decideHold, type HoldCommand } from './hold';
import { decideOpening } from './opening';
import { decidePayment, type PaymentCommand } from './payment';
import { expireWaiting } from './rejections';
import {
  decideSubmission,
  noteHolder,
  refuseSubmission,
  type HospitalCommand,
  type SubmissionCommand,
  withTurns,
} from './submissions';
import { assertParties } from './refusals';
import {
  decideIdentification,
  expireUnidentified,
  type IdentificationCommand,
} from './unidentified';
import type { VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { initialVisit, type Visit } from './visit-state';

/** What hospitals report, and what the other services answered; declared where it is decided. */
export type VisitCommand =
  | HospitalCommand
  | SubmissionCommand
  | AgreementCommand
  | IdentificationCommand
  | HoldCommand
  | AdjudicationCommand
  | PaymentCommand;

const decideReport = (command: HospitalCommand, visit: Visit): readonly VisitEvent[] =>
  command.type === 'PostCharge' || command.type === 'ReturnCharge'
    ? decideCharges(command, visit, command.by)
    : decideOpening(command, visit);

const decideCommand = (command: VisitCommand, visit: Visit): readonly VisitEvent[] => {
  switch (command.type) {
    case 'StartVisit':
    case 'StartUnidentifiedVisit':
    case 'UpdateVisit':
    case 'EndVisit':
    case 'ReachTime':
    case 'ReopenVisit':
    case 'CancelVisit':
    case 'PostCharge':
    case 'ReturnCharge': {
      const { by } = command;
      return by
        ? decideSubmission({ ...command, by }, visit, decideReport)
        : decideReport(command, visit);
    }
    case 'RefuseSubmission':
      return refuseSubmission(command);
    case 'NoteHolder':
      return noteHolder(command);
    case 'ExpireWaiting':
      return [
        ...expireWaiting(visit, command.data.now),
        ...expireUnidentified(visit, command.data.now),
        ...expireLateCharges(visit, command.data.now),
      ];
    case 'AnswerLateCharge':
      return decideAgreement(command, visit);
    case 'ProposePatient':
    case 'AnswerIdentification':
      return decideIdentification(command, visit);
    case 'RecordAuthorization':
    case 'RecordDecline':
    case 'RecordIncrease':
    case 'RecordIncreaseDecline':
    case 'RecordExpiry':
    case 'RecordOverdue':
    case 'RecordCoverage':
      return decideHold(command, visit);
    case 'RecordVerdict':
      return decideAdjudication(command, visit);
    case 'SettleAgain':
      return decideResettlement(command, visit);
    case 'RecordPayment':
    case 'RecordRefund':
    case 'RecordPaymentMissed':
      return decidePayment(command, visit);
  }
};

/**
 * Decides what a command means for a visit. Throws the DomainErrors of its part: opening, charges,
 * hold, adjudication, payment; of a hospital's report that says which submission it is, a refusal is
 * a fact. A repetition yields [].
 */
const decide = (command: VisitCommand, visit: Visit): readonly VisitEvent[] => {
  if ('of' in command) assertParties(visit, command.of);
  const facts = decideCommand(command, visit);
  // A repetition: what the first time left undone (thousands of facts are appended in parts, and a
  // crash may come between two) follows now; else nothing.
  const all = facts.length > 0 ? facts : withConsequences(visit, []);
  const { at, endsBy } = ('by' in command ? command.by : undefined) ?? {};
  return withTurns(visit, all, { decide: decideReport, at, endsBy });
};

/**
 * The visit: the whole behaviour of one stay on the tab, from opened to settled. Three rules shape
 * it. A charge is decided here, by hold and coverage, without asking another service. What is
 * decided does not depend on how fast an answer came. After a closing nothing is changed in place: a
 * return closes the visit again, under the next revision, and so does what insurers settle again.
 */
export const visit: Decider<Visit, VisitCommand, VisitEvent> = {
  initial: initialVisit,
  evolve,
  decide,
};
