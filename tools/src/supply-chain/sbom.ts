import { type Lock, type LockedPackage, packagesIn, resolvedFrom } from './lock';

/** `pkg:npm/%40nestjs/core@11.2.10` (package URL, purl-spec). */
export const purlOf = ({ name, version }: Pick<LockedPackage, 'name' | 'version'>): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

const scopeOf = ({ isDev, isOptional }: LockedPackage): string => {
  if (isDev) return 'excluded';
  return isOptional ? 'optional' : 'required';
};

const hashesOf = ({ integrity }: LockedPackage) =>
  (integrity?.split(' ') ?? []).flatMap((one) => {
    const [, content] = /^sha512-(.+)$/.exec(one) ?? [];
    return content === undefined
      ? []
      : [{ alg: 'SHA-512', content: Buffer.from(content, 'base64').toString('hex') }];
  });

/**
 * A bill of materials in CycloneDX 1.6 (ECMA-424) of all that package-lock.json installs. The same
 * lock gives the same bytes: it has neither a time nor a serial number.
 */
export const sbomOf = (
  lock: Lock,
  own: { readonly name: string; readonly version: string; readonly license: string },
  licenceOf: (locked: LockedPackage) => string | undefined,
): object => {
  const all = packagesIn(lock);
  const byPath = new Map(all.map((locked) => [locked.path, locked]));
  const isThere = (path: string): boolean => byPath.has(path);
  const refOf = ({ path }: LockedPackage): string => path;
  const root = `pkg:npm/${own.name}@${own.version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        ...{ type: 'application', 'bom-ref': root, name: own.name, version: own.version },
        licenses: [{ license: { id: own.license } }],
      },
    },
    components: all.map((locked) => {
      const licence = licenceOf(locked);
      return {
        type: 'library',
        'bom-ref': refOf(locked),
        name: locked.name,
        version: locked.version,
        scope: scopeOf(locked),
        purl: purlOf(locked),
        hashes: hashesOf(locked),
        ...(licence !== undefined && { licenses: [{ expression: licence }] }),
      };
    }),
    dependencies: all.map((locked) => ({
      ref: refOf(locked),
      dependsOn: locked.dependencies
        .flatMap((name) => resolvedFrom(locked.path, name, isThere) ?? [])
        .sort(),
    })),
  };
};
