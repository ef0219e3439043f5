import { creditAccounts, creditAuthorizations } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { JudgedRun } from './judged-run';
import { shippedLineFen } from './line-policy-data';
import { type Published, publishedIn } from './published';
import { rows } from './quiescence';
import { must } from './violation';

const CLOCK_ERROR_MS = 3_700_000;

/** As the door shows a line. */
interface Shown {
  readonly enrolment: string;
  readonly accountPersonId: string;
  readonly lineFen: number;
}

/**
 * From the day of the policy on every open line is what it gives, each follows once and not before,
 * who has it is notified, and nothing is granted above it. By the document that was approved and the
 * scores that were given, not by what the service keeps. Throws Violation.
 */
export const linesFollowThePolicy = async (court: JudgedRun): Promise<void> => {
  const { world, plan, people, standing } = court;
  const { policy } = standing;
  if (plan.restores) return;
  const followed = publishedIn(world, creditAccounts).filter(
    ({ type, data }) => type === 'LineChanged' && data['reason'] === 'POLICY_IN_FORCE',
  );
  if (!policy) return must(followed.length === 0, 'policy', () => ({ followed, approved: 'none' }));
  const fromMs = Date.parse(`${policy.from}T00:00:00+08:00`);
  for (const { ms, data } of followed)
    must(
      ms > fromMs - CLOCK_ERROR_MS &&
        data['lineFen'] === policy.lineFen &&
        scoresOf(court, data['personId'] as string)
          .map(shippedLineFen)
          .includes(data['fromFen']),
      'policy',
      () => ({ ms: new Date(ms), data, policy }),
    );
  if (!policy.inForce) return;
  granted(court, policy.lineFen, policy.inForce.sent);
  for (const personId of people.personIds) {
    const { status, body } = await people.ask('credit', 'GET', `/credit/accounts/${personId}`);
    const shown = body as Shown;
    if (status !== 200 || shown.accountPersonId !== personId || shown.enrolment === 'closed')
      continue;
    must(shown.lineFen === policy.lineFen, 'policy', () => ({ shown, policy }));
    isToldOnce(court, personId, followed);
  }
};

/** Those that the authority gave, in whatever order they came. */
const scoresOf = ({ plan, people }: JudgedRun, personId: string): number[] => {
  const citizen = people.personIds.indexOf(personId);
  const later = plan.deeds.flatMap((deed) =>
    deed.kind === 'score' && deed.citizen === citizen ? [deed.score] : [],
  );
  return [plan.citizens[citizen]!.score, ...later];
};

const isToldOnce = (court: JudgedRun, personId: string, followed: readonly Published[]): void => {
  const own = followed.filter(({ data }) => data['personId'] === personId);
  // Who opened the service on that day had the line from the start.
  must(own.length === 1, 'policy', () => ({ personId, followed: own.length }));
  const kept = rows<{ readonly noticeId: string }>(court.world, 'notification', 'notice');
  const noticeId = derivedId('notice', own[0]!.eventId, personId, 'line-changed');
  must(
    kept.some((notice) => notice.noticeId === noticeId),
    'policy',
    () => ({ personId, noticeId, told: 'no' }),
  );
};

const granted = ({ world }: JudgedRun, lineFen: number, since: number): void => {
  for (const { at, type, data } of publishedIn(world, creditAuthorizations))
    if (type === 'CreditAuthorized' || type === 'HoldIncreased')
      must(at < since || data['heldFen'] <= lineFen, 'policy', () => ({ type, data, lineFen }));
};
