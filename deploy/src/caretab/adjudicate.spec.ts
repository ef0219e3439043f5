import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Usage } from '@caretab/command-line';
import { adjudicateCommand } from './adjudicate';
import { planCommand } from './plan';
import { Refused } from './platform';

const root = join(__dirname, '../../..');
const planFile = (name: string): string => join(root, `libs/plans/data/plans/${name}.json`);
const sample = (name: string): string => join(root, `samples/plans/${name}.json`);
const hangzhou = ['--plan', planFile('hangzhou-employee'), '--claim', sample('claim')];

const printed = async (command: typeof planCommand, ...args: string[]): Promise<string[]> => {
  const lines: string[] = [];
  await command.run(args, (line) => lines.push(line));
  return lines;
};
const refusal = async (command: typeof planCommand, ...args: string[]): Promise<Error> => {
  try {
    await command.run(args, () => undefined);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plans-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, json: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return file;
};
const claimOf = (facts: object, inScope: string, more: object = {}): string =>
  written('claim.json', { facts, totals: { inScope }, ...more });
const json = async (...args: string[]) =>
  JSON.parse((await printed(adjudicateCommand, ...args, '--json')).join('\n')) as {
    fund: string;
    patient: string;
    plans: { layers: { layer: string; fund: string }[] }[];
    used: Record<string, string>;
  };

test('it says who bears what as the page prints it', async () => {
  const page = readFileSync(join(root, 'docs/benefit-plans.md'), 'utf8');
  expect(page).toContain((await printed(adjudicateCommand, ...hangzhou)).join('\n'));
});

test('what an earlier claim used counts, and is printed for the next one', async () => {
  const verdict = await json(...hangzhou, '--history', sample('history'));
  expect(verdict).toMatchObject({ fund: '18292.00', patient: '4058.00' });
  expect(verdict.used).toMatchObject({
    'hangzhou-employee/inpatientCosts|the person|2026': '60600.00',
    'hangzhou-employee/admissions|the person|2026': '2',
  });
});

test('a pensioner’s outpatient care: the account first, as the region’s order says', async () => {
  const facts = { care: 'outpatient', personType: '12', hospitalLevel: '01', medType: '11' };
  const claim = claimOf({ ...facts, hospitalKind: 'general' }, '1500.00', {
    accounts: { personal: '200.00' },
  });
  const plans = ['--plan', planFile('ningbo-retired'), '--plan', planFile('ningbo-second')];
  const order = ['--coordination', sample('coordination')];
  expect(await json(...plans, ...order, '--claim', claim)).toMatchObject({
    fund: '750.00',
    patient: '550.00',
  });
});

test.each([
  ['ningbo-resident', '20000.00', '13160.00'],
  ['resident-major-illness', '150000.00', '93800.00'],
])('the published case of %s', async (plan, inScope, fund) =>
  expect(
    await json('--plan', planFile(plan), '--claim', claimOf({ care: 'inpatient' }, inScope)),
  ).toMatchObject({ fund }),
);

test('a fact that the plan looks at and the claim does not say is told by its name', async () => {
  const claim = claimOf({ care: 'inpatient' }, '1.00');
  const error = await refusal(
    adjudicateCommand,
    ...['--plan', planFile('hangzhou-employee'), '--claim', claim],
  );
  expect(error).toBeInstanceOf(Refused);
  expect(error.message).toMatch(/does not say “hospitalKind”/);
});

test('a plan that is not taken names every fault', async () => {
  const text = readFileSync(planFile('ningbo-resident'), 'utf8').replace(
    '"rate": "70%"',
    '"rate": "170%", "dedutible": "1"',
  );
  const error = await refusal(planCommand, 'check', written('plan.json', text));
  expect(error.message).toMatch(/\/layers\/0\/dedutible: Nothing reads “dedutible” here\./);
});

test('a shipped plan passes its check, and one with a wrong example does not', async () => {
  const file = planFile('ningbo-resident');
  expect((await printed(planCommand, 'check', file))[0]).toMatch(/^✓ .*1 examples$/);
  const wrong = written('plan.json', readFileSync(file, 'utf8').replace('13160.00', '13160.01'));
  expect(await planCommand.run(['check', wrong], () => undefined)).toBe(1);
});

test('two versions in force on one day are refused', async () => {
  const copy = written(
    'plan.json',
    readFileSync(planFile('ningbo-resident'), 'utf8').replace('2021-01-01', '2022-01-01'),
  );
  expect(await refusal(planCommand, 'check', planFile('ningbo-resident'), copy)).toMatchObject({
    message: expect.stringContaining('are in force on the same day') as string,
  });
});

test('the difference of two plans is told place by place', async () => {
  const lines = await printed(
    planCommand,
    ...['diff', planFile('ningbo-resident'), planFile('changsha-employee')],
  );
  expect(lines.some((line) => line.startsWith('/payer '))).toBe(true);
});

test('without a plan or a claim the help is printed', async () => {
  const error = await refusal(adjudicateCommand);
  expect(error).toBeInstanceOf(Usage);
  expect(error.message).toMatch(/--coordination FILE/);
});
