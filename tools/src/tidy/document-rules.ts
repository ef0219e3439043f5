import { posix } from 'node:path';
import { errorsOfAll } from '../scan-errors';
import {
  type Fault,
  isCode,
  isMarkdown,
  isTest,
  jsonOf,
  matches,
  type Rule,
  type Tree,
} from './tree';

/** History and decisions may name what is no longer, or never was, there. */
const isRecord = (path: string): boolean => path === 'CHANGELOG.md' || path.startsWith('docs/adr/');
const documentsOf = (tree: Tree): readonly (readonly [string, string])[] =>
  [...tree.texts].filter(([path]) => isMarkdown(path));

/** Fenced blocks with their lines kept, so that line numbers stay right. */
const withoutFences = (text: string): string =>
  text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));

/** A heading's anchor, as GitHub makes it. */
const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    matches(withoutFences(text), /^#{1,6}\s+(.+)$/gm).map(({ match }) =>
      slugOf(match[1]!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')),
    ),
  );

/** Relative links resolve, anchors too. */
export const linksResolve: Rule = (tree) =>
  documentsOf(tree).flatMap(([file, text]) =>
    matches(withoutFences(text), /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g).flatMap(({ line, match }) => {
      const [target, anchor] = match[1]!.split('#') as [string, string | undefined];
      if (/^[a-z][a-z0-9+.-]*:/i.test(match[1]!)) return [];
      const path =
        target === ''
          ? file
          : posix.normalize(posix.join(posix.dirname(file), decodeURI(target))).replace(/\/$/, '');
      if (path !== '.' && !tree.paths.has(path))
        return [
          {
            file,
            line,
            why: `the link ${match[1]} leads nowhere`,
            todo: 'Mend the path, or write what it should lead to.',
          },
        ];
      const linked = tree.texts.get(path);
      return anchor && linked !== undefined && isMarkdown(path) && !anchorsOf(linked).has(anchor)
        ? [{ file, line, why: `${path} has no heading #${anchor}`, todo: 'Mend the anchor.' }]
        : [];
    }),
  );

/** Made by a run: documents may name them although a fresh clone has none. */
const madeByARun = /(^|\/)(dist|data|node_modules|coverage|\.nx)(\/|$)/;
const placeholder = /[*<>{}…$]|\.\.\./;

/** A path in `code` that begins in the root, or beside the document, is there. */
export const pathsExist: Rule = (tree) => {
  const tops = new Set(tree.rootEntries);
  return documentsOf(tree)
    .filter(([file]) => !isRecord(file))
    .flatMap(([file, text]) =>
      matches(withoutFences(text), /`([^`\n]+)`/g).flatMap(({ line, match }) => {
        const said = match[1]!.replace(/^\.\//, '').replace(/:\d+$/, '').replace(/\/$/, '');
        if (
          !/^[\w.@-]+(\/[\w.@-]+)+$/.test(said) ||
          placeholder.test(said) ||
          madeByARun.test(said) ||
          !tops.has(said.split('/')[0]!)
        )
          return [];
        const beside = posix.join(posix.dirname(file), said);
        return tree.paths.has(said) || tree.paths.has(beside) || tree.paths.has(`${said}.ts`)
          ? []
          : [
              {
                file,
                line,
                why: `\`${said}\` does not exist`,
                todo: 'Mend the path in the document, or write the file.',
              },
            ];
      }),
    );
};

const builtIn = new Set([
  'ci',
  'install',
  'i',
  'pack',
  'publish',
  'exec',
  'ls',
  'outdated',
  'audit',
  'view',
  'root',
  'help',
  'run',
  'version',
  'config',
]);

/**
 * A command that a document tells to type is there. Fenced blocks count as well: that is where
 * commands stand.
 */
export const commandsExist: Rule = (tree) => {
  const scripts = new Set(
    Object.keys(jsonOf<{ scripts?: object }>(tree, 'package.json')?.scripts ?? {}),
  );
  return documentsOf(tree)
    .filter(([file]) => !isRecord(file))
    .flatMap(([file, text]) =>
      matches(text, /(?:`|^\s*(?:\$\s)?|&& )npm (run )?([a-z][\w:-]*)/gm)
        .filter(
          ({ match }) =>
            !scripts.has(match[2]!) && (match[1] !== undefined || !builtIn.has(match[2]!)),
        )
        .map(({ line, match }) => ({
          file,
          line,
          why: `package.json has no script ${match[2]}`,
          todo: `Take one of: ${[...scripts].join(', ')}.`,
        })),
    );
};

/** An environment variable, code or reason named in a document is in the code. */
export const capitalsExist: Rule = (tree) => {
  const known = new Set<string>();
  for (const [path, text] of tree.texts) {
    if (isMarkdown(path) || path === 'package-lock.json') continue;
    for (const [word] of text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)) known.add(word);
  }
  return documentsOf(tree)
    .filter(([file]) => !isRecord(file))
    .flatMap(([file, text]) =>
      matches(withoutFences(text), /`\$?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)
        .filter(({ match }) => !known.has(match[1]!))
        .map(({ line, match }) => ({
          file,
          line,
          why: `nothing in the code knows ${match[1]}`,
          todo: 'Mend the name, or take it out of the document.',
        })),
    );
};

const errorsPath = 'docs/errors.md';

/** Every DomainError's code is in docs/errors.md, and every code there is in the code. */
export const errorsListed: Rule = (tree) => {
  const text = tree.texts.get(errorsPath) ?? '';
  const listed = new Map(
    matches(text, /^\| `([A-Z0-9_]+)` \|/gm).map(({ line, match }) => [match[1]!, line]),
  );
  const uses = errorsOfAll(
    [...tree.texts].filter(([file]) => isCode(file) && !isTest(file) && !file.startsWith('tools/')),
  );
  const said = new Set(uses.map((use) => use.code));
  const missing = uses.flatMap((use): Fault[] =>
    use.code && !listed.has(use.code)
      ? [
          {
            file: use.file,
            line: use.line,
            why: `${use.code} is not in ${errorsPath}`,
            todo: 'Explain it in docs/errors.json, then npm run generate.',
          },
        ]
      : [],
  );
  const orphaned = [...listed].flatMap(([code, line]): Fault[] =>
    said.has(code)
      ? []
      : [
          {
            file: errorsPath,
            line,
            why: `no code says ${code}`,
            todo: 'Take it out of docs/errors.json, then npm run generate.',
          },
        ],
  );
  return [...missing, ...orphaned];
};

/** Every event of the contracts is in docs/events.md. */
export const eventsListed =
  (events: readonly { readonly topic: string; readonly event: string }[]): Rule =>
  ({ texts }) => {
    const text = texts.get('docs/events.md') ?? '';
    return events
      .filter(({ event }) => !text.includes(`| \`${event}\` |`))
      .map(({ topic, event }) => ({
        file: 'docs/events.md',
        line: 1,
        why: `${event} of ${topic} is missing`,
        todo: 'Run npm run generate.',
      }));
  };
