import type { Charge } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import { keyOf } from './hospital-doors';
import type { JudgedRun } from './judged-run';
import type { InstitutionPlan, VisitPlan } from './plan';
import { rejectionsOf, waitingOf } from './submission-judgement';
import { must } from './violation';
import type { PlannedReport } from './visit-script';

/** One entry of `GET /v1/submissions`. */
interface Listed {
  readonly submissionId: string;
  readonly messageId: string | null;
  readonly kind: string;
  readonly visitId: string;
  readonly chargeId: string | null;
  readonly fate: string;
  readonly reason: string | null;
}
interface Page {
  readonly submissions: readonly Listed[];
  readonly next?: string;
}

/** One report as its hospital knows it; of a message with several charges, one of them. */
interface Sent {
  readonly messageId: string;
  readonly visit: VisitPlan;
  readonly visitId: string;
  readonly kind: PlannedReport['kind'];
  /** Of charges. */
  readonly chargeId: string | undefined;
  /** Of a charge whose id another content had before. */
  readonly isConflict: boolean;
}

const PAGES_MAX = 100;

/** What a hospital's door lists, all pages of it. */
const listedOf = async ({ people }: JudgedRun, institutionId: string): Promise<Listed[]> => {
  const headers = { authorization: `Bearer ${keyOf(institutionId)}` };
  const listed: Listed[] = [];
  let query = '';
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const path = `/v1/submissions${query}`;
    const reply = await people.ask('gateway', 'GET', path, undefined, { headers });
    must(reply.status === 200, 'fates', () => ({ institutionId, path, reply }));
    const { submissions, next } = reply.body as Page;
    listed.push(...submissions);
    if (next === undefined) return listed;
    query = `?after=${encodeURIComponent(next)}`;
  }
  must(false, 'fates', () => ({ institutionId, pages: 'they have no end' }));
};

/** By submission: what a hospital sent through the gateway and got 202 for. */
const sentOf = (
  court: JudgedRun,
  { institutionId, door }: InstitutionPlan,
): ReadonlyMap<string, Sent> => {
  const { plan, people } = court;
  const rejections = rejectionsOf(court);
  const sent = new Map<string, Sent>();
  if (door === 'bus') return sent;
  for (const visit of plan.visits) {
    const first = new Map<string, Charge>();
    if (plan.institutions[visit.institution]!.institutionId !== institutionId) continue;
    for (const action of people.acceptedOf(visit)) {
      if (action.kind === 'pay' || action.kind === 'merge') continue;
      const messageId = people.messageIdOf(visit, action);
      const charges = action.kind === 'charges' ? action.charges : [undefined];
      for (const [index, charge] of charges.entries()) {
        const submissionId = derivedId(messageId, String(index + 1));
        // One that was rejected, since it waited too long, has its id no longer.
        const isTaken = charge && !rejections.has(submissionId);
        if (isTaken && !first.has(charge.chargeId)) first.set(charge.chargeId, charge);
        const other = charge && first.get(charge.chargeId);
        sent.set(submissionId, {
          ...{ messageId, visit, kind: action.kind, chargeId: charge?.chargeId },
          visitId: people.visitIdOf(visit),
          isConflict: other !== undefined && other !== charge,
        });
      }
    }
  }
  return sent;
};

const FATES = { ChargeDeferred: 'deferred', ChargeNotDeferred: 'not-deferred' } as const;

/**
 * Every hospital's list has each report that it got 202 for, once, and nothing else; and the fate of
 * each is what the facts, the webhooks and the limits say, never the gateway's own table. Throws
 * Violation.
 */
export const fatesAreSo = async (court: JudgedRun): Promise<void> => {
  const rejections = rejectionsOf(court);
  const waiting = waitingOf(court);
  for (const institution of court.plan.institutions) {
    const { institutionId } = institution;
    const sent = sentOf(court, institution);
    const listed = await listedOf(court, institutionId);
    const ids = new Set(listed.map(({ submissionId }) => submissionId));
    must(ids.size === listed.length, 'fates', () => ({ institutionId, listed: 'twice' }));
    for (const [submissionId, report] of sent)
      must(ids.has(submissionId), 'fates', () => ({ submissionId, ...report, listed: 'no' }));
    for (const entry of listed) {
      const { submissionId, fate, reason } = entry;
      const report = sent.get(submissionId);
      must(report !== undefined, 'fates', () => ({ institutionId, entry, sent: 'no' }));
      must(
        entry.visitId === report.visitId &&
          entry.messageId === report.messageId &&
          entry.chargeId === chargeIdOf(court, report, entry),
        'fates',
        () => ({ entry, report }),
      );
      const rejected = rejections.get(submissionId);
      const due: Due = rejected
        ? { fate: 'rejected', reason: rejected }
        : decidedFate(court, report, waiting.has(submissionId));
      must(
        fate === due.fate && (due.reason === undefined || due.reason === reason),
        'fates',
        () => ({ entry, due }),
      );
    }
  }
};

/** A return names the charge that it takes back. */
const chargeIdOf = (
  { people }: JudgedRun,
  report: Sent,
  { submissionId }: Listed,
): string | null => {
  if (report.chargeId !== undefined) return report.chargeId;
  if (report.kind !== 'return') return null;
  for (const action of people.acceptedOf(report.visit))
    if (action.kind === 'return' && people.submissionIdOf(report.visit, action) === submissionId)
      return action.charge.chargeId;
  return null;
};

/** A charge's by its decision; another report is applied unless it waits. */
const decidedFate = (
  court: JudgedRun,
  { visitId, chargeId, isConflict }: Sent,
  isWaiting: boolean,
): Due => {
  const { watch } = court;
  if (chargeId === undefined) return { fate: isWaiting ? 'waiting' : 'applied', reason: undefined };
  if (isConflict) return { fate: 'rejected', reason: 'CHARGE_CONFLICT' };
  const tab = watch.book.tabs.get(visitId);
  const decision = tab?.decisions.get(chargeId);
  if (decision === undefined) return { fate: isWaiting ? 'waiting' : 'decided', reason: undefined };
  if (tab?.status === 'cancelled' && decision === 'ChargeDeferred')
    return { fate: 'not-deferred', reason: 'VISIT_CANCELLED' };
  return { fate: FATES[decision], reason: tab?.refusals.get(chargeId) ?? null };
};

interface Due {
  readonly fate: string;
  /** Undefined: any. */
  readonly reason: string | null | undefined;
}
