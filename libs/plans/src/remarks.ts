import { gapRemarks } from './check-words';
import type { Conditions, When } from './file-parts';
import type { PlanFile } from './plan-file';
import { type Finding, pointer } from './strict-json';

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index).padStart(2, '0'));

/** Lists of the national interface, by fact. A region may have codes of its own beside them. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  personType: [
    ...['11', '12', '1204', '13', '1401', '1402', '1403', '1404', '1405'],
    ...['15', '16', '1701'],
  ],
  hospitalLevel: numbered(1, 11),
  deductibleLevel: ['1', '2', '3', '4', '9'],
  settlementLevel: ['1', '2', '3'],
  itemKind: numbered(1, 14),
  itemList: ['101', '102', '103', '104', '201', '301'],
};
const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly what: string }>> = {
  aidClasses: { form: /^2[1-4]\d\d$/, what: 'four digits, such as 2303' },
  careArea: { form: /^\d{6}$/, what: 'six digits of GB/T 2260' },
  insuredArea: { form: /^\d{6}$/, what: 'six digits of GB/T 2260' },
  diagnosis: { form: /^[A-Z]\d{0,2}([.x+].*)?$/, what: 'a code of ICD-10, such as I21.0' },
  diagnoses: { form: /^[A-Z]\d{0,2}([.x+].*)?$/, what: 'a code of ICD-10, such as I21.0' },
};
const INSUTYPES: readonly string[] = [
  ...['310', '320', '330', '340', '350', '360', '370', '380', '390', '391', '392', '399'],
  ...['410', '510'],
];
const FUNDS: readonly string[] = [
  ...['310100', '310200', '320100', '330100', '340100', '350100', '370100', '390100', '390200'],
  ...['510100', '610100', '999997'],
];

/** Whether one code becomes the other by one character, or by two that changed places. */
const isNear = (code: string, other: string): boolean => {
  if (Math.abs(code.length - other.length) > 1) return false;
  let start = 0;
  while (start < code.length && code[start] === other[start]) start += 1;
  const [rest, otherRest] = [code.slice(start), other.slice(start)];
  const swapped = `${rest.slice(1, 2)}${rest.slice(0, 1)}${rest.slice(2)}`;
  return (
    rest.slice(1) === otherRest.slice(1) ||
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    swapped === otherRest
  );
};

const remark = (code: string, known: readonly string[], path: string): Finding | undefined => {
  if (known.includes(code)) return undefined;
  const near = known.filter((other) => isNear(code, other));
  return {
    ...{ path, why: `The national interface has no “${code}” here.` },
    remedy:
      near.length > 0
        ? `Was ${near.map((other) => `“${other}”`).join(' or ')} meant? Or is it a region’s own?`
        : `It has: ${known.join(', ')}. Or is it a region’s own?`,
  };
};

const codesIn = (matcher: Conditions[string]): readonly string[] => {
  if (typeof matcher === 'string') return [matcher];
  if (Array.isArray(matcher)) return matcher;
  if (typeof matcher !== 'object') return [];
  return 'startsWith' in matcher ? matcher.startsWith : 'not' in matcher ? matcher.not : [];
};

const ofCondition = (when: When, path: string): Finding[] =>
  (Array.isArray(when) ? when : [when]).flatMap((conditions, index) =>
    Object.entries(conditions).flatMap(([fact, matcher]) => {
      const place = pointer(Array.isArray(when) ? pointer(path, index) : path, fact);
      const isStart = typeof matcher === 'object' && 'startsWith' in matcher;
      return codesIn(matcher).flatMap((code): Finding[] => {
        const form = FORMS[fact];
        if (form && !form.form.test(code) && !isStart)
          return [{ path: place, why: `“${code}” is not ${form.what}.`, remedy: 'Look it up.' }];
        if (form && isStart && fact.startsWith('diagnos') && !form.form.test(code))
          return [
            { path: place, why: `“${code}” begins not as ${form.what}.`, remedy: 'Look it up.' },
          ];
        const known = isStart ? undefined : CODES[fact];
        return (known && [remark(code, known, place) ?? []].flat()) ?? [];
      });
    }),
  );

const conditionsIn = (value: unknown, path: string): Finding[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = pointer(path, key);
    const isCondition = key === 'when' || (key === 'lines' && path.startsWith('/layers/'));
    if (isCondition && typeof member === 'object') return ofCondition(member as When, at);
    return conditionsIn(member, at);
  });
};

/**
 * What is no fault, and most often a slip of the pen: values that no case of a word takes, and codes
 * that the national lists do not have. A region has codes of its own.
 */
export const planRemarks = (plan: PlanFile): readonly Finding[] => [
  ...gapRemarks(plan),
  ...codeRemarks(plan),
];

const codeRemarks = ({ examples: _, ...plan }: PlanFile): readonly Finding[] => [
  ...(plan.insutypes ?? []).flatMap(
    (code, index) => remark(code, INSUTYPES, `/insutypes/${index}`) ?? [],
  ),
  ...plan.layers.flatMap(
    ({ fund }, index) => (fund !== undefined && remark(fund, FUNDS, `/layers/${index}/fund`)) || [],
  ),
  ...conditionsIn(plan, ''),
];
