import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const folder = join(root, 'tools/fixtures/fence');

interface Finding {
  readonly fixture: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

const fixtures = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const said = (key: string): string => new RegExp(`^// ${key}: (.+)$`, 'm').exec(text)?.[1] ?? '';
  return { name: file.replace(/\.ts$/, ''), expected: said('expect'), because: said('because') };
});

const findings = new Map<string, Finding>();
beforeAll(() => {
  // In a process of its own: ESLint's configuration is an ES module, which jest does not load.
  const printed = execFileSync(process.execPath, ['tools/fence.mjs'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const finding of JSON.parse(printed) as Finding[]) findings.set(finding.fixture, finding);
});

describe('the fence between the layers is live', () => {
  const violating = fixtures.filter((fixture) => fixture.expected !== 'nothing');
  const clean = fixtures.filter((fixture) => fixture.expected === 'nothing');

  test.each(violating)('$name is refused by $expected: $because', ({ name, expected }) => {
    const rules = findings.get(name)?.messages.map((message) => message.ruleId);
    expect(rules).toContain(expected);
    expect(new Set(rules)).toEqual(new Set([expected]));
  });

  test.each(clean)('$name passes: $because', ({ name }) => {
    expect(findings.get(name)?.messages).toEqual([]);
  });

  test('every layer has a fixture that violates its boundary', () => {
    const fenced = violating
      .filter((fixture) => fixture.expected === '@nx/enforce-module-boundaries')
      .map((fixture) => fixture.name.split('-')[0]);
    expect(new Set(fenced)).toEqual(
      new Set(['service', 'kernel', 'contracts', 'lib', 'e2e', 'tools', 'deploy']),
    );
  });
});
