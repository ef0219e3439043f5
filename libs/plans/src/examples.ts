import { DomainError, formatYuan } from '@caretab/kernel';
import { adjudicate } from './adjudicate';
import { fenOf } from './amounts';
import { claimOf } from './claim';
import type { Plan } from './compile';
import { oneAfterTheOther } from './coordination';
import { FACTS } from './facts';
import { NotTaken } from './read';
import type { Finding } from './strict-json';

/** What `used` of a claim may name: counters of the plans, alone and with their plan. */
export const counterNames = (plans: readonly Plan[]): ReadonlySet<string> =>
  new Set(
    plans.flatMap(({ counters }) => [...counters.values()].flatMap(({ name, id }) => [name, id])),
  );

type Example = Plan['file']['examples'][number];

/** What an example gives by this plan alone: yuan by the names of its `expect`. */
const gives = (plan: Plan, { claim: file }: Example, name: string): ReadonlyMap<string, string> => {
  const counters = counterNames([plan]);
  const claim = claimOf(file, { ...FACTS, ...plan.facts }, { name, counters });
  const rules = { plans: [plan], coordination: oneAfterTheOther([plan.file.plan]) };
  const { plans, patientFen } = adjudicate(rules, claim);
  const steps = plans.flatMap((part) => part.steps);
  const found = new Map<string, string>([
    ['fund', formatYuan(plans.reduce((sum, { fundFen }) => sum + fundFen, 0))],
    ['patient', formatYuan(patientFen)],
    ['deductible', formatYuan(steps.reduce((sum, { deductibleFen }) => sum + deductibleFen, 0))],
  ]);
  for (const { id } of plan.layers) {
    const own = steps.filter(({ layer }) => layer === id);
    found.set(`layers/${id}`, formatYuan(own.reduce((sum, { fundFen }) => sum + fundFen, 0)));
  }
  return found;
};

const expected = ({ expect: { layers = {}, ...rest } }: Example): [string, string][] => [
  ...(Object.entries(rest) as [string, string][]),
  ...Object.entries(layers).map(([id, yuan]): [string, string] => [`layers/${id}`, yuan]),
];

/** The examples inside a plan, run: each that does not come out exactly is a finding. */
export const exampleFindings = (plan: Plan): Finding[] =>
  plan.file.examples.flatMap((example, index) => {
    const path = `/examples/${index}`;
    try {
      const found = gives(plan, example, path);
      return expected(example).flatMap(([name, yuan]): Finding[] => {
        const is = found.get(name);
        if (is !== undefined && fenOf(is) === fenOf(yuan)) return [];
        const why = `“${example.name}” gives ${is ?? 'nothing'} and not ${yuan}.`;
        return [
          { path: `${path}/expect/${name}`, why, remedy: 'Correct the plan or the example.' },
        ];
      });
    } catch (error) {
      if (!(error instanceof NotTaken) && !(error instanceof DomainError)) throw error;
      const why =
        error instanceof NotTaken
          ? error.findings.map((each) => `${each.path} ${each.why}`).join(' ')
          : `The claim does not say “${String(error.details['fact'])}”.`;
      return [{ path: `${path}/claim`, why, remedy: 'Complete the example.' }];
    }
  });
