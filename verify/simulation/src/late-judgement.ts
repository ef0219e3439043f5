import { askedOf, type Claim, claimsOf, toldOf } from './late-facts';
import type { JudgedRun } from './judged-run';
import type { VisitPlan } from './plan';
import { must } from './violation';

/** Of one late charge. */
interface Late {
  readonly visit: VisitPlan;
  readonly chargeId: string;
  /** By its hospital's book; undefined where it came in the storm. */
  readonly amountFen?: number;
}

const yearOf = (moment: string): string =>
  new Date(Date.parse(moment) + 8 * 3_600_000).toISOString().slice(0, 4);

/**
 * A late charge is collected where its hospital's policy says so, or the citizen agreed to it, and no
 * later claim of the person's year stands on this one's; no other is, and its hospital learned why.
 * By the hospitals' books, the citizens' words and what came in at hospitals and insurers, never by
 * the ledger's own state. Throws Violation.
 */
export const lateChargesAreSo = (court: JudgedRun): void => {
  const { world, plan, people } = court;
  if (!plan.late) return;
  const claims = claimsOf(world);
  const told = toldOf(world);
  const byId = new Map(plan.visits.map((visit) => [people.visitIdOf(visit), visit]));
  const late = new Map<string, Late>();
  for (const { visitId, chargeId } of askedOf(world)) {
    const visit = byId.get(visitId)!;
    must(policyOf(court, visit) === 'ask', 'late', () => ({
      visitId,
      chargeId,
      asked: 'needlessly',
    }));
    late.set(`${visitId}/${chargeId}`, { visit, chargeId });
  }
  for (const sent of people.lateSent)
    late.set(`${people.visitIdOf(sent.visit)}/${sent.chargeId}`, sent);
  for (const [key, one] of late) {
    const due = dueOf(court, one, claims);
    const line = claims
      .get(people.visitIdOf(one.visit))
      ?.at(-1)
      ?.lines.find(({ chargeId }) => chargeId === one.chargeId);
    const isRight =
      due === undefined
        ? line !== undefined && line.amountFen === (one.amountFen ?? line.amountFen)
        : line === undefined && told.get(key) === due;
    must(isRight, 'late', () => ({ key, due: due ?? 'collected', line, told: told.get(key) }));
  }
  for (const [visitId, of] of claims) noMoreThanAgreed(court, byId.get(visitId)!, of);
};

const policyOf = ({ plan }: JudgedRun, { institution }: VisitPlan): string =>
  plan.institutions[institution]!.interface.lateCharge ?? 'collect';

/** Why it is not collected; undefined: it is. */
const dueOf = (
  court: JudgedRun,
  { visit, chargeId }: Late,
  claims: ReadonlyMap<string, readonly Claim[]>,
): string | undefined => {
  const policy = policyOf(court, visit);
  const word = wordOf(court, visit, chargeId);
  if (policy === 'hospital-bears') return 'LATE_CHARGE_HOSPITAL_BEARS';
  if (policy === 'ask' && !word) return 'LATE_CHARGE_UNANSWERED';
  if (policy === 'ask' && !word!.isAgreed) return 'LATE_CHARGE_REFUSED';
  return hasLaterClaim(court, visit, claims) ? 'LATER_CLAIM_EXISTS' : undefined;
};

const wordOf = ({ people }: JudgedRun, visit: VisitPlan, chargeId: string) =>
  people.lateWords.find(
    (word) =>
      word.isTaken && word.chargeId === chargeId && word.visitId === people.visitIdOf(visit),
  );

/** Another visit of the person, begun in the same year, ended no earlier and was claimed. */
const hasLaterClaim = (
  { plan, people }: JudgedRun,
  visit: VisitPlan,
  claims: ReadonlyMap<string, readonly Claim[]>,
): boolean => {
  const own = claims.get(people.visitIdOf(visit))!.at(-1)!;
  return plan.visits.some((other) => {
    const claim = claims.get(people.visitIdOf(other))?.at(-1);
    return (
      other !== visit &&
      other.citizen === visit.citizen &&
      claim !== undefined &&
      yearOf(claim.startedAt) === yearOf(own.startedAt) &&
      Date.parse(claim.closedAt) >= Date.parse(own.closedAt)
    );
  });
};

/** What is claimed beyond the first claim came late. */
const noMoreThanAgreed = (
  court: JudgedRun,
  visit: VisitPlan,
  [first, ...later]: readonly Claim[],
): void => {
  const known = new Set(first!.lines.map(({ chargeId }) => chargeId));
  const policy = policyOf(court, visit);
  for (const { chargeId } of later.flatMap(({ lines }) => lines)) {
    const isAllowed =
      known.has(chargeId) ||
      policy === 'collect' ||
      (policy === 'ask' && wordOf(court, visit, chargeId)?.isAgreed === true);
    must(isAllowed, 'late', () => ({
      visitId: first!.visitId,
      chargeId,
      policy,
      claimed: 'again',
    }));
  }
};
