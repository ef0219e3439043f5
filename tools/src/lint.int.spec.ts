import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesUnder, repositoryRoot, textOf } from './repository';
import { tidy } from './tidy';

interface Fixture {
  readonly name: string;
  readonly refusedBy: 'tidy' | 'prettier';
  readonly because: string;
  /** Path in the repository → text. */
  readonly files: readonly (readonly [string, string])[];
}

const folder = 'tools/fixtures/tidy';

const fixtures = readdirSync(join(repositoryRoot, folder)).map((file): Fixture => {
  const [head, ...parts] = textOf(repositoryRoot, `${folder}/${file}`).split(/^=== /m);
  const [, refusedBy, because] = /^refused by (tidy|prettier): (.+)$/m.exec(head!)!;
  return {
    name: file.replace(/\.txt$/, ''),
    refusedBy: refusedBy as Fixture['refusedBy'],
    because: because!,
    files: parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  };
});

/** A throw-away copy of the repository, without what a run makes. */
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'caretab-lint-'));
  for (const path of filesUnder(repositoryRoot)) put(path, join(repositoryRoot, path));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const put = (path: string, from: string): void => {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  copyFileSync(from, join(copy, path));
};

const placed = <Result>({ files }: Fixture, look: () => Result): Result => {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  try {
    return look();
  } finally {
    for (const [path] of files) rmSync(join(copy, path));
  }
};

/** The two steps of `npm run lint` that read every file, over the copy. */
const steps = {
  tidy: (): { status: number; said: string } => {
    const said: string[] = [];
    return { status: tidy(copy, (line) => said.push(line)), said: said.join('\n') };
  },
  prettier: (paths: readonly string[]): { status: number; said: string } => {
    const bin = join(repositoryRoot, 'node_modules/prettier/bin/prettier.cjs');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [bin, '--check', '--log-level', 'warn', ...paths],
      { cwd: copy, encoding: 'utf8' },
    );
    return { status: status ?? 1, said: stdout + stderr };
  },
};

test('lint runs both, over everything', () => {
  const { scripts } = JSON.parse(textOf(repositoryRoot, 'package.json')) as {
    scripts: { lint: string };
  };
  const commands = scripts.lint.split(' && ');
  expect(commands[0]).toMatch(/^prettier --check .* \.$/);
  expect(commands.at(-1)).toBe('node tools/dist/tidy.js');
});

test('the copy passes as it is', () => {
  expect(steps.tidy()).toEqual({ status: 0, said: 'tidy: nothing to find fault with' });
});

test('each kind of fault has a fixture', () => {
  expect(fixtures.map(({ name }) => name).sort()).toEqual([
    'banned-synonym',
    'circle',
    'line-of-101-columns',
    'lying-suffix',
    'wide-comment',
    'wide-string',
  ]);
});

test.each(fixtures)('$name is refused by $refusedBy', (fixture) => {
  const { status, said } = placed(fixture, () =>
    fixture.refusedBy === 'tidy'
      ? steps.tidy()
      : steps.prettier(fixture.files.map(([path]) => path)),
  );
  expect(status).toBe(1);
  expect(said).toContain(fixture.because);
});

test('what prettier refuses at 101 columns it accepts at 100', () => {
  const fixture = fixtures.find(({ name }) => name === 'line-of-101-columns')!;
  const [[path, text]] = fixture.files as [readonly [string, string]];
  const shorter = { ...fixture, files: [[path, text.replace('xx', 'x')] as const] };
  expect(text.trimEnd()).toHaveLength(101);
  expect(placed(shorter, () => steps.prettier([path])).status).toBe(0);
});
