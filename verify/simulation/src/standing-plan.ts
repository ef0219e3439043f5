import { type Random, seededRandom } from '@caretab/doubles';
import type { CitizenPlan } from './citizen-plan';
import type { VisitPlan } from './visit-plan';
import { chance, VisitScript } from './visit-script';

/** What becomes of people while their visits go on; `citizen` is an index. */
export interface StandingPlan {
  readonly seed: number;
  readonly death?: DeathPlan;
  readonly ward?: WardPlan;
  readonly revocation?: RevocationPlan;
  readonly policy?: PolicyPlan;
  /** Dues that were missed go through the days of the arrears policy. */
  readonly arrears?: true;
}

export interface DeathPlan {
  readonly citizen: number;
  readonly atMs: number;
  /** When it is taken back: after so many ms, days after the storm, or never. */
  readonly back: number | 'later' | 'never';
}

/** `of-age`: turns 18 in mid-visit. `handed-over`: a second guardian takes the first one's place. */
export interface WardPlan {
  readonly kind: 'of-age' | 'handed-over' | 'left-alone';
  readonly child: number;
  readonly atMs: number;
  readonly second: number | undefined;
}

export interface RevocationPlan {
  readonly citizen: number;
  readonly atMs: number;
  readonly purpose: 'service' | 'debit-mandate';
}

/** One line for all, from the next day on. */
export interface PolicyPlan {
  readonly atMs: number;
  readonly lineFen: number;
}

/** Index of the citizen who is a child, and how many adults are before. */
interface People {
  readonly adults: number;
  readonly child: number | undefined;
}

const BEGINS_TIMEOUT_MS = 14_000;
const LINES_FEN = [5_000, 30_000, 150_000] as const;

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = (seed: number, place: number): Random => seededRandom(seed * 1_000 + place);

const deathOf = (random: Random, { adults, child }: People): DeathPlan => ({
  citizen: child !== undefined && chance(random, 0.2) ? child : random.integer(0, adults - 1),
  atMs: random.integer(300, BEGINS_TIMEOUT_MS),
  back: random.pick([random.integer(300, 9_000), 'later', 'later', 'never'] as const),
});

const wardOf = (random: Random, child: number, adults: number): WardPlan => ({
  child,
  kind: random.pick(['of-age', 'handed-over', 'left-alone'] as const),
  atMs: random.integer(300, BEGINS_TIMEOUT_MS),
  second: adults > 1 ? 1 : undefined,
});

/** In one seed of three. */
export const standingOf = (seed: number, people: People): StandingPlan | undefined => {
  const random = randomOf(seed, 601);
  if (!chance(random, 0.35)) return undefined;
  const { adults, child } = people;
  const kind =
    child !== undefined && chance(random, 0.4)
      ? 'ward'
      : random.pick(['death', 'death', 'revocation', 'policy', 'arrears'] as const);
  const atMs = random.integer(300, BEGINS_TIMEOUT_MS);
  const citizen = random.integer(0, adults - 1);
  const purpose = random.pick(['service', 'debit-mandate'] as const);
  const lineFen = random.pick(LINES_FEN);
  return {
    seed,
    arrears: true,
    ...(kind === 'death' && { death: deathOf(random, people) }),
    ...(kind === 'ward' && { ward: wardOf(random, child!, adults) }),
    ...(kind === 'revocation' && { revocation: { citizen, atMs, purpose } }),
    ...(kind === 'policy' && { policy: { atMs, lineFen } }),
  };
};

const OF_AGE = 18;

/** The first day (YYYY-MM-DD) on which a ward of `of-age` is no minor: tomorrow. */
export const birthdayOf = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** A ward who comes of age was born 18 years before tomorrow. */
export const bornFor = (
  citizens: readonly CitizenPlan[],
  { ward }: Pick<StandingPlan, 'ward'>,
  day: string,
  numbered: (citizen: CitizenPlan, birthDate: string) => CitizenPlan,
): readonly CitizenPlan[] => {
  if (ward?.kind !== 'of-age') return citizens;
  const birthday = birthdayOf(day);
  const born = `${Number(birthday.slice(0, 4)) - OF_AGE}${birthday.slice(4).replaceAll('-', '')}`;
  return citizens.map((citizen, index) =>
    index === ward.child ? numbered(citizen, born) : citizen,
  );
};

/** Whose visits are added: one that lasts beyond the storm, and one that begins after it. */
const whoseOf = ({ death, ward, revocation, policy }: StandingPlan): number | undefined =>
  death?.citizen ?? ward?.child ?? revocation?.citizen ?? (policy ? 0 : undefined);

/** A stay that its hospital ends only when it is asked, and a visit of later on. */
export const visitsOfStanding = (
  plan: StandingPlan,
  { count, institutions, day }: { count: number; institutions: number; day: string },
): VisitPlan[] => {
  const citizen = whoseOf(plan);
  if (citizen === undefined) return [];
  return (['stay', 'later'] as const).map((kind, place) => {
    const random = randomOf(plan.seed, 610 + place);
    const script = new VisitScript(random, count + place, false, day);
    script.say({ kind: 'start' });
    script.say({ kind: 'charges', charges: [script.charge(), script.charge()] });
    if (kind === 'later') script.say({ kind: 'end' });
    const { index, visitNumber, startedAt, actions } = script;
    return {
      ...{ index, visitNumber, startedAt, actions, citizen },
      institution: random.integer(0, institutions - 1),
      visitClass: kind === 'stay' ? ('inpatient' as const) : ('outpatient' as const),
      startsAtMs: random.integer(0, 200),
      ...(kind === 'later' && { isLater: true as const }),
    };
  });
};
