import { baseName, type Fault, isCode, isTest, matches, type Rule } from './tree';

interface Suffix {
  /** What a file of this suffix promises. */
  readonly promise: string;
  readonly kept: (text: string, path: string) => boolean;
}

const driverNames =
  'pg|kafkajs|nodemailer|' +
  '(?:node:)?(?:net|tls|https?|http2|dgram|dns|fs|fs/promises|child_process|worker_threads)';
const drivers = new RegExp(`^import [^;]*?from '(?:${driverNames})(?:/[^']*)?';`, 'm');
/** Sockets, files, processes, databases and services of ours, or all that through another adapter. */
const touchesTheWorld = (text: string): boolean =>
  drivers.test(text) ||
  /\bfetch\(/.test(text) ||
  /\bawait ask\(|\breturn ask\(/.test(text) ||
  /^import (?!type\b)[^;]*?from '\.[^']*\.adapter';/m.test(text);
const holdsTests = (text: string): boolean =>
  /^\s*(?:test|it)(?:\.each)?(?:<[^>]*>)?[(`]/m.test(text);
const decorated = (name: string): RegExp => new RegExp(`^\\s*@${name}\\(`, 'm');

/** The closed list: what each suffix promises, and what in a file keeps the promise. */
const suffixes: Readonly<Record<string, Suffix>> = {
  controller: {
    promise: 'HTTP in: a class with @Controller, and no topic',
    kept: (text) => decorated('Controller').test(text) && !decorated('Consumes').test(text),
  },
  consumer: {
    promise: 'a topic in: @Consumes, and no route',
    kept: (text) => decorated('Consumes').test(text) && !/^@Controller\([^)]/m.test(text),
  },
  publisher: {
    promise: 'a topic out: messages of @caretab/contracts',
    kept: (text) => /\bmessage\(/.test(text) && text.includes("'@caretab/contracts'"),
  },
  gateway: {
    promise: 'a third party out, never a service of ours',
    kept: (text) => touchesTheWorld(text) && !text.includes('ServiceTokens'),
  },
  adapter: {
    promise: 'the world: a socket, a file, a lock, another service of ours',
    kept: (text) =>
      touchesTheWorld(text) &&
      !['Controller', 'Consumes', 'Module'].some((name) => decorated(name).test(text)),
  },
  module: {
    promise: 'wiring: a class with @Module',
    kept: (text) => decorated('Module').test(text),
  },
  guard: {
    promise: 'who may pass: refuses with forbidden or unauthenticated',
    kept: (text) => /'forbidden'|'unauthenticated'/.test(text),
  },
  filter: { promise: 'what is thrown: @Catch', kept: (text) => decorated('Catch').test(text) },
  table: {
    promise: 'rows: exports a table',
    kept: (text) => /^export const \w*[tT]able\w*\b[^=]*=/m.test(text),
  },
  view: {
    promise: 'a read model folded from events: exports a View',
    kept: (text) => /^export const \w+: View</m.test(text),
  },
  suite: {
    promise: 'tests that a real thing and its twin share, in <package>/test/',
    kept: (text, path) => holdsTests(text) && /^[^/]+(?:\/[^/]+)?\/test\/[^/]+$/.test(path),
  },
  ...Object.fromEntries(
    ['spec', 'int.spec', 'sim.spec', 'e2e.spec', 'kafka.spec', 'event-store.spec', 'long.spec'].map(
      (suffix) => [
        suffix,
        {
          promise: 'tests: at least one, or a suite that holds them',
          kept: (text: string) =>
            holdsTests(text) ||
            /^import [^;]*?from '(?:@caretab\/[\w-]+\/test|\.[^']*\/test\/[^']*)';/m.test(text),
        },
      ],
    ),
  ),
};

const suffixOf = (path: string): string =>
  baseName(path).replace(/\.ts$/, '').split('.').slice(1).join('.');

/** What only one suffix may hold, or the door stands open under another name. */
const holders: Readonly<Record<string, readonly string[]>> = {
  Controller: ['controller', 'consumer'],
  Consumes: ['consumer'],
  Module: ['module'],
};

/** The folder is the noun, the suffix is the door: suffixes come from a closed list. */
export const fileSuffixes: Rule = ({ texts }) =>
  [...texts.keys()].filter(isCode).flatMap((file) => {
    const suffix = suffixOf(file);
    if (suffix === '' || suffix === 'd' || suffixes[suffix]) return [];
    return [
      {
        file,
        line: 1,
        why: `.${suffix} is not on the closed list of suffixes`,
        todo: `Take one of: ${Object.keys(suffixes)
          .map((known) => `.${known}`)
          .join(' ')}, or none for a pure file.`,
      },
    ];
  });

/** A suffix is a promise: what is called .controller is HTTP in, what is called .module wires. */
export const suffixesKept: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isCode(file))
    .flatMap(([file, text]): Fault[] => {
      const suffix = suffixOf(file);
      const known = suffixes[suffix];
      if (known && !known.kept(text, file))
        return [
          {
            file,
            line: 1,
            why: `.${suffix} promises ${known.promise}`,
            todo: 'Name the file after what it does.',
          },
        ];
      // The chassis makes modules of its own at run time.
      if (isTest(file) || !file.startsWith('services/')) return [];
      return Object.entries(holders)
        .filter(([, holding]) => !holding.includes(suffix))
        .flatMap(([name, holding]) =>
          matches(text, new RegExp(`^@${name}\\(`, 'gm')).map(({ line }) => ({
            file,
            line,
            why: `@${name} in a file without its suffix`,
            todo: `Call the file .${holding[0]}.`,
          })),
        );
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
