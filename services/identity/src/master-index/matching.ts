import { MATCH_FIELDS, type MatchField, type MatchWeights } from '@caretab/contracts';
import { levelsOf, type Levels } from './comparisons';
import type { Compared } from './demographics';
import { bitsOf, type BitsOf } from './weights';

/** How one field agrees, and what that weighs. No value. */
export interface Evidence {
  readonly field: MatchField;
  readonly level: string;
  readonly bits: number;
}

/**
 * `match`: a rule says that two are one person. `similar`: the weights say that they may be; only a
 * person decides. `none`: neither.
 */
export interface Comparison {
  readonly outcome: 'match' | 'similar' | 'none';
  /** The identifier of the rule that decided. */
  readonly by?: string;
  /** Something says that they are two, whatever else agrees. */
  readonly contradicted: boolean;
  readonly bits: number;
  readonly likely: boolean;
  readonly evidence: readonly Evidence[];
}

/** A written form of one name is that name. */
const SAME_NAME: readonly string[] = ['equal', 'variant', 'pinyin'];

const agrees = (levels: Levels, field: 'name' | 'birthDate' | 'sex'): boolean => {
  const level = levels[field];
  if (level === undefined) return false;
  return field === 'name' ? SAME_NAME.includes(level) : level === 'equal';
};

/** Numbers that both have, by their kind; an ID number counts where it is a right one. */
const sharedKinds = (a: Compared, b: Compared): readonly string[] => [
  ...(a.isIdNumberRight && b.isIdNumberRight && a.idNumber === b.idNumber ? ['id-number'] : []),
  ...a.identifiers
    .filter((each) => b.identifiers.includes(each))
    .map((each) => each.split(' ', 1)[0]!),
];

/** What no rule may overrule: two right ID numbers, two birth dates, two sexes, twins. */
const isContradicted = (a: Compared, b: Compared, levels: Levels): boolean =>
  (levels.idNumber === 'other' && a.isIdNumberRight && b.isIdNumberRight) ||
  (levels.birthDate !== undefined && levels.birthDate !== 'equal') ||
  levels.sex === 'other' ||
  areTwins(a, b);

const areTwins = (a: Compared, b: Compared): boolean =>
  a.birthOrder !== undefined && b.birthOrder !== undefined && a.birthOrder !== b.birthOrder;

/** Mobile number or address that agree: a household shares both. */
const agreedContact = (levels: Levels): readonly MatchField[] =>
  (['mobile', 'address'] as const).filter(
    (field) => levels[field] !== undefined && levels[field] !== 'other',
  );

/**
 * What says nothing more, and is not counted: birth date and sex beside an equal ID number; contact
 * that agrees under another name, which is a family's; and of two contacts that agree the weaker.
 */
const implied = (levels: Levels, bits: BitsOf): readonly MatchField[] => {
  const contact = agreedContact(levels);
  const weaker = [...contact].sort((a, b) => bits(a, levels[a]!) - bits(b, levels[b]!));
  return [
    ...(levels.idNumber === 'equal' ? (['birthDate', 'sex'] as const) : []),
    ...(levels.name === 'other' ? contact : weaker.slice(0, -1)),
  ];
};

/** Compares by one set of weights. */
export class Matching {
  private readonly bits: BitsOf;

  constructor(readonly weights: MatchWeights) {
    this.bits = bitsOf(weights);
  }

  compare(a: Compared, b: Compared): Comparison {
    const levels = levelsOf(a, b);
    const silent = implied(levels, this.bits);
    const evidence = MATCH_FIELDS.flatMap((field) => {
      const level = levels[field];
      if (level === undefined || silent.includes(field)) return [];
      return [{ field, level, bits: this.bits(field, level) }];
    });
    const sum = evidence.reduce((total, each) => total + each.bits, 0);
    const bits = Math.round(sum * 100) / 100;
    const likely = bits >= this.weights.likelyBits;
    const by = this.rule(a, b, levels);
    const contradicted = isContradicted(a, b, levels);
    const said = { bits, likely, evidence, contradicted };
    if (by !== undefined) return { outcome: 'match', by, ...said };
    const isSimilar = !areTwins(a, b) && (bits >= this.weights.similarBits || shares(levels));
    return { outcome: isSimilar ? 'similar' : 'none', ...said };
  }

  private rule(a: Compared, b: Compared, levels: Levels): string | undefined {
    if (isContradicted(a, b, levels)) return undefined;
    const kinds = sharedKinds(a, b);
    return this.weights.decides.find(
      ({ identifier, agree }) =>
        kinds.includes(identifier) && agree.every((field) => agrees(levels, field)),
    )?.identifier;
  }
}

/** One number for what the rest says are two persons: a mistake that someone has to look at. */
const shares = (levels: Levels): boolean => levels.idNumber === 'equal';
