import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** As a library does that leaves a connection open. */
const SCRIPT = `
  setInterval(() => undefined, 1000);
  const { boot } = require(${JSON.stringify(join(__dirname, '../dist/boot.js'))});
  const { Type } = require('@sinclair/typebox');
  const service = { name: 'credit', config: Type.Object({}), tables: [], migrations: [] };
  void boot(service, {}, { shutdown: async () => undefined });
`;

test('a process that cannot start ends, whatever a library left open', async () => {
  const child = spawn(process.execPath, ['-e', SCRIPT], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(limit);
  expect(said).toContain('cannot start, its environment is not right');
  expect(code).toBe(1);
}, 30_000);
