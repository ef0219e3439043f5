import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { readPlan } from './compile';
import { exampleFindings } from './examples';
import { explainPlan } from './explain-plan';

const folder = join(__dirname, '../data/plans');
const files = readdirSync(folder);
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

test('the published parameter sets are there', () => expect(files.length).toBeGreaterThan(14));

test.each(files)('%s is taken, and its examples come out to the fen', (file) => {
  const plan = readPlan(textOf(file), file);
  expect(`${plan.file.plan}.json`).toBe(file);
  expect(plan.file.examples.length).toBeGreaterThan(0);
  expect(exampleFindings(plan)).toEqual([]);
});

test.each(files)('%s fits the published schema', (file) => {
  const ajv = new Ajv({ strict: false });
  const schema = JSON.parse(
    readFileSync(join(__dirname, '../schemas/plan.json'), 'utf8'),
  ) as object;
  const isValid = ajv.validate(schema, JSON.parse(textOf(file)));
  expect([isValid, ajv.errors]).toEqual([true, null]);
});

test.each(files)('%s can be said in words, in both languages', (file) => {
  const plan = readPlan(textOf(file), file);
  for (const language of ['zh', 'en'] as const) {
    const text = explainPlan(plan, language).join('\n');
    expect(text).toContain(plan.file.name[language]);
    expect(text).not.toContain('undefined');
  }
});

test('an example that does not come out is named with what it gives', () => {
  const text = textOf('ningbo-resident.json').replace('"13160.00"', '"13160.01"');
  expect(exampleFindings(readPlan(text, 'p.json'))).toMatchObject([
    { path: '/examples/0/expect/fund', why: expect.stringContaining('gives 13160.00') as string },
  ]);
});
