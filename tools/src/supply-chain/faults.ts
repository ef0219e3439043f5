import { directIn, type Lock, type LockedPackage, packagesIn } from './lock';

/** Which licences may be installed, and those that a package says in no field of its own. */
export interface Licences {
  readonly allowed: readonly string[];
  /** By name: what its licence file says. */
  readonly readByHand: Readonly<Record<string, string>>;
}

/** A known weakness of a package, in versions from `introduced` on and before `fixed` (as OSV). */
export interface Advisory {
  readonly id: string;
  readonly package: string;
  readonly introduced: string;
  readonly fixed?: string;
  /** Why it does not reach us; without it a version in the range is a fault. */
  readonly notAffected?: string;
}
export interface Advisories {
  /** YYYY-MM-DD: when someone last looked, and where. */
  readonly lookedAt: string;
  readonly advisories: readonly Advisory[];
}

/**
 * Whether an SPDX expression is satisfied by what is allowed. Where it has both AND and OR, all that
 * it names must be.
 */
export const isAllowed = (expression: string, allowed: ReadonlySet<string>): boolean => {
  const named = expression.replace(/[()]/g, '').split(/ (?:AND|OR) /);
  const isChoice = expression.includes(' OR ') && !expression.includes(' AND ');
  const isListed = (one: string): boolean => allowed.has(one.trim());
  return isChoice ? named.some(isListed) : named.every(isListed);
};

export const licenceOf =
  ({ readByHand }: Licences) =>
  ({ name, licence }: LockedPackage): string | undefined =>
    licence ?? readByHand[name];

const numbersOf = (version: string): readonly number[] =>
  version.split(/[-+]/)[0]!.split('.').map(Number);

/** Whether a version is before another one; what stands before a release counts as that release. */
export const isBefore = (one: string, other: string): boolean => {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const at = a.findIndex((number, index) => number !== (b[index] ?? 0));
  return at >= 0 && a[at]! < (b[at] ?? 0);
};

const isIn = (version: string, { introduced, fixed }: Advisory): boolean =>
  !isBefore(version, introduced) && (fixed === undefined || isBefore(version, fixed));

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** A dependency has its line where the document says ``| `name` |``. */
const documentedIn = (document: string): ReadonlySet<string> =>
  new Set([...document.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!));

/** What is wrong with what would be installed; empty where nothing is. */
export const supplyFaults = (
  lock: Lock,
  held: {
    readonly licences: Licences;
    readonly advisories: Advisories;
    /** docs/dependencies.md */
    readonly document: string;
  },
): readonly string[] => {
  const all = packagesIn(lock);
  const allowed = new Set(held.licences.allowed);
  const named = licenceOf(held.licences);
  const direct = directIn(lock);
  const documented = documentedIn(held.document);
  const places = new Set(all.map(({ name }) => name));
  return [
    ...all.flatMap((locked) => {
      const licence = named(locked);
      const where = `${locked.path} ${locked.version}`;
      return [
        ...(licence === undefined ? [`${where}: says no licence`] : []),
        ...(licence !== undefined && !isAllowed(licence, allowed)
          ? [`${where}: its licence ${licence} is not on the list`]
          : []),
        ...(locked.integrity?.includes('sha512-') ? [] : [`${where}: has no SHA-512 in the lock`]),
        ...held.advisories.advisories
          .filter(
            (advisory) =>
              advisory.package === locked.name &&
              advisory.notAffected === undefined &&
              isIn(locked.version, advisory),
          )
          .map(({ id }) => `${where}: is affected by ${id}`),
      ];
    }),
    ...[...direct].flatMap(([name, range]) => [
      ...(range === '*' || EXACT.test(range) ? [] : [`${name}: ${range} is no exact version`]),
      ...(documented.has(name) ? [] : [`${name}: has no line in docs/dependencies.md`]),
    ]),
    ...[...documented]
      .filter((name) => !direct.has(name))
      .map((name) => `${name}: has a line in docs/dependencies.md and is not used`),
    ...Object.keys(held.licences.readByHand)
      .filter((name) => !places.has(name))
      .map((name) => `${name}: its licence was read by hand and it is not installed`),
  ];
};
