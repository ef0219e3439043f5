import { readFileSync } from 'node:fs';
import { type CheckRule, CheckRules, dataOf } from '@caretab/contracts';
import { contentHash } from '@caretab/kernel';

/** The rules in force, and by which version of them a flag was raised. */
export interface CheckRulesInForce {
  readonly version: string;
  readonly rules: CheckRules;
}

/** What a file says. Throws an Error of one sentence for a text that is none. */
export const checkRulesOf = (file: string, text: string): CheckRulesInForce => {
  const rules = dataOf(file, text, CheckRules);
  const ids = rules.rules.map(({ id }) => id);
  const twice = ids.find((id, place) => ids.indexOf(id) < place);
  if (twice !== undefined)
    throw new Error(
      `The data file ${file} is wrong at /rules: the id ${twice} stands there twice.`,
    );
  return { version: contentHash(rules), rules };
};

/** Throws an Error of one sentence for a file that is none. */
export const readCheckRules = (file: string): CheckRulesInForce =>
  checkRulesOf(file, readFileSync(file, 'utf8'));

const DAY_OR_MONTH = 31;

/** How far back the lines of other claims are read, in days. */
export const lineDaysOf = (rules: readonly CheckRule[]): number =>
  Math.max(
    0,
    ...rules.map((rule) => {
      if (rule.kind === 'bought-and-returned' || rule.kind === 'many-institutions')
        return rule.withinDays;
      return rule.kind === 'same-item-elsewhere' || rule.kind === 'item-count' ? DAY_OR_MONTH : 0;
    }),
  );

/** How far back claims are read, in days. */
export const claimDaysOf = (rules: readonly CheckRule[]): number =>
  Math.max(DAY_OR_MONTH, ...rules.map((rule) => ('withinDays' in rule ? rule.withinDays : 0)));
