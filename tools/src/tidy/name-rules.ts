import { baseName, type Fault, isCode, isTest, matches, type Rule } from './tree';

const suffixes = new Set([
  'controller',
  'consumer',
  'publisher',
  'view',
  'gateway',
  'table',
  'module',
  'spec',
  'int.spec',
  'sim.spec',
  'e2e.spec',
  'kafka.spec',
  'event-store.spec',
  'suite',
  'd',
]);
/** What Nest itself calls doors of the chassis. */
const chassisSuffixes = new Set([
  'filter',
  'guard',
  'interceptor',
  'decorator',
  'pipe',
  'middleware',
]);

const suffixOf = (path: string): string =>
  baseName(path).replace(/\.ts$/, '').split('.').slice(1).join('.');

/** The folder is the noun, the suffix is the door: suffixes come from a closed list. */
export const fileSuffixes: Rule = ({ texts }) =>
  [...texts.keys()].filter(isCode).flatMap((file) => {
    const suffix = suffixOf(file);
    if (
      suffix === '' ||
      suffixes.has(suffix) ||
      (file.startsWith('libs/host/') && chassisSuffixes.has(suffix))
    )
      return [];
    return [
      {
        file,
        line: 1,
        why: `.${suffix} is not on the closed list of suffixes`,
        todo: `Take one of: ${[...suffixes].map((known) => `.${known}`).join(' ')}, or none for a pure file.`,
      },
    ];
  });

/** Files and folders are written in-lower-case-with-hyphens. */
export const fileNames: Rule = ({ texts }) =>
  [...texts.keys()].filter(isCode).flatMap((file) => {
    const wrong = file
      .replace(/\.ts$/, '')
      .split('/')
      .find((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part));
    return wrong
      ? [
          {
            file,
            line: 1,
            why: `"${wrong}" is not in lower case with hyphens`,
            todo: `Rename it to ${wrong
              .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
              .replaceAll('_', '-')
              .toLowerCase()}.`,
          },
        ]
      : [];
  });

const emptyWords =
  /^(Base|Abstract|Common)[A-Z]|(Impl|Manager|Helper|Helpers|Utils|Util)$|^I[A-Z][a-z]/;

/** No word that says nothing: I…, Base, Abstract, Impl, Manager, Helper, Utils, Common. */
export const emptyNames: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isCode(file))
    .flatMap(([file, text]) => [
      ...matches(
        text,
        /^\s*(?:export\s+)?(?:declare\s+|abstract\s+)*(?:class|interface|enum|type)\s+([A-Za-z]\w*)(?=[\s<{=])/gm,
      )
        .filter(({ match }) => emptyWords.test(match[1]!))
        .map(({ line, match }): Fault => ({
          file,
          line,
          why: `${match[1]} is named by a word that says nothing`,
          todo: 'Name it after what it is in the domain.',
        })),
      ...(/(^|-)(base|abstract|common|impl|manager|helpers?|utils?)(-|\.|$)/.test(
        baseName(file).replace(/\.ts$/, ''),
      )
        ? [
            {
              file,
              line: 1,
              why: 'the file is named by a word that says nothing',
              todo: 'Name it after what it is in the domain.',
            },
          ]
        : []),
    ]);

/** Suites hold jest's globals and are not built: only tests lean on them. */
export const suitesStayInTests: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isCode(file) && !isTest(file))
    .flatMap(([file, text]) =>
      matches(text, /from\s+'(\.[^']*\.(?:suite|spec))'/g).map(({ line, match }) => ({
        file,
        line,
        why: `${match[1]} is a test, and is not built`,
        todo: 'Import it from a spec only.',
      })),
    );
