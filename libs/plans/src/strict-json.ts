/** What stands at one place of a file: where, what is wrong, what to write instead. */
export interface Finding {
  /** A JSON pointer into the file: `/layers/0/deductible`. */
  readonly path: string;
  /** One sentence: what is wrong. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
}

const escaped = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');
export const pointer = (path: string, key: string | number): string =>
  `${path}/${escaped(String(key))}`;

/** Where an object, or an array, that is being read stands. */
interface Opened {
  readonly path: string;
  /** The keys so far; none for an array. */
  readonly keys?: Set<string>;
  /** The member that is being read. */
  at: string;
  index: number;
}

/** The next string of a valid JSON text, from its opening quote on: its end, and its value. */
const stringAt = (text: string, from: number): { readonly end: number; readonly value: string } => {
  let end = from + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return { end: end + 1, value: JSON.parse(text.slice(from, end + 1)) as string };
};

/**
 * The members of a valid JSON text that stand twice in one object. `JSON.parse` keeps the last and
 * says nothing: of two rates one would be paid, and it would not be seen which.
 */
const repeated = (text: string): Finding[] => {
  const findings: Finding[] = [];
  const open: Opened[] = [];
  const here = (): string => {
    const inner = open.at(-1);
    return inner === undefined ? '' : pointer(inner.path, inner.keys ? inner.at : inner.index);
  };
  let isKey = false;
  for (let position = 0; position < text.length;) {
    const sign = text[position]!;
    const inner = open.at(-1);
    if (sign === '"') {
      const { end, value } = stringAt(text, position);
      if (isKey && inner?.keys) {
        inner.at = value;
        if (inner.keys.has(value))
          findings.push({
            ...{ path: here(), why: `“${value}” stands twice in one object.` },
            remedy: 'Take one of the two out.',
          });
        inner.keys.add(value);
      }
      position = end;
      continue;
    }
    if (sign === '{' || sign === '[')
      open.push({
        ...{ path: here(), at: '', index: 0 },
        ...(sign === '{' && { keys: new Set<string>() }),
      });
    if (sign === '}' || sign === ']') open.pop();
    if (sign === ',' && inner) inner.index += 1;
    if (sign === '{' || sign === ',') isKey = open.at(-1)?.keys !== undefined;
    if (sign === ':' || sign === '[') isKey = false;
    position += 1;
  }
  return findings;
};

/** Reads JSON in which no member of an object stands twice. */
export const readJson = (
  text: string,
): { readonly value: unknown; readonly findings: readonly Finding[] } => {
  try {
    const value: unknown = JSON.parse(text);
    return { value, findings: repeated(text) };
  } catch (error) {
    const why = `The text is no JSON: ${(error as Error).message}.`;
    return {
      value: undefined,
      findings: [{ path: '', why, remedy: 'Correct the text at that place.' }],
    };
  }
};
