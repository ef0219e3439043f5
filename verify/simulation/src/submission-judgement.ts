import { visitLedgerVisits } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import type { VisitPlan } from './plan';
import { must } from './violation';
import type { PlannedAction } from './visit-script';

interface Word {
  readonly submissionId?: string;
  readonly waitsUntil?: string;
  readonly reason?: string;
  readonly rejectedAt?: string;
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
      const word = JSON.parse(message.value) as Word;
      const { submissionId, waitsUntil } = word;
      if (type === 'SubmissionWaiting') this.waitsUntil.set(submissionId!, waitsUntil!);
      else this.known.add(submissionId ?? cause);
      if (type === 'SubmissionRejected') this.reject(word);
    }
  }

  /** What waited is rejected for that only when its limit is over. */
  private reject({ submissionId, reason, rejectedAt }: Word): void {
    this.rejected.add(submissionId!);
    const waitsUntil = this.waitsUntil.get(submissionId!);
    if (waitsUntil !== undefined && /_UNKNOWN$/.test(reason!))
      must(Date.parse(rejectedAt!) >= Date.parse(waitsUntil), 'answered', () => ({
        submissionId,
        ...{ reason, rejectedAt, waitsUntil },
      }));
  }
}

/** Reports that webhooks named as rejected, by what the hospitals' receivers got. */
const reportedRejected = ({ world }: JudgedRun): ReadonlySet<string> =>
  new Set(
    world.delivered.flatMap(({ to, body }) => {
      const { type, submissionId } = (to === 'mail' ? {} : body) as Word & Typed;
      return type === 'SubmissionRejected' ? [submissionId!] : [];
    }),
  );

/**
 * Reports that hospitals learned of as rejected, though their own books know no reason: their limit
 * was over, or their charge waits for the citizen's agreement. By submission, and charges also as
 * `<visitId>/<chargeId>`.
 */
export const untimelyOf = ({ world }: JudgedRun): ReadonlySet<string> =>
  new Set(
    world.delivered.flatMap(({ to, body }) => {
      const { reason, submissionId, visitId, chargeId, kind } = (to === 'mail' ? {} : body) as Told;
      if (!submissionId || !UNTIMELY.has(reason ?? '')) return [];
      return [submissionId, ...(kind === 'ChargePosted' ? [`${visitId}/${chargeId}`] : [])];
    }),
  );

const UNTIMELY = new Set(['CHARGE_AWAITS_AGREEMENT', 'CHARGE_UNKNOWN', 'VISIT_UNKNOWN']);

interface Typed {
  readonly type?: string;
}
interface Told extends Word {
  readonly visitId?: string;
  readonly chargeId?: string;
  readonly kind?: string;
}

/** By submission: the reason that a webhook gave for its rejection. */
export const rejectionsOf = ({ world }: JudgedRun): ReadonlyMap<string, string> =>
  new Map(
    world.delivered.flatMap(({ to, body }) => {
      const { type, submissionId, reason } = (to === 'mail' ? {} : body) as Told & Typed;
      return type === 'SubmissionRejected' ? [[submissionId!, reason!] as const] : [];
    }),
  );

/** Reports of which the ledger said last that they wait, and whose limit is not over. */
export const waitingOf = (court: JudgedRun): ReadonlySet<string> => {
  const words = new Words(court);
  const { nowMs } = court.world.scheduler;
  return new Set(
    [...words.waitsUntil].flatMap(([submissionId, waitsUntil]) =>
      Date.parse(waitsUntil) > nowMs && !words.known.has(submissionId) ? [submissionId] : [],
    ),
  );
};

/** Reports of a visit that were accepted, and that no webhook named as rejected. */
export const standingOf = (court: JudgedRun, visit: VisitPlan): readonly PlannedAction[] => {
  const named = reportedRejected(court);
  const { people } = court;
  return people
    .acceptedOf(visit)
    .filter((action) => !named.has(people.submissionIdOf(visit, action)));
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
      const submissionId = people.submissionIdOf(visit, action);
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
