import { visitLedgerVisits } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import type { VisitPlan } from './plan';
import { must } from './violation';
import type { PlannedAction } from './visit-script';

interface Word {
  readonly submissionId?: string;
  readonly waitsUntil?: string;
}

/** What the ledger published, by the report that it speaks of or was caused by. */
class Words {
  readonly known = new Set<string>();
  readonly rejected = new Set<string>();
  readonly waitsUntil = new Map<string, string>();

  constructor({ world }: JudgedRun) {
    for (const { topic, message } of world.sent) {
      if (topic !== visitLedgerVisits.name) continue;
      const { ce_type: type, ce_causationid: cause = '' } = message.headers;
      const { submissionId, waitsUntil } = JSON.parse(message.value) as Word;
      if (type === 'SubmissionWaiting') this.waitsUntil.set(submissionId!, waitsUntil!);
      else this.known.add(submissionId ?? cause);
      if (type === 'SubmissionRejected') this.rejected.add(submissionId!);
    }
  }
}

/** Reports that webhooks named as rejected, by what the hospitals' receivers got. */
const reportedRejected = ({ world }: JudgedRun): ReadonlySet<string> =>
  new Set(
    world.delivered.flatMap(({ to, body }) => {
      const { type, submissionId } = (to === 'mail' ? {} : body) as Word & { type?: string };
      return type === 'SubmissionRejected' ? [submissionId!] : [];
    }),
  );

/** Reports of a visit that were accepted, and that no webhook named as rejected. */
export const standingOf = (court: JudgedRun, visit: VisitPlan): readonly PlannedAction[] => {
  const named = reportedRejected(court);
  const { people } = court;
  return people
    .acceptedOf(visit)
    .filter(({ key }) => !named.has(people.submissionIdOf(visit, key)));
};

/**
 * Every report that a hospital knows as accepted was applied, was rejected and the hospital got that,
 * or waits within its limit. Charges are judged by their decisions. Throws Violation.
 */
export const reportsAnswered = (court: JudgedRun): void => {
  const { world, plan, people } = court;
  const words = new Words(court);
  const named = reportedRejected(court);
  for (const submissionId of words.rejected)
    must(named.has(submissionId), 'answered', () => ({
      submissionId,
      rejected: 'and no webhook says so',
    }));
  for (const visit of plan.visits) {
    if (people.turnedAway.has(visit)) continue;
    for (const action of people.acceptedOf(visit)) {
      if (action.kind === 'pay' || action.kind === 'charges') continue;
      const submissionId = people.submissionIdOf(visit, action.key);
      const waitsUntil = words.waitsUntil.get(submissionId);
      const isWaiting =
        waitsUntil !== undefined && Date.parse(waitsUntil) > world.scheduler.nowMs - LIMIT_SLACK_MS;
      must(words.known.has(submissionId) || isWaiting, 'answered', () => ({
        visitId: people.visitIdOf(visit),
        kind: action.kind,
        submissionId,
        waitsUntil,
      }));
    }
  }
};

/** The ledger looks every minute. */
const LIMIT_SLACK_MS = 120_000;
