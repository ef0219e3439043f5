import { creditAuthorizations, identityPersons } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import { publishedIn } from './published';
import { birthdayOf } from './standing-plan';
import { must } from './violation';

/** A process's clock may be so far off. */
const CLOCK_ERROR_MS = 3_700_000;

/**
 * A visit is on its patient's own line; a child's on that of who was guardian when it was granted, to
 * its last verdict, no matter who is guardian by then. A ward who came of age is on no one's. By the book of
 * who was appointed. Throws Violation.
 */
export const wardsAreOnTheirGuardians = (court: JudgedRun): void => {
  const { world, watch, plan, people, standing } = court;
  if (plan.restores) return;
  const children = new Set(
    plan.citizens.flatMap(({ guardian }, index) =>
      guardian === undefined ? [] : [people.personIds[index]!],
    ),
  );
  const lines = new Map<string, string>();
  for (const { at, type, data } of publishedIn(world, creditAuthorizations)) {
    if (type !== 'CreditAuthorized') continue;
    const { personId, accountPersonId, visitId } = data as Readonly<Record<string, string>>;
    lines.set(visitId!, accountPersonId!);
    const may = children.has(personId!) ? standing.guardiansAt(personId!, at) : [personId!];
    must(may.includes(accountPersonId!), 'wards', () => ({ visitId, accountPersonId, may }));
  }
  for (const [visitId, { verdicts }] of watch.book.tabs)
    for (const { revision, accountPersonId = '' } of verdicts.values()) {
      const line = lines.get(visitId);
      must(line === undefined || accountPersonId === line, 'wards', () => ({
        ...{ visitId, revision, accountPersonId, line },
      }));
    }
  comesOfAge(court);
};

/** It is said once, on the day and not before; the child that it is said of is the one born so. */
const comesOfAge = ({ world, plan, people }: JudgedRun): void => {
  const { ward } = plan.standing ?? {};
  const grown = publishedIn(world, identityPersons).filter(
    ({ type, data }) => type === 'GuardianshipEnded' && data['reason'] === 'CAME_OF_AGE',
  );
  const isPlanned = ward?.kind === 'of-age';
  if (!isPlanned) return must(grown.length === 0, 'wards', () => ({ grown, born: 'later' }));
  const birthdayMs = Date.parse(`${birthdayOf(plan.day)}T00:00:00+08:00`);
  const isDue = world.scheduler.nowMs > birthdayMs + CLOCK_ERROR_MS;
  must(grown.length === Number(isDue), 'wards', () => ({ grown, isDue }));
  for (const { ms, data } of grown)
    must(
      ms > birthdayMs - CLOCK_ERROR_MS && data['personId'] === people.personIds[ward.child],
      'wards',
      () => ({ ms: new Date(ms), data, birthday: birthdayOf(plan.day) }),
    );
};
