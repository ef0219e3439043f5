import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from './embedded';
import { readPidFile } from './embedded-owner';

let home: string;
let dataDir: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'caretab-embedded-'));
  await chmod(home, 0o755);
  dataDir = join(home, 'data');
});
afterEach(async () => {
  await removeEmbeddedPostgres({ dataDir }).catch(() => undefined);
  await rm(home, { recursive: true, force: true });
});

const ask = async (url: string, statement: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

const start = (options: { port?: number; durable?: boolean } = {}) =>
  startEmbeddedPostgres({ dataDir, durable: false, ...options });

/** Another process that starts the server, says so and is killed, leaving the server behind. */
const startAndKill = async (): Promise<number> => {
  const script = `
    const { addHook } = require('pirates');
    const { transformSync } = require('@swc/core');
    const swc = {
      module: { type: 'commonjs' },
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    };
    const compiled = (code, filename) => transformSync(code, { ...swc, filename }).code;
    addHook(compiled, { exts: ['.ts'] });
    const { startEmbeddedPostgres } = require(${JSON.stringify(join(__dirname, 'embedded.ts'))});
    startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false }).then(
      () => console.log('started'),
      (error) => console.log(error.message),
    );`;
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: __dirname,
  });
  await new Promise((told) => child.stdout.once('data', told));
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
  return readPidFile(join(dataDir, 'cluster'))!.pid;
};

test('starts a server of our own, on the loopback alone, that keeps its data', async () => {
  const lines: string[] = [];
  const first = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
  expect(first.url).toMatch(/^postgres:\/\/caretab:[\w-]{32}@127\.0\.0\.1:\d+\/postgres$/);
  const settings = await ask(
    first.url,
    `select name, setting from pg_settings where name in ('fsync', ` +
      `'synchronous_commit', 'full_page_writes', 'listen_addresses', ` +
      `'max_connections', 'unix_socket_directories') order by name`,
  );
  expect(settings.map(({ setting }) => setting)).toEqual([
    'on',
    'on',
    '127.0.0.1',
    '200',
    'on',
    '',
  ]);
  expect(await ask(first.url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  await ask(first.url, 'create table kept as select 1 as one');
  await first.stop();
  await first.stop();
  expect(lines).toContain('Creating the database cluster');

  const second = await start();
  expect(await ask(second.url, 'select one from kept')).toEqual([{ one: 1 }]);
  await second.stop();
});

test('lets nobody in without the password, which only its owner may read', async () => {
  const server = await start();
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  await expect(ask(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
    'password authentication failed',
  );
  await server.stop();
});

test('writes neither statements nor values into its log', async () => {
  const server = await start();
  await ask(
    server.url,
    `create table named (id text primary key); insert into named values ('张三')`,
  );
  await ask(server.url, `insert into named values ('张三')`).catch(() => undefined);
  await ask(server.url, `select '张三'::int`).catch(() => undefined);
  await server.stop();
  expect(readFileSync(join(dataDir, 'server.log'), 'utf8')).not.toContain('张三');
});

test('stops the server that a killed process left behind, and goes on from its data', async () => {
  const left = await startAndKill();
  expect(existsSync(`/proc/${left}`)).toBe(process.platform === 'linux');
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    log: (line) => lines.push(line),
  });
  expect(lines).toContainEqual(expect.stringContaining(`process ${left}`));
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
});

test(
  'that is killed loses nothing that was committed, and its folder and port can ' +
    'be taken again at once',
  async () => {
    const killed = await start({ durable: true });
    await ask(killed.url, 'create table kept as select 1 as one');
    await killed.kill();
    await killed.stop();
    await expect(ask(killed.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    const server = await start({ durable: true, port: Number(new URL(killed.url).port) });
    expect(server.url).toBe(killed.url);
    expect(readFileSync(join(dataDir, 'server.log'), 'utf8')).toContain('not properly shut down');
    expect(await ask(server.url, 'select one from kept')).toEqual([{ one: 1 }]);
    await server.stop();
  },
);

test('is not stopped by a pid file whose process is gone or is another program', async () => {
  await (await start()).stop();
  for (const pid of [2 ** 22 + 1, process.pid]) {
    writeFileSync(
      join(dataDir, 'cluster', 'postmaster.pid'),
      `${pid}\n${dataDir}/cluster\n0\n5432\n\n127.0.0.1\n\nready\n`,
    );
    await (await start()).stop();
  }
});

test('refuses a folder that a living process uses', async () => {
  const server = await start();
  await expect(start()).rejects.toThrow(
    `in use by process ${process.pid}: stop that process first`,
  );
  await server.stop();
});

test('refuses a port that is taken', async () => {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  await new Promise((closed) => other.close(closed));
  const server = await start({ port });
  expect(server.url).toContain(`:${port}/`);
  await server.stop();
});

test('refuses data of another version, and data with missing files, and says what to do', async () => {
  await (await start()).stop();
  writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '15\n');
  await expect(start()).rejects.toThrow(/made by PostgreSQL 15, and this is \d+: dump it/);
  await rm(join(dataDir, 'cluster', 'PG_VERSION'));
  await expect(start()).rejects.toThrow('restore it from a backup, or remove it and start over');
});

test('refuses broken data, and says where to look', async () => {
  await (await start()).stop();
  writeFileSync(join(dataDir, 'cluster', 'global', 'pg_control'), 'broken');
  await expect(start()).rejects.toThrow(/does not start on .*server\.log/);
});

test('starts over where a killed start left half a cluster', async () => {
  await mkdir(join(dataDir, 'cluster.new', 'base'), { recursive: true });
  await (await start()).stop();
});

test('refuses a data folder that cannot be written', async () => {
  writeFileSync(join(home, 'data'), 'a file');
  await expect(start()).rejects.toThrow(/^Cannot write to the data folder .* \(EEXIST\): /);
});

test('serves a folder below a closed home, and removes every file of it', async () => {
  await chmod(home, 0o700);
  await (await start()).stop();
  const server = await start();
  const [row] = await ask(server.url, 'show data_directory');
  // Root hands the server to another user, who cannot enter here.
  expect(String(row!.data_directory).startsWith(home)).toBe(process.getuid?.() !== 0);
  await server.stop();
  await removeEmbeddedPostgres({ dataDir });
  expect(existsSync(String(row!.data_directory))).toBe(false);
  expect(existsSync(dataDir)).toBe(false);
});
