import { existsSync, readdirSync } from 'node:fs';
import { filesUnder, textOf } from '../repository';

/** A fault as it is printed: where, why, and what to do. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly why: string;
  readonly todo: string;
}

/** The repository as the rules see it, so that a spec can hand them three files instead. */
export interface Tree {
  /** Path → text of every text file. */
  readonly texts: ReadonlyMap<string, string>;
  /** Every file and every folder, with forward slashes. */
  readonly paths: ReadonlySet<string>;
  /** What stands in the root, without what git ignores. */
  readonly rootEntries: readonly string[];
}

export type Rule = (tree: Tree) => readonly Fault[];

const binary = /\.(png|jpe?g|gif|ico|pdf|woff2?|gz|zip|hl7|dat|bin)$/i;
/** Made by a run, never committed (.gitignore). */
const ignoredInRoot = new Set(['node_modules', '.git', '.nx', 'data', 'dist', 'coverage']);

const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));

export const treeOf = (texts: ReadonlyMap<string, string>, more: readonly string[] = []): Tree => {
  const files = [...texts.keys(), ...more];
  return {
    texts,
    paths: new Set(files.flatMap((path) => [path, ...foldersOf(path)])),
    rootEntries: [...new Set(files.map((path) => path.split('/')[0]!))],
  };
};

/** Reads the whole repository; binary files and sample messages are known by name alone. */
export const readTree = (root: string): Tree => {
  const files = filesUnder(root).filter(
    // In a git worktree `.git` is a file.
    (path) => path !== '.git' && !/\.(log|tmp|tsbuildinfo)$/.test(path),
  );
  const texts = new Map(
    files.filter((path) => !binary.test(path)).map((path) => [path, textOf(root, path)]),
  );
  const rootEntries = existsSync(root)
    ? readdirSync(root).filter(
        (entry) => !ignoredInRoot.has(entry) && !/\.(log|tmp|tsbuildinfo)$/.test(entry),
      )
    : [];
  return { ...treeOf(texts, files), rootEntries };
};

export const lineOf = (text: string, index: number): number =>
  text.slice(0, index).split('\n').length;

/** All matches of a pattern in a text, with their lines. The pattern needs the g flag. */
export const matches = (
  text: string,
  pattern: RegExp,
): readonly { readonly line: number; readonly match: RegExpExecArray }[] =>
  [...text.matchAll(pattern)].map((match) => ({ line: lineOf(text, match.index), match }));

export const jsonOf = <T>(tree: Tree, path: string): T | undefined => {
  const text = tree.texts.get(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
};

export const isCode = (path: string): boolean =>
  /^(contracts|libs|services|deploy|verify|test-e2e|tools)\/.*\.ts$/.test(path) &&
  !path.startsWith('tools/fixtures/');
export const isTest = (path: string): boolean =>
  /\.(spec|suite)\.ts$/.test(path) || /^(?!test-e2e).*\/test\/[^/]+\.ts$/.test(path);
export const isMarkdown = (path: string): boolean => path.endsWith('.md');
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
