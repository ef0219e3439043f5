import { factsAfter } from './ledger-facts';
import type { Reply } from './controller-door';
import { FINDINGS } from './hl7-feed';
import { keyOf, ownIdentifier } from './hospital-doors';
import { writtenNumber } from './number-book';
import type { JudgedRun } from './judged-run';
import type { VisitPlan } from './plan';
import { isForAnother } from './stranger-book';
import { rejectionsOf } from './submission-judgement';
import { must } from './violation';
import type { PlannedAction } from './visit-script';

interface Case {
  readonly visitId: string;
  readonly fields: readonly string[];
  readonly status: string;
  readonly closedAt?: string;
  readonly why?: string;
}
interface Contradiction {
  readonly type?: string;
  readonly visitId: string;
  readonly fields: readonly string[];
}

const WHY = 'a slip of the desk';
/** Raw messages and cases are kept for so long, and this is less. */
const KEPT_MS = 29 * 24 * 3_600_000;

/**
 * Nothing that was sent for one person is on another's tab, and its sender knows; a holder who is not
 * as registered is a case that its hospital knows of, and no case is without such a cause; each fact
 * has the identifier by which its report named the person. All by the hospitals' own books. Throws
 * Violation.
 */
export const holdersAreSo = async (court: JudgedRun): Promise<void> => {
  const { people } = court;
  must(people.mistaken.length === 0, 'holder', () => ({ accepted: people.mistaken }));
  strangersPayNothing(court);
  await casesAreSo(court);
  await identifiersAreKept(court);
};

const strangersPayNothing = (court: JudgedRun): void => {
  const { plan, people, watch } = court;
  const rejections = rejectionsOf(court);
  for (const visit of plan.visits) {
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    for (const action of people.acceptedOf(visit)) {
      if (!isForAnother(visit, action) || action.kind === 'return') continue;
      const chargeId = action.kind === 'charges' ? action.charges[0]!.chargeId : '';
      const decision = tab?.decisions.get(chargeId);
      const reason = rejections.get(people.submissionIdOf(visit, action));
      const seen = () => ({ visitId, sent: action, decision, reason });
      must(decision !== 'ChargeDeferred', 'holder', seen);
      if (people.turnedAway.has(visit)) continue;
      const isKnown =
        reason !== undefined ||
        (decision !== undefined && tab?.refusals.get(chargeId) === 'PERSON_DIFFERS');
      must(isKnown, 'holder', seen);
    }
  }
};

const keyed = (visitId: string, fields: readonly string[]): string =>
  `${visitId} ${[...fields].sort().join()}`;

/** What the register must have found, by visit and fields, of the hospitals at one kind of door. */
const dueOf = ({ plan, people }: JudgedRun, door: 'http' | 'bus'): ReadonlySet<string> => {
  const due = new Set<string>();
  for (const visit of plan.visits) {
    if (plan.institutions[visit.institution]!.door !== door) continue;
    for (const action of people.acceptedOf(visit)) {
      const { says } = action.person ?? {};
      const found = says && FINDINGS[says];
      const isWarned = people.warned.has(action);
      must(!isWarned || found !== undefined, 'holder', () => ({ warned: action }));
      if (found && (door === 'bus' || isWarned)) due.add(keyed(people.visitIdOf(visit), found));
    }
  }
  return due;
};

/**
 * Messages whose holder could not be compared when they came: nothing was said of them. Their
 * hospitals send such a holder once more.
 */
export const unheardOf = ({ plan, people }: JudgedRun): [VisitPlan, PlannedAction][] => {
  const unheard: [VisitPlan, PlannedAction][] = [];
  for (const visit of plan.visits) {
    if (plan.institutions[visit.institution]!.door === 'bus') continue;
    const said = people.acceptedOf(visit).filter(({ person }) => person?.says);
    const known = new Set(
      said.filter((action) => people.warned.has(action)).map(({ person }) => person!.says),
    );
    for (const action of said) {
      const { says, citizen } = action.person!;
      if (known.has(says) || !FINDINGS[says!] || people.forgotten.has(citizen)) continue;
      known.add(says);
      unheard.push([visit, action]);
    }
  }
  return unheard;
};

const casesAreSo = async (court: JudgedRun): Promise<void> => {
  const { world, plan } = court;
  const unheard = unheardOf(court);
  must(unheard.length === 0, 'holder', () => ({ unheard: unheard.map(([, action]) => action) }));
  const due = { http: dueOf(court, 'http'), bus: dueOf(court, 'bus') };
  const all = new Set([...due.http, ...due.bus]);
  const facts = new Set<string>();
  for (const { type, data } of (await factsAfter(world, 0n)).facts) {
    const { visitId, fields } = data as Contradiction;
    if (type === 'HolderContradicted') facts.add(keyed(visitId, fields));
  }
  same(facts, all, 'facts');
  const webhooks = world.delivered.flatMap(({ to, body }) => {
    const { type, visitId, fields } = (to.startsWith('/') ? body : {}) as Contradiction;
    return type === 'HolderContradicted' ? [keyed(visitId, String(fields).split(/[, ]+/))] : [];
  });
  same(new Set(webhooks), all, 'webhooks');
  // By then they may be deleted with the messages that they were found in.
  if (world.scheduler.nowMs - world.startedMs > KEPT_MS) return;
  const cases = await listed(court, '/gateway/holder-cases');
  same(new Set(cases.map(({ visitId, fields }) => keyed(visitId, fields))), due.http, 'cases');
  for (const { institutionId } of plan.institutions) {
    const headers = { authorization: `Bearer ${keyOf(institutionId)}` };
    const own = await listed(court, '/v1/holder-cases', headers);
    const theirs = cases.filter(({ visitId }) => visitId.startsWith(`${institutionId}-`));
    same(new Set(own.map(textOf)), new Set(theirs.map(textOf)), `cases of ${institutionId}`);
  }
  await casesClose(court, cases);
};

/** One is closed by its reason, once; it stays closed, and every other stays as it is. */
const casesClose = async (court: JudgedRun, cases: readonly Case[]): Promise<void> => {
  const [first] = cases;
  if (!first) return;
  const known = cases.find(({ status }) => status === 'closed');
  const { visitId } = known ?? first;
  const body = { visitId, why: WHY };
  if (!known) await court.people.ask('gateway', 'POST', '/gateway/holder-cases/close', body);
  for (const found of await listed(court, '/gateway/holder-cases')) {
    const isClosed = found.status === 'closed' && found.why === WHY && Boolean(found.closedAt);
    must(isClosed === (found.visitId === visitId), 'holder', () => ({ closed: visitId, found }));
  }
};

const textOf = (one: Case): string => JSON.stringify(one);

const same = (found: ReadonlySet<string>, due: ReadonlySet<string>, what: string): void =>
  must(found.size === due.size && [...due].every((one) => found.has(one)), 'holder', () => ({
    what,
    found: [...found],
    due: [...due],
  }));

/** Open and closed ones: fewer than a page, in a morning. */
const listed = async (
  { people }: JudgedRun,
  path: string,
  headers: Record<string, string> = {},
): Promise<Case[]> => {
  const pages = await Promise.all(
    ['open', 'closed'].map((status): Promise<Reply> =>
      people.ask('gateway', 'GET', `${path}?status=${status}`, undefined, { headers }),
    ),
  );
  return pages.flatMap((reply) => {
    must(reply.status === 200, 'holder', () => ({ path, reply }));
    return (reply.body as { readonly cases: readonly Case[] }).cases;
  });
};

/** Whom a report named by an identifier; undefined: it named no one. */
const namedBy = ({ kind, person }: PlannedAction, { citizen }: VisitPlan): number | undefined =>
  person ? person.citizen : kind === 'start' ? citizen : undefined;

const identifiersAreKept = async ({ world, plan, people }: JudgedRun): Promise<void> => {
  const citizenOf = new Map<
    string,
    { readonly citizen: number | undefined; readonly at: string; readonly by: string }
  >();
  for (const visit of plan.visits) {
    const { institutionId: at } = plan.institutions[visit.institution]!;
    for (const action of people.acceptedOf(visit))
      citizenOf.set(people.submissionIdOf(visit, action), {
        ...{ citizen: namedBy(action, visit), at },
        by: action.person?.isAlone ? writtenNumber(action.person.number!) : '',
      });
  }
  const digests = new Map<string, number>();
  const known = new Map<string, string>();
  for (const { type, metadata } of (await factsAfter(world, 0n)).facts) {
    const { causationId = '', identifier } = metadata as {
      readonly causationId?: string;
      readonly identifier?: string;
    };
    const sent = citizenOf.get(causationId);
    if (!sent) continue;
    const { citizen, at, by } = sent;
    const seen = () => ({ type, causationId, identifier, citizen });
    must((identifier === undefined) === (citizen === undefined), 'holder', seen);
    if (identifier === undefined || citizen === undefined) continue;
    if (plan.institutions.find(({ institutionId }) => institutionId === at)!.door === 'bus')
      must(identifier === ownIdentifier(at, citizen), 'holder', seen);
    // Opaque: the same for the same person, and another for another.
    const place = `${at} ${citizen} ${by}`;
    must((known.get(place) ?? identifier) === identifier, 'holder', seen);
    known.set(place, identifier);
    must((digests.get(identifier) ?? citizen) === citizen, 'holder', seen);
    digests.set(identifier, citizen);
  }
};
