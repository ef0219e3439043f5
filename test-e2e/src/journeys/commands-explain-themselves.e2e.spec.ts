import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../launcher';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Commands of the package, and the built program that each hands over to. */
const commands = Object.entries(scripts).flatMap(
  ([name, line]) =>
    /^node tools\/run\.mjs (\S+)$/
      .exec(line)
      ?.slice(1)
      .map((program) => [name, program] as const) ?? [],
);

const said = (program: string, ...options: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, program), ...options],
    { cwd: ROOT, encoding: 'utf8', timeout: 30_000 },
  );
  return { status, text: stdout + stderr };
};

test.each(commands)(
  'npm run %s says how it is used, and what it does not understand, without beginning anything',
  (name, program) => {
    const help = said(program, '--help');
    expect(help).toMatchObject({
      status: 0,
      text: expect.stringMatching(new RegExp(`npm (run )?${name}\\b`)),
    });
    const wrong = said(program, '--no-such-option');
    expect(wrong).toMatchObject({ status: 2, text: expect.stringContaining('--no-such-option') });
    for (const { text } of [help, wrong]) expect(text).not.toMatch(/^\s+at /m);
  },
);

test('the programs of the package are all asked', () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'start',
      'start:cluster',
      'simulate',
      'chaos',
      'fuzz',
      'bench',
      'caretab',
    ]),
  );
});
