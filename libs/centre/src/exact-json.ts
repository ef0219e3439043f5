/** A text, or a number; what else there is in JSON are marks and three words. */
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*/g;
const MARK = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}[\],:]/g;

/** JSON as the interface means it: scalars are texts, and a node is an object or a list. */
export type Node = string | boolean | readonly Node[] | { readonly [name: string]: Node };

const without = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((each) => each !== null).map(without);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([name, each]) => [name, without(each)]));
};

/**
 * Reads JSON without a float on the way: a number becomes the text of its digits, as which the
 * interface may send it too. What is null is absent. Throws SyntaxError.
 */
export const readExact = (text: string): Node => {
  JSON.parse(text);
  const quoted = text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`));
  return without(JSON.parse(quoted)) as Node;
};

/**
 * The exact text of a node of the outermost object, which a signature is over. Undefined where it is
 * absent, or there twice: one of them would be signed and the other be read.
 */
export const nodeTextOf = (text: string, name: string): string | undefined => {
  const found: string[] = [];
  let [depth, key, from] = [0, '', -1];
  for (const { 0: token, index } of text.matchAll(MARK)) {
    const isEnd = depth === 1 && (token === ',' || token === '}');
    if (isEnd && from >= 0) {
      found.push(text.slice(from, index).trim());
      from = -1;
    }
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token === ':' && from < 0 && key === name) from = index + 1;
    key = token.startsWith('"') && depth === 1 ? (JSON.parse(token) as string) : '';
  }
  return found.length === 1 ? found[0] : undefined;
};
