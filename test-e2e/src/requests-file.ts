/** A request of a `requests.http` as it is printed: `{{…}}` is not resolved. */
export interface PrintedRequest {
  readonly title: string;
  /** `# @name key`: later requests take values from its answer. */
  readonly name?: string;
  /** `# answers 400 AMOUNT_MISMATCH`: the refusal that it shows. */
  readonly refusal?: { readonly status: number; readonly code: string };
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RequestsFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly PrintedRequest[];
}

const METHOD_LINE = /^(GET|POST|PUT|DELETE) (\S+)$/;
const ANSWER_OF = /^(\w+)\.response\.body\.\$(.*)$/;
const STEP = /\.(\w+)|\[\?\(@\.(\w+)=='([^']*)'\)\]/g;

const variablesOf = (lines: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lines
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name, value] = /^@(\w+) = (.+)$/.exec(line) ?? [];
        if (name === undefined) throw new Error(`not a variable: ${line}`);
        return [name, value!];
      }),
  );

const headersOf = (lines: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w-]+): (.+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a header: ${line}`);
      return [name.toLowerCase(), value!];
    }),
  );

const requestOf = (part: string): PrintedRequest => {
  const [title = '', ...lines] = part.split('\n');
  const start = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  const [, method, url] = METHOD_LINE.exec(lines[start] ?? '') ?? [];
  if (method === undefined) throw new Error(`"${title}" has no line of method and address`);
  const rest = lines.slice(start + 1);
  const gap = rest.findIndex((line) => line.trim() === '');
  const headers = headersOf(gap < 0 ? rest : rest.slice(0, gap));
  const body = gap < 0 ? '' : rest.slice(gap).join('\n').trim();
  const comments = lines.slice(0, start).join('\n');
  const [, name] = /^# @name (\w+)$/m.exec(comments) ?? [];
  const [, status, code] = /^# answers (4\d\d|5\d\d) ([A-Z_]+)$/m.exec(comments) ?? [];
  return {
    title: title.trim(),
    method,
    url: url!,
    headers,
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { refusal: { status: Number(status), code: code! } }),
    ...(body === '' ? {} : { body }),
  };
};

/** Reads the part of the REST client's format that our files use. Throws on anything else. */
export const readRequests = (text: string): RequestsFile => {
  const [head = '', ...parts] = text.split(/^### /m);
  return { variables: variablesOf(head.split('\n')), requests: parts.map(requestOf) };
};

/** The first value at `.field` and `[?(@.field=='value')]` steps of a JSONPath; else undefined. */
const valueAt = (answer: unknown, path: string): string | undefined => {
  if (path.replace(STEP, '') !== '') throw new Error(`a path that is not read here: $${path}`);
  let value: any = answer;
  for (const [, field, key, wanted] of path.matchAll(STEP))
    value =
      field === undefined ? value?.find?.((item: any) => item?.[key!] === wanted) : value?.[field];
  return typeof value === 'string' ? value : undefined;
};

/**
 * Puts values in place of each `{{…}}`. A value of a variable may refer to others. `answers`: bodies
 * by the name of their request. Throws when something is not known.
 */
export const resolved = (
  text: string,
  variables: Readonly<Record<string, string>>,
  answers: ReadonlyMap<string, unknown>,
): string =>
  text.replace(/\{\{(.+?)\}\}/g, (_, reference: string) => {
    const [, name, path] = ANSWER_OF.exec(reference) ?? [];
    const value = name === undefined ? variables[reference] : valueAt(answers.get(name), path!);
    if (value === undefined) throw new Error(`nothing is known of {{${reference}}}`);
    return resolved(value, variables, answers);
  });
