import { type Fault, isTest, jsonOf, matches, type Rule, type Tree } from './tree';

interface Manifest {
  readonly name?: string;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
}

const servicesOf = (tree: Tree): readonly string[] => [
  ...new Set(
    [...tree.paths].flatMap((path) => /^services\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? []),
  ),
];

const filesOf = (tree: Tree, service: string): readonly (readonly [string, string])[] =>
  [...tree.texts].filter(
    ([path]) =>
      path.startsWith(`services/${service}/src/`) && path.endsWith('.ts') && !isTest(path),
  );

/** What a newcomer looks for in every service. */
export const serviceFiles: Rule = (tree) =>
  servicesOf(tree).flatMap((service) =>
    [
      'README.md',
      'requests.http',
      'src/index.ts',
      'src/config.ts',
      'src/main.ts',
      'src/app.module.ts',
    ]
      .filter((name) => !tree.paths.has(`services/${service}/${name}`))
      .map((name) => ({
        file: `services/${service}/${name}`,
        line: 1,
        why: 'every service has one',
        todo: 'Write it; services beside it show how.',
      })),
  );

const manifestFaults = (tree: Tree, service: string): readonly Fault[] => {
  const file = `services/${service}/package.json`;
  const manifest = jsonOf<Manifest>(tree, file) ?? {};
  const tags = manifest.nx?.tags ?? [];
  return [
    ...(manifest.name === `@caretab/${service}`
      ? []
      : [
          {
            file,
            line: 1,
            why: `the package is called ${manifest.name}, the folder ${service}`,
            todo: `Call it @caretab/${service}.`,
          },
        ]),
    ...['layer:service', `service:${service}`]
      .filter((tag) => !tags.includes(tag))
      .map((tag) => ({
        file,
        line: 1,
        why: `the Nx tag ${tag} is missing, and with it the fence`,
        todo: `Add it to nx.tags.`,
      })),
  ];
};

/** The gateway is the edge: hospitals see versions, not the names of our services. */
const publicRoute = (service: string, said: string): boolean =>
  service === 'gateway' && /^v\d+(\/|$)/.test(said);

const foreignName = (service: string, said: string, kind: string): string | undefined =>
  publicRoute(service, said) ||
  said === service ||
  said.startsWith(`${service}.`) ||
  said.startsWith(`${service}/`)
    ? undefined
    : `${kind} "${said}" does not begin with the service's name`;

/** One name per service: folder, package, tag, definition, routes and consumer groups. */
export const oneNamePerService: Rule = (tree) =>
  servicesOf(tree).flatMap((service) => {
    const found = [...manifestFaults(tree, service)];
    let defined = false;
    for (const [file, text] of filesOf(tree, service)) {
      const said = [
        ...matches(text, /\bgroup:\s*'([^']*)'/g).map((hit) => ({
          ...hit,
          kind: 'the consumer group',
        })),
      ];
      for (const { line, match, kind } of said) {
        const why = foreignName(service, match[1]!, kind);
        if (why) found.push({ file, line, why, todo: `Begin it with ${service}.` });
      }
      defined ||= new RegExp(`\\bname:\\s*'${service}'`).test(text);
    }
    const routes = `contracts/src/http/${service}.ts`;
    for (const { line, match } of matches(tree.texts.get(routes) ?? '', /\bpath:\s*'\/([^']*)'/g)) {
      const why = foreignName(service, match[1]!, 'the route');
      if (why) found.push({ file: routes, line, why, todo: `Begin it with /${service}.` });
    }
    if (!defined)
      found.push({
        file: `services/${service}/src/index.ts`,
        line: 1,
        why: `no ServiceDefinition is named '${service}'`,
        todo: `Export one with name: '${service}'.`,
      });
    return found;
  });

const packageOf = (specifier: string): string =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]!;

const importsOf = (
  text: string,
): readonly { readonly line: number; readonly name: string; readonly typeOnly: boolean }[] =>
  matches(text, /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^'.][^']*)'/gm)
    .filter(({ match }) => !match[2]!.startsWith('node:'))
    .map(({ line, match }) => ({
      line,
      name: packageOf(match[2]!),
      typeOnly: match[1] !== undefined,
    }));

/**
 * What shipping code imports is listed in its own package.json, or Nx and a reader are told less
 * than the truth.
 */
export const declaredDependencies: Rule = (tree) => {
  // Once per workspace and package, at the first file that imports it.
  const told = new Set<string>();
  return [...tree.texts].flatMap(([file, text]) => {
    const workspace =
      /^(contracts|deploy\/(?:sandbox|front-node)|deploy|(?:libs|services|verify)\/[^/]+)\/src\//.exec(
        file,
      )?.[1];
    if (!workspace || isTest(file) || !file.endsWith('.ts')) return [];
    const manifest = jsonOf<Manifest>(tree, `${workspace}/package.json`);
    const known = new Set([manifest?.name, ...Object.keys(manifest?.dependencies ?? {})]);
    return importsOf(text)
      .filter(
        ({ name }) =>
          !known.has(name) && !told.has(`${workspace} ${name}`) && told.add(`${workspace} ${name}`),
      )
      .map(({ line, name }) => ({
        file,
        line,
        why: `${name} is not listed in ${workspace}/package.json`,
        todo: `Add "${name}": "*" to its dependencies, then npm install --package-lock-only.`,
      }));
  });
};
