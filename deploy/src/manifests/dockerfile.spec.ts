import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { heapFlagsOf } from '../cluster/heap-flags';
import { ROOT } from './manifest';
import { serviceNames } from './services';

const text = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
const faultsOf = (dockerfile: string): string[] =>
  validate(dockerfile).map(({ range, message }) => `${range.start.line + 1}: ${message}`);
const instructions = text
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));

test('the Dockerfile says nothing that Docker does not know', () => {
  expect(faultsOf(text)).toEqual([]);
  expect(
    faultsOf(
      text.replace('WORKDIR /app', 'WORKDIRR /app').replace('--from=packages', '--form=packages'),
    ),
  ).toEqual([expect.stringContaining('WORKDIRR'), expect.stringContaining('form')]);
});

test('it copies from stages that there are, and starts from one pinned image', () => {
  const stages = instructions.flatMap((line) => /^FROM \S+ AS (\w+)$/.exec(line)?.[1] ?? []);
  for (const [, stage] of text.matchAll(/--from=(\w+)/g)) expect(stages).toContain(stage);
  expect(
    new Set(
      instructions.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]),
    ),
  ).toEqual(new Set(['node:${NODE_TAG}', 'build']));
  expect(/^ARG NODE_TAG=(.+)$/m.exec(text)![1]).toMatch(/^\d+\.\d+\.\d+-alpine\d/);
});

test('what runs is not root, stops at SIGTERM, is asked for its health without a shell, and starts by itself', () => {
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));
  expect(last).toContain('USER 1000:1000');
  expect(last).toContain('STOPSIGNAL SIGTERM');
  expect(last.find((line) => line.startsWith('HEALTHCHECK'))).toContain('CMD ["node", "-e"');
  expect(last.at(-1)).toMatch(/^CMD \["node", .*"main\.js"\]$/);
});

test('Node takes as much memory for a service as the image says, unless its build says otherwise', () => {
  const [flags] = heapFlagsOf('credit');
  expect(instructions).toContain(`ARG HEAP_FLAGS="${flags}"`);
  expect(instructions).toContain('ENV NODE_OPTIONS=${HEAP_FLAGS}');
  expect(text).toContain(`HEAP_FLAGS="${heapFlagsOf('identity').join(' ')}"`);
});

test('every service, and the sandbox, has the main that an image starts', () => {
  for (const folder of [...serviceNames.map((name) => `services/${name}`), 'deploy/sandbox'])
    expect([folder, existsSync(join(ROOT, folder, 'src/main.ts'))]).toEqual([folder, true]);
});

test('installed packages, builds, secrets and tests stay out of the context', () => {
  const ignored = readFileSync(join(ROOT, 'deploy/Dockerfile.dockerignore'), 'utf8').split('\n');
  expect(ignored).toEqual(
    expect.arrayContaining([
      '**/node_modules',
      '**/dist',
      '**/.env',
      'deploy/mllp',
      '**/*.spec.ts',
      '.git',
      'data',
    ]),
  );
});
