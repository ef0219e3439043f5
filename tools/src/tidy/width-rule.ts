import { type Fault, type Rule } from './tree';

const columnsMax = 120;

/** Code and settings that a person writes. Prettier cannot break a comment, a string or a pattern. */
const isWritten = (path: string): boolean =>
  /\.([cm]?[jt]s|sh|ya?ml)$/.test(path) || path === '.ci/run';

/** Files that keep their form, each with the reason. */
const kept: readonly { readonly files: RegExp; readonly why: string }[] = [
  { files: /^contracts\/generated\//, why: 'a generator writes them' },
  { files: /\/migrations\//, why: 'a released migration is never edited' },
  { files: /^tools\/fixtures\//, why: 'they show what is refused' },
];

/** A comment or a string, like any line, ends within 120 columns. */
export const lineWidths: Rule = ({ texts }) =>
  [...texts]
    .filter(([file]) => isWritten(file) && !kept.some(({ files }) => files.test(file)))
    .flatMap(([file, text]) =>
      text.split('\n').flatMap((line, index): Fault[] => {
        const columns = [...line].length;
        return columns > columnsMax
          ? [
              {
                file,
                line: index + 1,
                why: `${columns} columns; a comment or string has at most ${columnsMax}`,
                todo: 'Wrap it at 100.',
              },
            ]
          : [];
      }),
    );
