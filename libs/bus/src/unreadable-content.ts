import type { Topic } from '@caretab/contracts';

const MASK = '*';
/** ID numbers (GB 11643), and mobile numbers where a text holds nothing else. */
const IDENTIFIERS = /(?<![\w-])\d{17}[\dXx](?![\w-])|(?<=")(\+?86)?1[3-9]\d{9}(?=")/g;
const CHARACTER = /\S/gu;
/** Letters beyond ASCII: names stand in them; ids, times and codes do not. */
const FOREIGN = /\p{L}/gu;
/** One word of ASCII: a code, an id, a digest, a time. */
const TOKEN = /^[\w.:+/=-]{1,200}$/;
/** Names of members that hold what a person is called or reached by. */
const PERSONAL = /name|phone|mobile|mail|address|birth|id_?(no|num|card)|[^ -~]/i;
const HEADER = /^(ce_[a-z]+|traceparent|tracestate|content-type|caretab-[a-z-]+)$/;

const withoutIdentifiers = (text: string): string =>
  text.replace(IDENTIFIERS, (found) => MASK.repeat(found.length));

const withoutForeign = (text: string): string =>
  text.replace(FOREIGN, (letter) => (letter > '\u007f' ? MASK : letter));

/** Names of all members that some event of a topic has, at any depth. */
const membersOf = (schema: unknown, found = new Set<string>()): Set<string> => {
  if (Array.isArray(schema)) for (const each of schema) membersOf(each, found);
  else if (typeof schema === 'object' && schema !== null) {
    const { properties, ...rest } = schema as { properties?: Record<string, unknown> };
    for (const name of Object.keys(properties ?? {})) found.add(name);
    for (const each of Object.values({ ...properties, ...rest })) membersOf(each, found);
  }
  return found;
};
const known = new WeakMap<Topic, ReadonlySet<string>>();
const knownOf = (topic: Topic): ReadonlySet<string> => {
  let members = known.get(topic);
  if (!members) known.set(topic, (members = safely(() => membersOf(topic.events)) ?? new Set()));
  return members;
};

const safely = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** A value of a member that the contract does not have. */
const masked = (value: unknown, isPersonal: boolean): unknown => {
  if (typeof value === 'string')
    return !isPersonal && TOKEN.test(value) ? value : value.replace(CHARACTER, MASK);
  return typeof value === 'number' && isPersonal ? null : value;
};

/** `name`: of the member that holds the value; undefined: the contract has it. */
const within = (value: unknown, members: ReadonlySet<string>, name?: string): unknown => {
  if (Array.isArray(value)) return value.map((each) => within(each, members, name));
  if (typeof value !== 'object' || value === null)
    return name === undefined ? value : masked(value, PERSONAL.test(name));
  return Object.fromEntries(
    Object.entries(value).map(([own, each]) => [
      withoutForeign(own),
      within(each, members, members.has(own) ? undefined : own),
    ]),
  );
};

const walked = (
  parsed: unknown,
  topic: Topic,
): { readonly text: string; readonly isWhole: boolean } => {
  const text = JSON.stringify(within(parsed, knownOf(topic)));
  return { text, isWhole: text === JSON.stringify(parsed) };
};

/**
 * What is kept of the value of a message that cannot be read, which may hold anything. No contract
 * has a place for a name or number of a person. Of members that the contract does not have, codes
 * stay, for a later release may know them; other texts are masked. In a text that is no JSON object
 * all letters beyond ASCII are masked; ID numbers always. An operator sees what was wrong, and
 * corrects it with what the sender says.
 */
export const keptValue = (topic: Topic | undefined, text: string): string => {
  const parsed = safely(() => JSON.parse(text) as unknown);
  const isObject = typeof parsed === 'object' && parsed !== null;
  // Nested so deep that no walk comes to its end, it is a text as any other.
  const kept = isObject && topic ? safely(() => walked(parsed, topic)) : undefined;
  if (!kept) return withoutIdentifiers(withoutForeign(text));
  return withoutIdentifiers(kept.isWhole ? text : kept.text);
};

/** Headers by name: those of the envelope stay, others are masked. */
export const keptHeaders = (
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      withoutForeign(name),
      HEADER.test(name) ? withoutIdentifiers(withoutForeign(text)) : text.replace(CHARACTER, MASK),
    ]),
  );

/** A key is an id: no letters beyond ASCII, and no ID number. */
export const keptKey = (text: string): string =>
  withoutIdentifiers(`"${withoutForeign(text)}"`).slice(1, -1);
