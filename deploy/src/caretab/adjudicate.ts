import { CommandLine } from '@caretab/command-line';
import { DomainError } from '@caretab/kernel';
import {
  adjudicate,
  type Catalogue,
  type Claim,
  ClaimFile,
  claimOf,
  counterNames,
  explain,
  FACTS,
  HistoryFile,
  type Rules,
  type Used,
  usedAfter,
  usedView,
  type Verdict,
  verdictView,
} from '@caretab/plans';
import { type Command, printJson } from './command';
import { Refused } from './platform';
import { catalogueIn, fileOf, rulesOf, taken } from './plan-files';

const HELP = `caretab adjudicate --plan FILE … --claim FILE    who bears what of a claim, and why
  --plan FILE          a benefit plan; several pay in the order in which they are given
  --claim FILE         the claim: facts, and lines or totals
  --coordination FILE  who pays before whom, instead of the order of the plans
  --catalogue FILE     what the catalogue says of each item, instead of the claim
  --history FILE       earlier claims, settled first; what they used counts
  --language zh|en     of the explanation; en unless it is said
  --json               the verdict for other programs, in yuan as text
The page docs/benefit-plans.md explains plans and claims. Nothing is sent anywhere.`;

interface Given {
  readonly rules: Rules;
  readonly catalogue: Catalogue | undefined;
}

const claimIn = (form: ClaimFile, name: string, { rules, catalogue }: Given): Claim =>
  taken(() =>
    claimOf(
      form,
      Object.assign({}, FACTS, ...rules.plans.map(({ facts }) => facts)) as typeof FACTS,
      { name, catalogue, counters: counterNames(rules.plans) },
    ),
  );

const settled = (rules: Rules, claim: Claim, used: Used, name: string): Verdict => {
  try {
    return adjudicate(rules, claim, used);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'FACT_MISSING') throw error;
    const { fact, plan, why } = error.details as { fact: string; plan: string; why?: string };
    if (why !== undefined)
      throw new Refused(
        `For ${name} no case of the word “${fact}” of the plan “${plan}” holds. ` +
          'Add a case to the plan, or one without “when” for all others.',
      );
    throw new Refused(
      `${name} does not say “${fact}”, and the plan “${plan}” looks at it. ` +
        'Add it to “facts” of the claim or of its line, or of the item in the catalogue.',
    );
  }
};

/** What earlier claims used, settled one after the other in the order of the file. */
const usedIn = (file: string | undefined, given: Given): Used => {
  if (file === undefined) return new Map();
  const { claims } = fileOf<{ claims: ClaimFile[] }>(HistoryFile, file);
  return claims.reduce<Used>((used, form, index) => {
    const name = `${file}, claim ${String(index + 1)}`;
    const numbered = { ...form, claim: form.claim ?? `earlier ${String(index + 1)}` };
    return usedAfter(used, settled(given.rules, claimIn(numbered, name, given), used, name));
  }, new Map());
};

/** Who bears what of a claim, by plans that lie in files. */
export const adjudicateCommand: Command = {
  name: 'adjudicate',
  what: 'who bears what of a claim, by plans in files',
  run: (args, print) => {
    const line = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [
        ...['--plan', '--claim', '--coordination', '--catalogue', '--history', '--language'],
      ],
    });
    const file = line.value('--claim');
    const language = line.oneOf('--language', ['zh', 'en']) ?? 'en';
    const plans = line.all('--plan');
    if (plans.length === 0 || file === undefined)
      throw line.wrong('It takes at least one --plan, and a --claim');
    const rules = rulesOf(plans, line.value('--coordination'));
    const given = { rules, catalogue: catalogueIn(line.value('--catalogue')) };
    const used = usedIn(line.value('--history'), given);
    const claim = claimIn(fileOf<ClaimFile>(ClaimFile, file), file, given);
    const verdict = settled(rules, claim, used, file);
    const counts = new Map(
      rules.plans.flatMap(({ file: { plan }, counters }) =>
        [...counters.values()].map(({ name, counts: of }) => [`${plan}/${name}`, of]),
      ),
    );
    if (line.has('--json'))
      printJson(
        {
          ...verdictView(verdict),
          used: usedView(usedAfter(used, verdict), (counter) => counts.get(counter)),
          explanation: explain(verdict, rules.plans, language),
        },
        print,
      );
    else for (const each of explain(verdict, rules.plans, language)) print(each);
    return 0;
  },
};
