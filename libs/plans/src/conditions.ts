import { DomainError } from '@caretab/kernel';
import { type Fact, FACTS, type FactType, type FactValue, whenUnsaid } from './facts';
import type { Conditions, When } from './file-parts';
import { type Finding, pointer } from './strict-json';

export type Said = Readonly<Record<string, FactValue>>;

/** What conditions are held against: the claim, one of its lines, and what was used before. */
export interface Circumstances {
  readonly facts: Said;
  readonly line?: Said | undefined;
  /** What a counter of the plan stands at. */
  used(counter: string): number;
}

export type Test = (circumstances: Circumstances) => boolean;
export type Of = 'claim' | 'line';

/** Something that conditions name: a fact, a word of the plan, or one of its counters. */
export interface Named {
  readonly type: FactType;
  readonly of: Of;
  readonly values?: readonly string[] | undefined;
  /** Of the plan, by its cases. */
  readonly isWord?: boolean;
  /** Undefined where the claim does not say it. */
  read(circumstances: Circumstances): FactValue | undefined;
}

/**
 * FACT_MISSING (unprocessable): the claim has to say it for this plan; of a word, that none of its
 * cases holds.
 */
export const missing = (fact: string, plan: string, named?: Named): DomainError =>
  new DomainError('FACT_MISSING', 'unprocessable', {
    ...{ fact, plan },
    ...(named?.isWord && { why: 'no case of this word holds' }),
  });

const factNamed = (name: string, fact: Fact): Named => {
  const unsaid = whenUnsaid(name, fact);
  return {
    ...{ type: fact.type, of: fact.of, values: fact.values },
    read:
      fact.of === 'claim'
        ? ({ facts }) => facts[name] ?? unsaid
        : ({ line }) => line?.[name] ?? unsaid,
  };
};

/** Everything that the conditions of one plan can name. */
export class Names {
  private readonly known = new Map<string, Named>();

  constructor(
    readonly plan: string,
    declared: Readonly<Record<string, Fact>>,
    readonly findings: Finding[],
  ) {
    for (const [name, fact] of Object.entries({ ...FACTS, ...declared }))
      this.known.set(name, factNamed(name, fact));
    for (const name of Object.keys(declared))
      if (FACTS[name])
        this.fault(`/facts/${name}`, `“${name}” is a fact already.`, 'Take another name.');
  }

  find(name: string): Named | undefined {
    return this.known.get(name);
  }

  add(name: string, named: Named, path: string): void {
    if (this.known.has(name))
      this.fault(path, `“${name}” stands for something else already.`, 'Take another name.');
    this.known.set(name, named);
  }

  fault(path: string, why: string, remedy: string): void {
    this.findings.push({ path, why, remedy });
  }

  /** What there is, for a remedy. */
  list(): string {
    return [...this.known.keys()].sort().join(', ');
  }
}

const asList = (value: FactValue): readonly string[] =>
  Array.isArray(value) ? (value as readonly string[]) : [String(value as string)];

interface Place {
  readonly name: string;
  readonly named: Named;
  readonly names: Names;
  readonly path: string;
}

const said = (place: Place, circumstances: Circumstances): FactValue => {
  const value = place.named.read(circumstances);
  if (value === undefined) throw missing(place.name, place.names.plan, place.named);
  return value;
};

const mustBe = ({ named, names, path, name }: Place, ...types: readonly FactType[]): boolean => {
  if (types.includes(named.type)) return true;
  names.fault(
    path,
    `“${name}” is a ${named.type}, and this condition asks for a ${types.join(' or a ')}.`,
    'Write the condition for such a value.',
  );
  return false;
};

/** Codes that never come make a rule that never pays; one that stands twice was meant otherwise. */
const codesKnown = ({ named, names, path, name }: Place, codes: readonly string[]): void => {
  const again = codes.filter((code, index) => codes.indexOf(code) !== index);
  if (again.length > 0)
    names.fault(path, `“${again.join('”, “')}” stands there twice.`, 'Correct one of the two.');
  const strangers = named.values ? codes.filter((code) => !named.values!.includes(code)) : [];
  if (strangers.length > 0)
    names.fault(
      path,
      `“${name}” is never ${strangers.map((code) => `“${code}”`).join(' or ')}.`,
      `It is one of: ${named.values!.join(', ')}.`,
    );
};

const anyOf = (place: Place, codes: readonly string[]): Test => {
  if (!mustBe(place, 'code', 'codes')) return () => false;
  codesKnown(place, codes);
  const wanted = new Set(codes);
  return (circumstances) => asList(said(place, circumstances)).some((code) => wanted.has(code));
};

const numberBetween = (
  place: Place,
  { from = -Infinity, below = Infinity }: { from?: number; below?: number },
): Test => {
  if (!mustBe(place, 'number')) return () => false;
  if (from >= below)
    place.names.fault(place.path, 'No number is in this range.', 'Let from be less than below.');
  return (circumstances) => {
    const value = said(place, circumstances) as number;
    return value >= from && value < below;
  };
};

const dayBetween = (
  place: Place,
  { fromDay = '', toDay = '9999-12-31' }: { fromDay?: string; toDay?: string },
): Test => {
  if (!mustBe(place, 'date')) return () => false;
  if (fromDay > toDay)
    place.names.fault(place.path, 'No day is in this range.', 'Let fromDay not be after toDay.');
  return (circumstances) => {
    const value = said(place, circumstances) as string;
    return value >= fromDay && value <= toDay;
  };
};

const matcher = (place: Place, wanted: Conditions[string]): Test => {
  if (typeof wanted === 'string') return anyOf(place, [wanted]);
  if (Array.isArray(wanted)) return anyOf(place, wanted);
  if (typeof wanted === 'boolean') {
    if (!mustBe(place, 'boolean')) return () => false;
    return (circumstances) => said(place, circumstances) === wanted;
  }
  if ('startsWith' in wanted) {
    if (!mustBe(place, 'code', 'codes')) return () => false;
    return (circumstances) =>
      asList(said(place, circumstances)).some((code) =>
        wanted.startsWith.some((start) => code.startsWith(start)),
      );
  }
  if ('not' in wanted) {
    const any = anyOf(place, wanted.not);
    return (circumstances) => !any(circumstances);
  }
  if ('said' in wanted)
    return (circumstances) => {
      const value = place.named.read(circumstances);
      const isSaid = value !== undefined && (!Array.isArray(value) || value.length > 0);
      return isSaid === wanted.said;
    };
  if ('fromDay' in wanted || 'toDay' in wanted) return dayBetween(place, wanted);
  return numberBetween(place, wanted as { from?: number; below?: number });
};

export interface Condition {
  readonly test: Test;
  readonly of: Of;
}

const always: Condition = { test: () => true, of: 'claim' };

/**
 * A condition of a plan, ready to be asked; `of` says whether it looks at lines. What it names and
 * is not known becomes a finding.
 */
export const conditionOf = (
  when: When | undefined,
  names: Names,
  path: string,
  allowed: Of = 'claim',
): Condition => {
  if (when === undefined) return always;
  const alternatives = Array.isArray(when) ? when : [when];
  let of: Of = 'claim';
  const tests = alternatives.map((conditions, index) => {
    const where = Array.isArray(when) ? pointer(path, index) : path;
    const parts = Object.entries(conditions).flatMap(([name, wanted]): Test[] => {
      const at = pointer(where, name);
      const named = names.find(name);
      if (!named) {
        names.fault(at, `Nothing is called “${name}”.`, `There are: ${names.list()}.`);
        return [];
      }
      if (named.of === 'line') of = 'line';
      if (named.of === 'line' && allowed === 'claim') {
        const why = `“${name}” is said of a line, and this looks at the whole claim.`;
        names.fault(at, why, 'Ask for it in “lines” of a layer, or in a rule for lines.');
      }
      return [matcher({ name, named, names, path: at }, wanted)];
    });
    return parts.length === 1
      ? parts[0]!
      : (circumstances: Circumstances) => parts.every((test) => test(circumstances));
  });
  return {
    of,
    test:
      tests.length === 1 ? tests[0]! : (circumstances) => tests.some((test) => test(circumstances)),
  };
};
