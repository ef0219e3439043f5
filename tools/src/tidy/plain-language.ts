import { type Fault, isCode, isMarkdown, isTest, lineOf, matches, type Rule } from './tree';

const WORDS_MAX = 25;

/** A word of our own dialect, and what the field says. Strangers search for the field's word. */
const dialect: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bwhoever\b/gi, 'name the subject: the caller, the sender, a client'],
  [
    /\b(?:nobody|somebody|everybody|anybody)\b/gi,
    'name the subject: no client, an operator, every reader',
  ],
  [/\banew\b/gi, 'again'],
  [/\bseldom\b/gi, 'rarely, or the rate'],
  [/\b(?:hears?|heard|hearing)\b/gi, 'receives, is notified'],
  [/\b(?:tells?|told|telling)\b/gi, 'reports, returns, says which'],
  [/\bunforeseen\b/gi, 'unhandled error'],
  [/\bfor want of\b/gi, 'without'],
  [/\bin hand\b/gi, 'running, in progress'],
  [/\bbehind the door\b/gi, 'downstream: the outbox, the ledger lag'],
  [/\bin the same breath\b/gi, 'in the same tick, in the same transaction'],
  [/\bto the letter\b/gi, 'byte for byte, unchanged'],
  [/\bis to be had\b/gi, 'is available'],
  [/\bin the midst\b/gi, 'meanwhile, during'],
  [/\bmend(?:s|ed|ing)?\b/gi, 'fix, correct, edit'],
];

/** History, other people's text, and what a generator writes from a file that is checked itself. */
const isExempt = (path: string): boolean =>
  path === 'CHANGELOG.md' ||
  path === 'LICENSE' ||
  path === 'docs/errors.md' ||
  path === 'docs/events.md' ||
  path.startsWith('tools/src/tidy/') ||
  path.startsWith('tools/fixtures/');

const blanked = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Markdown without what is not prose: fences, inline code, link targets. Lines stay where they are. */
const proseOf = (text: string): string =>
  text
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, blanked)
    .replace(/`[^`\n]+`/g, (code) => 'X'.padEnd(code.length))
    .replace(/\]\([^)\s]*\)/g, blanked);

/** One paragraph, list item, heading or table cell, with the offset it starts at. */
const blocksOf = (prose: string): readonly { readonly text: string; readonly at: number }[] =>
  matches(prose, /(?:(?!\n\s*\n|\n\s*(?:[-*]|\d+\.) |\n#|\|)[\s\S])+/g).map(({ match }) => ({
    text: match[0],
    at: match.index,
  }));

const wordsOf = (sentence: string): number =>
  sentence.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length;

/** A sentence of a document has at most 25 words, so that it is read once. */
export const shortSentences: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isMarkdown(file) && !isExempt(file))
    .flatMap(([file, text]) =>
      blocksOf(proseOf(text)).flatMap(({ text: block, at }) =>
        matches(block, /[^.!?:;·]+(?:[.!?:;·](?!\s)[^.!?:;·]*)*[.!?:;·]?/g).flatMap(
          ({ match }): Fault[] => {
            const count = wordsOf(match[0]);
            return count <= WORDS_MAX
              ? []
              : [
                  {
                    file,
                    line: lineOf(text, at + match.index + match[0].search(/\S|$/)),
                    why: `a sentence of ${count} words; at most ${WORDS_MAX}`,
                    todo: 'Make it two.',
                  },
                ];
          },
        ),
      ),
    );

/** Comments of code, with everything else blanked, so that offsets stay. */
const commentsOf = (text: string): string => {
  let kept = '';
  let at = 0;
  for (const { index, 0: comment } of text.matchAll(
    /(?<=^\s*)\/\/.*$|(?<=^\s*)\/\*[\s\S]*?\*\//gm,
  )) {
    kept += blanked(text.slice(at, index)) + comment;
    at = index + comment.length;
  }
  return (kept + blanked(text.slice(at))).replace(/`[^`\n]+`/g, blanked);
};

const faultsIn = (file: string, prose: string): readonly Fault[] =>
  dialect.flatMap(([pattern, instead]) =>
    matches(prose, pattern).map(({ line, match }) => ({
      file,
      line,
      why: `"${match[0]}" is a word of our own`,
      todo: `Write: ${instead}.`,
    })),
  );

/** docs/errors.md is generated from it. */
const isDocument = (file: string): boolean => isMarkdown(file) || file === 'docs/errors.json';

/** Documents use the field's words. */
export const plainDocuments: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isDocument(file) && !isExempt(file))
    .flatMap(([file, text]) => faultsIn(file, proseOf(text)));

/** Comments use the field's words. Titles of tests keep the domain's sentences. */
export const plainComments: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => (isCode(file) || isTest(file)) && !isExempt(file))
    .flatMap(([file, text]) => faultsIn(file, commentsOf(text)));
