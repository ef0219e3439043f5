#!/usr/bin/env node
// `npm test`: everything that has to hold, on a fresh clone, with Node and npm alone (the Kafka
// suites want Java or Docker, and are named where there is neither). Ends with one line: N passed,
// N failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';
import { startBroker } from './test-broker.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const node = process.execPath;
const bin = (path) => join(root, 'node_modules', path);

/** Suites of the kafka tier that start and kill brokers of their own. */
const OWN_BROKER = [
  'local-kafka.kafka.spec.ts',
  'full-disk.kafka.spec.ts',
  'nothing-is-lost-under-fire.kafka.spec.ts',
];

/** Every part, in the order it runs. A check counts as one test; a jest tier counts its tests. */
const parts = [
  {
    name: 'build',
    what: 'every workspace compiles',
    run: () => check(node, ['tools/build.mjs', '--quiet']),
  },
  {
    name: 'generated',
    what: 'schemas, AsyncAPI and docs are what the code says',
    run: () => check(node, ['tools/dist/generate.js', '--check']),
  },
  {
    name: 'typecheck',
    what: 'the types fit',
    run: () => check(node, [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']),
  },
  {
    name: 'lint',
    what: 'ESLint through Nx, with the boundary fence',
    run: () =>
      check(node, [bin('nx/dist/bin/nx.js'), 'run', 'caretab:lint', '--output-style=static']),
  },
  {
    name: 'tidy',
    what: 'the style guide that runs',
    run: () => check(node, ['tools/dist/tidy.js']),
  },
  { name: 'unit', what: 'rules and examples, touching nothing', run: () => jest('unit') },
  { name: 'sim', what: 'seeded simulations', run: () => jest('sim') },
  { name: 'int', what: 'against real stores (embedded PostgreSQL)', run: () => jest('int') },
  {
    name: 'kafka',
    what: 'against a real Apache Kafka (KAFKA_BROKERS, else Java and Maven, else Docker)',
    run: kafka,
  },
  {
    name: 'event-store',
    what: 'the EventStoreDB adapter on a server of its protocol',
    run: eventStore,
  },
  {
    name: 'e2e',
    what: 'the composed platform from outside',
    run: () => jest('e2e', { workers: 1 }),
  },
];

const asked = process.argv.slice(2);
if (asked.includes('--help') || asked.includes('-h')) {
  help();
} else {
  process.exitCode = await main();
}

async function main() {
  const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`There is no part called ${unknown.join(', ')}.\n`);
    help();
    return 2;
  }
  const chosen =
    asked.length > 0
      ? parts.filter(
          (part) => asked.includes(part.name) || (part.name === 'build' && asked.some(needsBuild)),
        )
      : parts;
  const startedAt = performance.now();
  const results = [];
  const installed = await install();
  if (!installed)
    results.push({ name: 'install', passed: 0, failed: 1, ms: performance.now() - startedAt });
  else
    for (const [at, part] of chosen.entries())
      results.push(await runPart(part, at + 1, chosen.length));
  return summary(results, performance.now() - startedAt);
}

/**
 * generate.js and tidy.js are compiled themselves, the broker's launcher too, and the journeys
 * start what was built.
 */
function needsBuild(name) {
  return ['generated', 'tidy', 'kafka', 'e2e'].includes(name);
}

async function runPart(part, at, of) {
  console.log(`\n▶ ${at}/${of} ${part.name}: ${part.what}`);
  const startedAt = performance.now();
  const { passed, failed } = await part.run();
  const ms = performance.now() - startedAt;
  console.log(
    `${failed === 0 ? '✔' : '✘'} ${part.name}: ${passed} passed, ${failed} failed, ${seconds(ms)}`,
  );
  return { name: part.name, passed, failed, ms };
}

function summary(results, ms) {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(
    `\n${'part'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'time'.padStart(10)}`,
  );
  for (const result of results)
    console.log(
      `${result.name.padEnd(12)}${String(result.passed).padStart(8)}${String(result.failed).padStart(8)}${seconds(result.ms).padStart(10)}`,
    );
  console.log(`${'all'.padEnd(28)}${seconds(ms).padStart(10)}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function check(command, args) {
  const { status, output } = await execute(command, args, { capture: true });
  if (status !== 0) console.log(output.trimEnd());
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * One tier. A test that was skipped, and a tier without any test, count as failed: silence is not
 * success.
 */
async function jest(tier, { workers = 2, env = {}, without = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'caretab-test-'));
  const outputFile = join(folder, 'result.json');
  try {
    const args = [
      bin('jest/bin/jest.js'),
      '--config',
      'jest.config.js',
      '--selectProjects',
      tier,
      '--ci',
      `--maxWorkers=${workers}`,
      '--passWithNoTests',
      '--json',
      `--outputFile=${outputFile}`,
    ];
    if (without.length > 0) args.push('--testPathIgnorePatterns', ...without);
    const { status } = await execute(node, args, { capture: false, env });
    if (!existsSync(outputFile)) return { passed: 0, failed: 1 };
    return counted(JSON.parse(readFileSync(outputFile, 'utf8')), status, tier);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One broker for the whole tier. Where none can be had the suites are named, and only a pipeline
 * takes that for a failure.
 */
async function kafka() {
  const suites = await testsOf('kafka');
  const broker = await startBroker((line) => console.log(`  ${line}`));
  const own = broker.whyNoLocal
    ? suites.filter((path) => OWN_BROKER.some((name) => path.endsWith(`/${name}`)))
    : [];
  const left = broker.brokers ? own : suites;
  if (left.length > 0) {
    console.log(
      `Not run, for want of ${broker.brokers ? 'a Kafka that tests may kill' : 'a Kafka'}: ${broker.whyNoLocal}`,
    );
    for (const path of left) console.log(`  ${path}`);
    console.log(
      'To run them: npm run kafka, and then, elsewhere: KAFKA_BROKERS=127.0.0.1:9092 npm test -- kafka',
    );
  }
  const unrun = {
    passed: 0,
    failed: broker.isBroken || (left.length > 0 && process.env.CI === 'true') ? 1 : 0,
  };
  if (!broker.brokers) return unrun;
  try {
    const { passed, failed } = await jest('kafka', {
      workers: 1,
      env: { KAFKA_BROKERS: broker.brokers },
      without: own.map((path) => `${path}$`),
    });
    return { passed, failed: failed + unrun.failed };
  } finally {
    await broker.stop();
  }
}

async function eventStore() {
  console.log(
    process.env.EVENTSTORE_URL
      ? '  on the server that EVENTSTORE_URL names'
      : '  on the in-memory server of its wire protocol; on a real one: ' +
          'EVENTSTORE_URL=esdb://… npm run test:event-store',
  );
  return jest('event-store', { workers: 1 });
}

/** The files of a tier, as paths in the repository. */
async function testsOf(tier) {
  const { output } = await execute(
    node,
    [
      bin('jest/bin/jest.js'),
      '--config',
      'jest.config.js',
      '--selectProjects',
      tier,
      '--listTests',
    ],
    { capture: true },
  );
  return output
    .split('\n')
    .filter((line) => line.endsWith('.spec.ts'))
    .map((line) => relative(root, line.trim()).replaceAll('\\', '/'))
    .sort();
}

function counted(result, status, tier) {
  const skipped = result.numPendingTests + result.numTodoTests;
  const passed = result.numPassedTests;
  let failed = result.numFailedTests + result.numRuntimeErrorTestSuites + skipped;
  if (skipped > 0)
    console.log(
      `${skipped} test(s) of ${tier} were skipped or only announced; every test runs, always.`,
    );
  if (passed + failed === 0) {
    console.log(`The tier ${tier} has no tests. Is the suffix right (*.${tier}.spec.ts)?`);
    failed = 1;
  }
  // Jest can fail as a whole with every test passed: a leak, a broken set-up or tear-down.
  if (status !== 0 && failed === 0) failed = 1;
  return { passed, failed };
}

function execute(command, args, { capture, env: more = {} }) {
  const env = {
    ...process.env,
    ...more,
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
  // Jest prints to stderr; it is sent to stdout, so that the closing line comes after everything
  // else.
  const stdio = capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'ignore', process.stdout];
  return new Promise((done) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio,
      shell: process.platform === 'win32' && command === 'npm',
    });
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ status: 1, output: `${output}\n${error.message}` }));
    child.on('close', (status) => done({ status: status ?? 1, output }));
  });
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function help() {
  console.log('npm test                 everything, in this order:');
  for (const part of parts) console.log(`  ${part.name.padEnd(22)} ${part.what}`);
  console.log('npm test -- unit lint    only these parts');
}
