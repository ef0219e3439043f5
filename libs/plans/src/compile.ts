import { createHash } from 'node:crypto';
import { DomainError } from '@caretab/kernel';
import { checkPlan } from './check';
import { type Circumstances, conditionOf, type Named, Names, type Test } from './conditions';
import { type Counter, countersOf } from './counters';
import type { Fact } from './facts';
import { type Layer, layerOf } from './layers';
import { type LineRules, lineRulesOf } from './lines';
import { PlanFile } from './plan-file';
import { NotTaken, readFile } from './read';
import type { Finding } from './strict-json';
import { addWords } from './words';

/** A plan, compiled: pure functions over a claim. */
export interface Plan {
  readonly file: PlanFile;
  /** The SHA-256 of the file's content, whatever its spaces and the order of its members. */
  readonly version: string;
  readonly facts: Readonly<Record<string, Fact>>;
  readonly words: (circumstances: Circumstances) => Readonly<Record<string, string | undefined>>;
  readonly applies: Test;
  readonly lineRules: LineRules | undefined;
  readonly layers: readonly Layer[];
  readonly counters: ReadonlyMap<string, Counter>;
  /** Counters that every claim moves which meets their condition; the others move by caps. */
  readonly countedEachVisit: readonly Counter[];
  /** The counter of admissions that each plan has. */
  readonly admissions: string;
  /** Whether a layer pays only for some lines. */
  readonly looksAtLines: boolean;
}

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
};

/**
 * The version of a file: what is asked of it never depends on spaces or on the order of members,
 * but for the cases of words, which are a list.
 */
export const versionOf = (file: object): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(file)))
    .digest('hex');

const countedEachVisit = (
  { layers }: PlanFile,
  counters: ReadonlyMap<string, Counter>,
): readonly Counter[] => {
  const byCaps = new Set(layers.flatMap(({ caps = [] }) => caps.map(({ counter }) => counter)));
  return [...counters.values()].filter(
    ({ name, counts }) => (counts === 'visits' || counts === 'days') && !byCaps.has(name),
  );
};

/** A word that nothing asked for may look at a fact that the claim does not say. */
const sayable = (word: Named, circumstances: Circumstances): string | undefined => {
  try {
    return word.read(circumstances) as string | undefined;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'FACT_MISSING') return undefined;
    throw error;
  }
};

/** Compiles what `form` says, and finds all that is wrong with it as a whole. */
export const compiled = (file: PlanFile): { plan: Plan; findings: readonly Finding[] } => {
  const findings: Finding[] = [];
  const facts = Object.fromEntries(
    Object.entries(file.facts ?? {}).map(([name, { type, of, name: text }]): [string, Fact] => [
      name,
      { type, of, ...text },
    ]),
  );
  const names = new Names(file.plan, facts, findings);
  const counters = countersOf(file, names);
  addWords(file, names);
  const layers = file.layers.map((layer, index) =>
    layerOf(layer, file, names, counters, `/layers/${index}`),
  );
  const words = Object.keys(file.words ?? {});
  const plan: Plan = {
    ...{ file, facts, counters, layers },
    countedEachVisit: countedEachVisit(file, counters),
    admissions: `${file.plan}/admissions`,
    looksAtLines: file.layers.some(({ lines }) => lines !== undefined),
    version: versionOf(file),
    applies: conditionOf(file.when, names, '/when').test,
    lineRules: lineRulesOf(file, names, counters),
    words: (circumstances) =>
      Object.fromEntries(
        words
          .filter((word) => names.find(word)!.of === 'claim')
          .map((word) => [word, sayable(names.find(word)!, circumstances)]),
      ),
  };
  findings.push(...checkPlan(file, layers));
  return { plan, findings };
};

/**
 * Reads a plan file. Throws NotTaken with all that is wrong: the form, names that are not known,
 * tables with gaps, bands that fall, caps that are never reached.
 */
export const readPlan = (text: string, file: string): Plan => {
  const { plan, findings } = compiled(readFile<PlanFile>(PlanFile, text, file));
  if (findings.length > 0) throw new NotTaken(file, findings);
  return plan;
};
