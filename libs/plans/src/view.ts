import { formatYuan } from '@caretab/kernel';
import type { Verdict } from './verdict';
import { rateText } from './amounts';
import type { LayerStep } from './layers';
import { quantityText } from './lines';
import { type Scope, SCOPES } from './file-parts';

const byScope = (amounts: readonly number[]): Record<Scope, string> =>
  Object.fromEntries(SCOPES.map((scope, index) => [scope, formatYuan(amounts[index]!)])) as Record<
    Scope,
    string
  >;

const upTo = (fen: number): string | null => (Number.isFinite(fen) ? formatYuan(fen) : null);

const stepView = (step: LayerStep) => ({
  layer: step.layer,
  rule: step.path,
  base: formatYuan(step.baseFen),
  ...(step.deductible && {
    deductible: {
      amount: formatYuan(step.deductible.amountFen),
      usedBefore: formatYuan(step.deductible.usedFen),
      taken: formatYuan(step.deductibleFen),
    },
  }),
  ...(step.bands.length > 0 && {
    bands: step.bands.map(({ fromFen, toFen, rate, fundFen }) => ({
      ...{ from: formatYuan(fromFen), to: upTo(toFen), rate: rateText(rate) },
      fund: formatYuan(fundFen),
    })),
  }),
  ...(step.fixedFen !== undefined && { fixed: formatYuan(step.fixedFen) }),
  ...(step.days !== undefined && { days: step.days }),
  ...(step.caps.length > 0 && {
    caps: step.caps.map(({ on, amount, used, lostFen }) => ({
      on,
      amount: on === 'visits' || on === 'days' ? String(amount) : formatYuan(amount),
      usedBefore: on === 'visits' || on === 'days' ? String(used) : formatYuan(used),
      lost: formatYuan(lostFen),
    })),
  }),
  fund: formatYuan(step.fundFen),
  ...(step.borneBy === 'hospital' && { borneBy: 'hospital' }),
});

/** What of the patient's part has which reason; the parts add up to it. */
const patientView = ({ patient, patientFen, plans, accounts }: Verdict) => {
  const scopes = byScope(patient);
  const steps = plans.flatMap(({ steps: each }) => each);
  const sum = (value: (step: LayerStep) => number): string =>
    formatYuan(steps.reduce((found, step) => found + value(step), 0));
  return {
    due: formatYuan(patientFen),
    ...scopes,
    deductibles: sum(({ deductibleFen }) => deductibleFen),
    aboveCaps: sum(({ caps }) => caps.reduce((found, { lostFen }) => found + lostFen, 0)),
    beforeAccounts: formatYuan(
      accounts.reduce((found, { paidFen }) => found + paidFen, patientFen),
    ),
  };
};

/** A word that nothing asked for may have no value. */
const saidWords = (words: Verdict['plans'][number]['words']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(words).filter((word): word is [string, string] => word[1] !== undefined),
  );

/** A verdict as it is printed: yuan as text, exact to the fen. */
export const verdictView = (verdict: Verdict) => ({
  claim: verdict.claim,
  gross: formatYuan(verdict.grossFen),
  scopes: byScope(verdict.scopes),
  fund: formatYuan(verdict.plans.reduce((found, { fundFen }) => found + fundFen, 0)),
  hospital: formatYuan(verdict.plans.reduce((found, { hospitalFen }) => found + hospitalFen, 0)),
  account: formatYuan(verdict.accounts.reduce((found, { paidFen }) => found + paidFen, 0)),
  patient: formatYuan(verdict.patientFen),
  plans: verdict.plans.map((part) => ({
    ...{ plan: part.plan, version: part.version, payer: part.payer, on: part.on, year: part.year },
    words: saidWords(part.words),
    fund: formatYuan(part.fundFen),
    ...(part.hospitalFen > 0 && { hospital: formatYuan(part.hospitalFen) }),
    layers: part.steps.map(stepView),
  })),
  absent: verdict.absent,
  accounts: verdict.accounts.map(({ account, balanceFen, paidFen }) => ({
    ...{ account, balance: formatYuan(balanceFen), paid: formatYuan(paidFen) },
  })),
  patientPart: patientView(verdict),
  ...(verdict.lines && {
    lines: verdict.lines.map(({ id, amountFen, scopes, steps, patientFen }) => ({
      ...{ line: id, amount: formatYuan(amountFen), ...byScope(scopes) },
      patient: formatYuan(patientFen),
      rules: steps.map(({ rule, to, fen, rate, limitYuan }) => ({
        ...{ rule, to, amount: formatYuan(fen) },
        ...(rate !== undefined && { rate: rateText(rate) }),
        ...(limitYuan !== undefined && { limit: limitYuan }),
      })),
    })),
  }),
});

export type VerdictView = ReturnType<typeof verdictView>;

/** What was used, by key: what a later claim begins with. */
export const usedView = (
  used: ReadonlyMap<string, number>,
  countsOf: (counter: string) => string | undefined,
): Record<string, string> =>
  Object.fromEntries(
    [...used].map(([key, value]) => {
      const counts = countsOf(key.slice(0, key.indexOf('|')));
      if (counts === 'quantity') return [key, quantityText(value)];
      return [
        key,
        counts === 'visits' || counts === 'days' || counts === undefined
          ? String(value)
          : formatYuan(value),
      ];
    }),
  );
