import { formatYuan } from '@caretab/kernel';
import type { Absence, PlanPart, Verdict } from './verdict';
import { rateText } from './amounts';
import { total } from './bill';
import type { Plan } from './compile';
import type { CapStep, LayerStep } from './layers';
import { type Scope, SCOPES } from './file-parts';

export type Language = 'zh' | 'en';
interface Both {
  readonly zh: string;
  readonly en: string;
}

export const SCOPE_NAMES: Readonly<Record<Scope, Both>> = {
  inScope: { zh: '政策范围内', en: 'in scope' },
  direct: { zh: '直接按比例支付', en: 'paid directly by ratio' },
  firstSelfPay: { zh: '先行自付', en: 'first self-pay' },
  overLimit: { zh: '超限价自付', en: 'over limit' },
  ownExpense: { zh: '自费', en: 'own expense' },
};

const WORDS = {
  claim: { zh: '结算单', en: 'Claim' },
  yuan: { zh: '元', en: 'yuan' },
  plan: { zh: '待遇政策', en: 'Plan' },
  version: { zh: '版本', en: 'version' },
  payer: { zh: '支付方', en: 'payer' },
  base: { zh: '计算基数', en: 'base' },
  deductible: { zh: '起付线', en: 'deductible' },
  usedBefore: { zh: '此前已累计', en: 'used before' },
  pays: { zh: '支付', en: 'pays' },
  fixed: { zh: '定额', en: 'fixed sum' },
  days: { zh: '天', en: 'days' },
  hospital: { zh: '医院承担', en: 'the hospital bears' },
  account: { zh: '账户', en: 'Account' },
  balance: { zh: '余额', en: 'balance' },
  patient: { zh: '个人承担', en: 'The patient bears' },
  line: { zh: '明细', en: 'Line' },
  lost: { zh: '超出部分', en: 'not paid above it' },
} as const satisfies Record<string, Both>;

const CAPS: Readonly<Record<CapStep['on'], Both>> = {
  fund: { zh: '基金支付封顶线', en: 'cap on what the fund pays' },
  base: { zh: '费用封顶线', en: 'cap on the costs' },
  visits: { zh: '次数上限', en: 'number of visits' },
  days: { zh: '天数上限', en: 'number of days' },
};

const ABSENT: Readonly<Record<Absence['why'], Both>> = {
  'not-insured': { zh: '当日未参保', en: 'the person is not a member on that day' },
  'not-in-force': { zh: '当日无有效版本', en: 'no version is in force on that day' },
  waiting: { zh: '等待期内', en: 'the waiting period is not over' },
  'does-not-apply': { zh: '不适用于本次就诊', en: 'the plan does not apply to this claim' },
  'not-in-coordination': {
    zh: '不在支付顺序中',
    en: 'the coordination file does not name the plan',
  },
};

const scopesText = (amounts: readonly number[], language: Language): string =>
  SCOPES.flatMap((scope, index) =>
    amounts[index] === 0 ? [] : [`${SCOPE_NAMES[scope][language]} ${formatYuan(amounts[index]!)}`],
  ).join(' · ');

/** Renders in one language. */
class Text {
  readonly lines: string[] = [];

  constructor(readonly language: Language) {}

  word(name: keyof typeof WORDS): string {
    return WORDS[name][this.language];
  }

  put(depth: number, text: string): void {
    this.lines.push(`${'  '.repeat(depth)}${text}`);
  }
}

const capText = (text: Text, { on, amount, used, lostFen }: CapStep): void => {
  const isMoney = on === 'fund' || on === 'base';
  const [most, before] = isMoney
    ? [formatYuan(amount), formatYuan(used)]
    : [String(amount), String(used)];
  text.put(
    2,
    `${CAPS[on][text.language]} ${most} (${text.word('usedBefore')} ${before}): ` +
      `${text.word('lost')} ${formatYuan(lostFen)}`,
  );
};

const stepText = (text: Text, step: LayerStep, plan: Plan | undefined): void => {
  const file = plan?.file.layers.find(({ id }) => id === step.layer);
  const scopes = (file?.base ?? ['inScope']).map((scope) => SCOPE_NAMES[scope][text.language]);
  const name = file?.name?.[text.language] ?? step.layer;
  text.put(
    1,
    `${name} (${step.path}): ${text.word('base')} ${formatYuan(step.baseFen)}, ${scopes.join(' + ')}`,
  );
  for (const cap of step.caps) if (cap.on !== 'fund') capText(text, cap);
  if (step.deductible)
    text.put(
      2,
      `− ${text.word('deductible')} ${formatYuan(step.deductibleFen)} ` +
        `(${formatYuan(step.deductible.amountFen)}, ` +
        `${text.word('usedBefore')} ${formatYuan(step.deductible.usedFen)})`,
    );
  for (const { fromFen, toFen, rate, fundFen } of step.bands)
    text.put(
      2,
      `${formatYuan(fromFen)} – ${formatYuan(toFen)}: ${formatYuan(toFen - fromFen)} × ` +
        `${rateText(rate)} = ${formatYuan(fundFen)}`,
    );
  if (step.fixedFen !== undefined) {
    const days = step.days === undefined ? '' : ` (${String(step.days)} ${text.word('days')})`;
    text.put(2, `${text.word('fixed')} ${formatYuan(step.fixedFen)}${days}`);
  }
  for (const cap of step.caps) if (cap.on === 'fund') capText(text, cap);
  const who = step.borneBy === 'hospital' ? text.word('hospital') : text.word('pays');
  text.put(2, `→ ${who} ${formatYuan(step.fundFen)}`);
};

const planText = (text: Text, part: PlanPart, plan: Plan | undefined): void => {
  const name = plan?.file.name[text.language] ?? part.plan;
  const words = Object.entries(part.words)
    .filter(([, value]) => value !== undefined)
    .map(([word, value]) => `${plan?.file.words?.[word]?.name[text.language] ?? word} ${value}`);
  text.put(
    0,
    `${text.word('plan')} ${name} (${part.plan}, ${text.word('version')} ` +
      `${part.version.slice(0, 12)}, ${text.word('payer')} ${part.payer})` +
      (words.length > 0 ? `: ${words.join(', ')}` : ''),
  );
  for (const step of part.steps) stepText(text, step, plan);
};

/** A verdict in words: which rule of which version took what, because of which numbers. */
export const explain = (
  verdict: Verdict,
  plans: readonly Plan[],
  language: Language,
): readonly string[] => {
  const text = new Text(language);
  const planOf = (part: { plan: string; version?: string }): Plan | undefined =>
    plans.find(
      ({ file, version }) =>
        file.plan === part.plan && (part.version === undefined || version === part.version),
    );
  text.put(
    0,
    `${text.word('claim')} ${verdict.claim}: ${formatYuan(verdict.grossFen)} ${text.word('yuan')}`,
  );
  text.put(1, scopesText(verdict.scopes, language));
  for (const line of verdict.lines ?? [])
    text.put(
      1,
      `${text.word('line')} ${line.id} ${formatYuan(line.amountFen)}: ` +
        scopesText(line.scopes, language) +
        (line.steps.length > 0 ? ` (${line.steps.map(({ rule }) => rule).join(', ')})` : ''),
    );
  for (const part of verdict.plans) planText(text, part, planOf(part));
  for (const { plan, why } of verdict.absent)
    text.put(0, `${text.word('plan')} ${plan}: ${ABSENT[why][language]}`);
  for (const { account, balanceFen, paidFen } of verdict.accounts)
    text.put(
      0,
      `${text.word('account')} ${account} (${text.word('balance')} ${formatYuan(balanceFen)}): ` +
        `${text.word('pays')} ${formatYuan(paidFen)}`,
    );
  text.put(0, `${text.word('patient')} ${formatYuan(verdict.patientFen)} ${text.word('yuan')}`);
  if (total(verdict.patient) > 0) text.put(1, scopesText(verdict.patient, language));
  return text.lines;
};
