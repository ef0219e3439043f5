import type { Plan } from './compile';
import { conditionOf, Names, type Test } from './conditions';
import { CoordinationFile } from './coordination-file';
import { type Scope } from './file-parts';
import { NotTaken, readFile } from './read';
import { type Finding, pointer } from './strict-json';

export type Payer =
  | { readonly plan: string; readonly on: 'residue' | 'gross'; readonly test: Test }
  | { readonly account: string; readonly pays: readonly Scope[]; readonly test: Test };

/** Who pays before whom. */
export interface Coordination {
  readonly order: readonly Payer[];
}

const ACCOUNT_PAYS: readonly Scope[] = ['inScope', 'direct', 'firstSelfPay', 'overLimit'];

/** Plans in the given order, each on what is left; then the personal account, if there is one. */
export const oneAfterTheOther = (planIds: readonly string[]): Coordination => {
  const test = (): boolean => true;
  return {
    order: [
      ...[...new Set(planIds)].map((plan): Payer => ({ plan, on: 'residue', test })),
      {
        account: 'personal',
        pays: ACCOUNT_PAYS,
        test,
      },
    ],
  };
};

const compiled = (form: CoordinationFile, file: string): Coordination => {
  const findings: Finding[] = [];
  const names = new Names(form.region, {}, findings);
  const order = form.order.map((payer, index): Payer => {
    const { test } = conditionOf(payer.when, names, pointer(`/order/${index}`, 'when'));
    return 'plan' in payer
      ? { plan: payer.plan, on: payer.on ?? 'residue', test }
      : { account: payer.account, pays: payer.pays, test };
  });
  if (findings.length > 0) throw new NotTaken(file, findings);
  return { order };
};

/** Reads a region's coordination file. Throws NotTaken. */
export const readCoordination = (text: string, file: string): Coordination =>
  compiled(readFile<CoordinationFile>(CoordinationFile, text, file), file);

/** Versions of one plan whose days overlap: nothing would say which one decides. */
export const overlapping = (plans: readonly Plan[]): Finding[] =>
  plans.flatMap((plan, index) =>
    plans
      .slice(0, index)
      .filter(
        ({ file }) =>
          file.plan === plan.file.plan &&
          (file.to === null || plan.file.from <= file.to) &&
          (plan.file.to === null || file.from <= plan.file.to),
      )
      .map(({ file }) => ({
        path: '',
        why: `Two files of the plan “${file.plan}” are in force on the same day.`,
        remedy: `End the one from ${file.from} before the other begins.`,
      })),
  );
