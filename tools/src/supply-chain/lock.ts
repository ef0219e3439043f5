/** One package as package-lock.json has it: a place under node_modules, and what stands there. */
export interface LockedPackage {
  /** `node_modules/a/node_modules/b` */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** `sha512-…`, in base64. */
  readonly integrity: string | undefined;
  readonly isDev: boolean;
  readonly isOptional: boolean;
  readonly dependencies: readonly string[];
}

interface Entry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
export interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
}

const FOLDER = 'node_modules/';
const nameAt = (path: string): string => path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);

/** Everything that is installed from a registry. */
export const packagesIn = ({ packages }: Lock): readonly LockedPackage[] =>
  Object.entries(packages)
    .filter(([path, { link }]) => path.includes(FOLDER) && !link)
    .map(([path, entry]) => ({
      path,
      name: nameAt(path),
      version: entry.version ?? '',
      licence: entry.license,
      integrity: entry.integrity,
      isDev: entry.dev === true || entry.devOptional === true,
      isOptional: entry.optional === true || entry.devOptional === true,
      dependencies: Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }),
    }));

/** What our own package.json files ask for by name, each with the range that they ask for. */
export const directIn = ({ packages }: Lock): ReadonlyMap<string, string> => {
  const own = Object.entries(packages).filter(([path]) => !path.includes(FOLDER));
  const asked = new Map<string, string>();
  for (const [path, entry] of own)
    for (const named of [entry.dependencies, entry.optionalDependencies, entry.devDependencies])
      for (const [name, range] of Object.entries(named ?? {}))
        // A workspace asks for whatever the root has.
        if (!name.startsWith('@caretab/') && (path === '' || !asked.has(name)))
          asked.set(name, range);
  return asked;
};

/** Which place a dependency of a package is found at, as Node looks for it: upwards. */
export const resolvedFrom = (
  path: string,
  name: string,
  isThere: (path: string) => boolean,
): string | undefined => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf(FOLDER) - 1))) {
    const place = at === '' ? FOLDER + name : `${at}/${FOLDER}${name}`;
    if (isThere(place)) return place;
    if (at === '') return undefined;
  }
};
