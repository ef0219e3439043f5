import { type Circumstances, conditionOf, type Names } from './conditions';
import type { PlanFile } from './plan-file';
import { pointer } from './strict-json';

/** A word is the first of its cases that holds; an `else` that is not the last hides the others. */
const reachable = (
  cases: readonly { readonly is: string; readonly when?: unknown }[],
  path: string,
  names: Names,
): void => {
  for (const [index, { when }] of cases.entries())
    if (when === undefined && index < cases.length - 1)
      names.fault(
        pointer(path, index + 1),
        'This case is never reached: the one before it has no condition.',
        'Give that one a condition, or put it last.',
      );
};

/** The words of a plan, in the order of the file: a later one may look at an earlier one. */
export const addWords = (plan: PlanFile, names: Names): void => {
  for (const [word, { cases }] of Object.entries(plan.words ?? {})) {
    const path = pointer('/words', word);
    const casesPath = pointer(path, 'cases');
    reachable(cases, casesPath, names);
    const compiled = cases.map(({ is, when }, index) => ({
      is,
      condition: conditionOf(when, names, pointer(pointer(casesPath, index), 'when'), 'line'),
    }));
    const values = [...new Set(cases.map(({ is }) => is))];
    names.add(
      word,
      {
        ...{ type: 'code', values, isWord: true },
        of: compiled.some(({ condition }) => condition.of === 'line') ? 'line' : 'claim',
        read: (circumstances: Circumstances) =>
          compiled.find(({ condition }) => condition.test(circumstances))?.is,
      },
      path,
    );
  }
};
