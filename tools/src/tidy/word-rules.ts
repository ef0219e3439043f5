import { type Fault, isTest, matches, type Rule } from './tree';

interface ForbiddenWord {
  readonly pattern: RegExp;
  readonly why: string;
  readonly todo: string;
  readonly spares?: (path: string) => boolean;
}

/** This file and its spec name what they forbid. */
const names = (path: string): boolean => path.startsWith('tools/src/tidy/') || path === 'LICENSE';

const words: readonly ForbiddenWord[] = [
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/g,
    why: 'a promise in the code',
    todo: 'Do it now, or leave it out.',
  },
  {
    pattern: /(?<![\w.])\/(?:work|root|Users|home\/\w+)\/[\w.-]+/g,
    why: "a path of somebody's machine",
    todo: 'Make it relative to the repository.',
  },
  {
    pattern: /\.\.\/shared\b/g,
    why: 'a path outside the repository',
    todo: 'Say in our own words what stands there.',
  },
  {
    pattern: /\b(?:issues?|session|ticket)\s+#?\d+\b/gi,
    why: 'a number that means nothing to a reader of this repository',
    todo: 'Say what it is about.',
  },
  // The lock file resolves from whatever registry the reader uses.
  {
    pattern: /"resolved": "https?:[^"]*"/g,
    why: 'a registry host in the lock file',
    todo: 'Install with omit-lockfile-registry-resolved=true.',
  },
  {
    pattern: /\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio)[\w.-]*(?::\d+)?\//g,
    why: 'a registry host',
    todo: "Leave it to the reader's own npm configuration.",
    spares: (path) => path === 'package-lock.json',
  },
  { pattern: /^(?:<{7}|>{7}|\|{7}) /gm, why: 'a merge conflict', todo: 'Resolve it.' },
  {
    pattern: /^\s*debugger;/gm,
    why: 'a breakpoint',
    todo: 'Remove it.',
    spares: (path) => !/\.[cm]?[jt]sx?$/.test(path),
  },
  {
    pattern:
      /\b(?:test|it|describe)\.(?:only|skip|todo|failing)\b|^\s*(?:fit|fdescribe|xit|xtest|xdescribe)\(/gm,
    why: 'a test that is focused, skipped or only announced',
    todo: 'Let it run, or remove it.',
    spares: (path) => !isTest(path) || path.startsWith('tools/fixtures/'),
  },
];

/** Words that have no place in a commit. */
export const forbiddenWords: Rule = ({ texts }) =>
  [...texts]
    .filter(([path]) => !names(path))
    .flatMap(([file, text]) =>
      words
        .filter((word) => !word.spares?.(file))
        .flatMap((word) =>
          matches(text, word.pattern).map(({ line, match }): Fault => ({
            file,
            line,
            why: `${word.why}: ${match[0].trim().slice(0, 60)}`,
            todo: word.todo,
          })),
        ),
    );

/** Text files end with a line end, and lines end with \n alone. */
export const lineEnds: Rule = ({ texts }) =>
  [...texts]
    .filter(
      ([path]) =>
        /\.([cm]?[jt]s|json|md|ya?ml|http|sh)$/.test(path) &&
        !path.includes('/samples/') &&
        !path.startsWith('samples/'),
    )
    .flatMap(([file, text]): Fault[] => [
      ...(text !== '' && !text.endsWith('\n')
        ? [
            {
              file,
              line: text.split('\n').length,
              why: 'the last line has no end',
              todo: 'Add one.',
            },
          ]
        : []),
      ...(text.includes('\r\n')
        ? [{ file, line: 1, why: 'lines end with \\r\\n', todo: 'Save with \\n.' }]
        : []),
    ]);
