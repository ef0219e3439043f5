import { FACTS, type Fact } from './facts';
import type { Conditions } from './file-parts';
import type { PlanFile } from './plan-file';
import { type Finding, pointer } from './strict-json';

type Case = NonNullable<PlanFile['words']>[string]['cases'][number];
type Fault = (path: string, why: string, remedy: string) => void;
/** What is wrong, and what may be meant so: a claim without a case is refused. */
interface Voices {
  readonly fault: Fault;
  readonly remark: Fault;
}
type Range = readonly [from: number, below: number];

/** What one case looks at, where it looks at one fact alone. */
interface Single {
  readonly fact: string;
  readonly matcher: Conditions[string];
}

const singleOf = ({ when }: Case): Single | undefined => {
  const alternatives = when === undefined ? [] : Array.isArray(when) ? when : [when];
  const [only] = alternatives;
  const entries = only && alternatives.length === 1 ? Object.entries(only) : [];
  return entries.length === 1 ? { fact: entries[0]![0], matcher: entries[0]![1] } : undefined;
};

const codesOf = (matcher: Conditions[string]): readonly string[] | undefined =>
  typeof matcher === 'string' ? [matcher] : Array.isArray(matcher) ? matcher : undefined;

const rangeOf = (matcher: Conditions[string]): Range | undefined =>
  typeof matcher === 'object' &&
  !Array.isArray(matcher) &&
  ('from' in matcher || 'below' in matcher)
    ? [matcher.from ?? -Infinity, matcher.below ?? Infinity]
    : undefined;

/** A code that an earlier case takes already never counts in a later one. */
const codesTwice = (cases: readonly (readonly string[])[], path: string, fault: Fault): void => {
  const taken = new Set<string>();
  for (const [index, codes] of cases.entries()) {
    const again = codes.filter((code) => taken.has(code));
    if (again.length > 0)
      fault(
        pointer(path, index),
        `An earlier case takes ${again.map((code) => `“${code}”`).join(', ')} already.`,
        'Take it out of one of the two.',
      );
    for (const code of codes) taken.add(code);
  }
};

/** No claim has fewer than none: visits, days, years of age and yuan begin at zero. */
const LEAST = 0;

const rangeText = ([from, below]: Range): string =>
  below === Infinity ? `from ${from}` : `from ${Math.max(from, LEAST)} and below ${below}`;

/** Which part of all numbers no range has, from the least one up. */
const gapOf = (ranges: readonly Range[], least: number): Range | undefined => {
  let reached = least;
  for (const [from, below] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from > reached) return [reached, from];
    reached = Math.max(reached, below);
  }
  return reached === Infinity ? undefined : [reached, Infinity];
};

const isHidden = ([from, below]: Range, earlier: readonly Range[]): boolean => {
  let reached = Math.max(from, LEAST);
  for (const [start, end] of [...earlier].sort((a, b) => a[0] - b[0]))
    if (start <= reached) reached = Math.max(reached, end);
  return reached >= below;
};

const ranges = (
  found: readonly Range[],
  { path, isOpen, least }: { path: string; isOpen: boolean; least: number },
  { fault, remark }: Voices,
): void => {
  for (const [index, range] of found.entries())
    if (index > 0 && isHidden(range, found.slice(0, index)))
      fault(
        pointer(path, index),
        'This case is never reached: those before it take all its numbers.',
        'Put it before them, or take it out.',
      );
  const gap = isOpen ? gapOf(found, least) : undefined;
  if (gap)
    remark(
      path,
      `No case takes numbers ${rangeText(gap)}: such a claim is refused.`,
      'Add the case, or one without a condition for all others.',
    );
};

const valuesOf = ({ type, values }: Fact): readonly string[] | undefined =>
  type === 'boolean' ? ['true', 'false'] : type === 'code' ? values : undefined;

/** Admissions and days of a stay begin at one. */
const leastOf = (fact: string): number =>
  fact === 'admissionNumber' || fact === 'days' ? 1 : LEAST;

interface Word {
  readonly cases: readonly Case[];
  readonly path: string;
  readonly plan: PlanFile;
}

/** Where the plan or a layer applies only by a fact, the others of its values never come. */
const isNarrowed = ({ when, layers }: PlanFile, fact: string): boolean =>
  JSON.stringify([when, layers.map((layer) => layer.when)]).includes(JSON.stringify(fact));

/** Cases that look at one and the same fact leave nothing out, and hide none of each other. */
const casesOf = ({ cases, path, plan }: Word, voices: Voices): void => {
  const hasOthers = cases.at(-1)!.when === undefined;
  const singles = (hasOthers ? cases.slice(0, -1) : cases).map(singleOf);
  const fact = singles[0]?.fact;
  if (fact === undefined || singles.some((single) => single?.fact !== fact)) return;
  const isOpen = !hasOthers && !isNarrowed(plan, fact);
  const matchers = singles.map((single) => single!.matcher);
  const numbers = matchers.map(rangeOf);
  if (numbers.every((range) => range !== undefined))
    ranges(numbers, { path, isOpen, least: leastOf(fact) }, voices);
  const known = FACTS[fact] ?? plan.facts?.[fact];
  const codes = matchers.map((matcher) =>
    typeof matcher === 'boolean' ? [String(matcher)] : codesOf(matcher),
  );
  // A list of codes meets several cases at once, and the first one counts: no code is there twice.
  if (!codes.every((each) => each !== undefined) || known?.type === 'codes') return;
  codesTwice(codes, path, voices.fault);
  const values = known && valuesOf(known as Fact);
  const without = values?.filter((value) => !codes.flat().includes(value)) ?? [];
  if (isOpen && without.length > 0)
    voices.remark(
      path,
      `No case takes “${fact}” ${without.map((value) => `“${value}”`).join(', ')}.`,
      'Add the case, or one without a condition for all others.',
    );
};

const wordsOf = (plan: PlanFile): Word[] =>
  Object.entries(plan.words ?? {}).map(([word, { cases }]) => ({
    ...{ cases, plan },
    path: pointer(pointer('/words', word), 'cases'),
  }));

const voiced = (say: (voice: Fault) => void): Finding[] => {
  const findings: Finding[] = [];
  say((path, why, remedy) => void findings.push({ path, why, remedy }));
  return findings;
};
const silent: Fault = () => undefined;

const unused = (plan: PlanFile, fault: Fault): void => {
  const { words = {}, layers, lines, when, counters, tables, limitBy, firstSelfPayBy } = plan;
  for (const word of Object.keys(words)) {
    const others = Object.entries(words).filter(([name]) => name !== word);
    const asking = JSON.stringify([
      ...[layers, lines, when, counters, tables, limitBy, firstSelfPayBy],
      others.map(([, { cases }]) => cases),
    ]);
    if (!asking.includes(JSON.stringify(word)))
      fault(pointer('/words', word), 'Nothing asks for this word.', 'Use it, or take it out.');
  }
};

/** Words that nothing names, and cases that others hide. */
export const wordFindings = (plan: PlanFile): Finding[] =>
  voiced((fault) => {
    unused(plan, fault);
    for (const word of wordsOf(plan)) casesOf(word, { fault, remark: silent });
  });

/** Values that no case of a word takes. */
export const gapRemarks = (plan: PlanFile): Finding[] =>
  voiced((remark) => {
    for (const word of wordsOf(plan)) casesOf(word, { fault: silent, remark });
  });
