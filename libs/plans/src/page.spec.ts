import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlan } from './compile';
import { exampleFindings } from './examples';

const page = readFileSync(join(__dirname, '../../../docs/benefit-plans.md'), 'utf8');

test('the plan that the page writes from a policy is taken, and its example comes out', () => {
  const [text] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json!);
  expect(exampleFindings(readPlan(text!, 'page'))).toEqual([]);
});
