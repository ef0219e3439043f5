import { adjudicationClaims, visitLedgerVisits } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import { must } from './violation';
import { type Bill, type Part, type Use, verdictOn } from './verdict-rules';

interface Closed {
  readonly visitId: string;
  readonly revision: number;
  readonly visitClass: string;
  readonly lines: Bill['lines'];
}
interface Opened {
  readonly visitId: string;
  readonly institutionId: string;
  readonly startedAt: string;
}
interface Adjudicated {
  readonly visitId: string;
  readonly personId: string;
  readonly revision: number;
  readonly grossFen: number;
  readonly patientDueFen: number;
  readonly payers: readonly { readonly planId?: string; readonly amountFen: number }[];
}
interface Membership {
  readonly planId: string;
  readonly psnType: string;
  readonly personalAccountYuan?: string;
}

const dayOf = (instant: string): string =>
  new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 10);

/** One person's year, as the verdicts so far used it up. */
class Year {
  private readonly used = new Map<string, Use>();
  private readonly parts = new Map<string, readonly Part[]>();
  /** The year of each visit's first settlement. */
  private readonly settled = new Map<string, string>();
  /** What each visit's first verdict found used before it, and left on accounts. */
  private readonly uses = new Map<string, Use>();
  private readonly accounts = new Map<string, number>();

  constructor(private readonly memberships: readonly Membership[]) {}

  of(key: string): Use {
    const use = this.used.get(key) ?? {
      deductibleFen: 0,
      inScopeFen: 0,
      fundFen: 0,
      accountFen: 0,
    };
    this.used.set(key, use);
    return use;
  }

  account(planId: string): number {
    const yuan = this.memberships.find((one) => one.planId === planId)?.personalAccountYuan ?? '0';
    const spent = [...this.used].reduce(
      (sum, [key, use]) => sum + (key.startsWith(`${planId} `) ? use.accountFen : 0),
      0,
    );
    return Math.max(0, Math.round(Number(yuan) * 100) - spent);
  }

  /**
   * What a visit's verdict stands on: its first on what stands, a later one on what the first found,
   * but no fund has more than what is left of it now.
   */
  usedBefore(visitId: string, key: string): Use {
    const [place, now] = [`${visitId} ${key}`, { ...this.of(key) }];
    const then = this.uses.get(place) ?? now;
    this.uses.set(place, then);
    return { ...then, fundFen: Math.max(then.fundFen, now.fundFen) };
  }

  /** The same of what is on the person's account. */
  accountBefore(visitId: string, planId: string): number {
    const [place, now] = [`${visitId} ${planId}`, this.account(planId)];
    const then = this.accounts.get(place) ?? now;
    this.accounts.set(place, then);
    return Math.min(then, now);
  }

  /** The year in which a visit counts; a correction stays where the first settlement was. */
  settledIn(visitId: string, year: string): string {
    const first = this.settled.get(visitId) ?? year;
    this.settled.set(visitId, first);
    return first;
  }

  /** A new verdict takes the place of the visit's earlier one. */
  takeBack(visitId: string): void {
    for (const part of this.parts.get(visitId) ?? []) this.add(part, -1);
    this.parts.delete(visitId);
  }

  book(visitId: string, parts: readonly Part[]): void {
    for (const part of parts) this.add(part, 1);
    this.parts.set(visitId, parts);
  }

  private add(part: Part, sign: 1 | -1): void {
    const use = this.of(part.key);
    for (const field of ['deductibleFen', 'inScopeFen', 'fundFen', 'accountFen'] as const)
      use[field] += sign * part[field];
  }
}

/**
 * Every verdict, recomputed by the rules as the documents have them, in the order in which they
 * were published; a later one of a visit in the place of its first. A person's year is kept here as
 * well. Throws Violation.
 */
export const verdictsAreRight = ({ world, plan, people }: JudgedRun): void => {
  const levels = new Map(
    plan.institutions.map(({ institutionId, level }) => [institutionId, level]),
  );
  const years = new Map(
    plan.citizens.map(({ memberships }, index) => [
      people.personIds[index]!,
      new Year(memberships as readonly Membership[]),
    ]),
  );
  const opened = new Map<string, Opened>();
  const closed = new Map<string, Closed>();
  const seen = new Set<string>();
  for (const { topic, message } of world.sent) {
    const type = message.headers['ce_type'];
    if (topic === visitLedgerVisits.name && type === 'VisitOpened') {
      const data = JSON.parse(message.value) as Opened;
      opened.set(data.visitId, data);
    }
    if (topic === visitLedgerVisits.name && type === 'VisitClosed') {
      const data = JSON.parse(message.value) as Closed;
      closed.set(`${data.visitId} ${data.revision}`, data);
    }
    if (topic !== adjudicationClaims.name || type !== 'ClaimAdjudicated') continue;
    const verdict = JSON.parse(message.value) as Adjudicated;
    const { visitId, revision, personId } = verdict;
    if (seen.has(`${visitId} ${revision}`)) continue;
    seen.add(`${visitId} ${revision}`);
    const { startedAt, institutionId } = opened.get(visitId)!;
    const { visitClass, lines } = closed.get(`${visitId} ${revision}`)!;
    const year = years.get(personId)!;
    const memberships = plan.citizens[people.personIds.indexOf(personId)]!
      .memberships as readonly Membership[];
    year.takeBack(visitId);
    const right = verdictOn(
      {
        date: dayOf(startedAt),
        year: year.settledIn(visitId, dayOf(message.headers['ce_time']!).slice(0, 4)),
        visitClass,
        level: levels.get(institutionId)!,
        memberships,
        lines,
      },
      (key) => year.usedBefore(visitId, key),
      (planId) => year.accountBefore(visitId, planId),
    );
    const rightParts = right.parts
      .map(({ fundFen, accountFen }) => fundFen + accountFen)
      .filter((fen) => fen > 0);
    const isRight =
      verdict.patientDueFen === right.patientFen &&
      JSON.stringify(verdict.payers.map(({ amountFen }) => amountFen)) ===
        JSON.stringify(rightParts);
    must(isRight, 'verdict', () => ({ verdict, right, visitClass, lines }));
    year.book(visitId, right.parts);
  }
};
