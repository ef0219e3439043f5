import { CommandLine } from '@caretab/command-line';
import { differencesOf, exampleFindings, explainPlan, planRemarks } from '@caretab/plans';
import { type Command, type Print, printJson, printTable } from './command';
import { Refused } from './platform';
import { plansOf } from './plan-files';

const HELP = `caretab plan check FILE …        whether plans are taken: form, names, tables, bands, caps, examples
caretab plan explain FILE        a plan in words
caretab plan diff OLD NEW        where two versions differ
  --language zh|en               explain: zh or en; en unless it is said
  --json                         for other programs
The page docs/benefit-plans.md says how a plan is written.`;

const VERBS = ['check', 'explain', 'diff'] as const;

const check = (files: readonly string[], asJson: boolean, print: Print): number => {
  for (const file of files) {
    // Each file says all that is wrong with it; the first one does not hide the others.
    try {
      plansOf([file]);
    } catch (error) {
      if (!(error instanceof Refused) || files.length === 1) throw error;
      print(`✗ ${error.message}`);
    }
  }
  const plans = plansOf(files);
  const results = plans.map((plan, index) => ({
    ...{ file: files[index]!, plan: plan.file.plan, version: plan.version },
    examples: plan.file.examples.length,
    findings: exampleFindings(plan),
    remarks: planRemarks(plan.file),
  }));
  if (asJson) printJson(results, print);
  else
    for (const { file, plan, version, examples, findings, remarks } of results) {
      const sum = `${String(examples)} examples`;
      print(`${findings.length === 0 ? '✓' : '✗'} ${file}: ${plan}, version ${version}, ${sum}`);
      for (const { path, why, remedy } of findings) print(`  ${path}: ${why} ${remedy}`);
      for (const { path, why, remedy } of remarks) print(`  ? ${path}: ${why} ${remedy}`);
    }
  return results.every(({ findings }) => findings.length === 0) ? 0 : 1;
};

const diff = (files: readonly string[], asJson: boolean, print: Print): number => {
  const [before, after] = files.map((file) => plansOf([file])[0]!);
  const differences = differencesOf(before!, after!);
  if (asJson) printJson(differences, print);
  else
    printTable(
      [
        ['where', 'before', 'after'],
        ...differences.map((each) => [each.path, each.before ?? '–', each.after ?? '–']),
      ],
      print,
    );
  return 0;
};

/** Benefit plans in files: checked, explained, compared. */
export const planCommand: Command = {
  name: 'plan',
  what: 'benefit plans in files: check, explain, diff',
  run: (args, print) => {
    const line = new CommandLine(args, {
      ...{ help: HELP, flags: ['--json'], values: ['--language'] },
      positionalsMax: 1000,
    });
    const [word, ...files] = line.positionals;
    const verb = VERBS.find((known) => known === word);
    const language = line.oneOf('--language', ['zh', 'en']) ?? 'en';
    if (!verb) throw line.wrong('It takes a verb: check, explain or diff');
    const wanted = {
      check: files.length > 0,
      explain: files.length === 1,
      diff: files.length === 2,
    };
    if (!wanted[verb]) throw line.wrong(`“plan ${verb}” takes other files`);
    if (verb === 'check') return check(files, line.has('--json'), print);
    if (verb === 'diff') return diff(files, line.has('--json'), print);
    const lines = explainPlan(plansOf(files)[0]!, language);
    if (line.has('--json')) printJson(lines, print);
    else for (const each of lines) print(each);
    return 0;
  },
};
