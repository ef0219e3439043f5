// The executor of every tier of tests. A batch is one run of jest over the specs of all projects
// that are not in Nx's cache: a jest per project would cost a second and a PostgreSQL each. What a
// project's specs said is written to its own result file, which Nx keeps and brings back.
const { spawn } = require('node:child_process');
const {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join, relative } = require('node:path');
const { specsOf } = require('./targets');

const root = join(__dirname, '../..');
/**
 * Workers of jest on two cores. Specs that start processes of their own run one by one; those on
 * PostgreSQL wait for it a third of the time.
 */
const WORKERS = { unit: 2, sim: 2, int: 3, 'event-store': 2, kafka: 1, e2e: 1, long: 1 };

/** The specs that run beside the others of their tier, by how their paths begin. */
const APART = {
  kafka: ['deploy/', 'test-e2e/src/own-platform/bad-records'],
  e2e: ['test-e2e/src/own-platform/'],
};

/**
 * The runs of jest that a tier takes, side by side: specs that mostly wait for processes of their
 * own run beside the others.
 */
const runsOf = (tier, specs) => {
  const apart = APART[tier];
  if (!apart) return [{ specs }];
  const isApart = (spec) => apart.some((prefix) => spec.startsWith(prefix));
  return [
    { specs: specs.filter((spec) => !isApart(spec)) },
    { specs: specs.filter(isApart), env: { CARETAB_E2E_PLATFORM: 'own' } },
  ].filter((run) => run.specs.length > 0);
};

/** Where the counts of a project's tier are: `{ passed, failed, notRun, files }`. */
const resultFileOf = (tier, project) => join(root, '.nx/results', tier, `${project}.json`);

/** Runs jest; gives its report, or undefined where it ended without one. */
const report = (tier, { specs, env }) => {
  const folder = mkdtempSync(join(tmpdir(), 'caretab-jest-'));
  const outputFile = join(folder, 'report.json');
  const args = [
    join(root, 'node_modules/jest/bin/jest.js'),
    ...['--config', 'jest.config.js', '--selectProjects', tier, '--ci', '--json'],
    ...[`--outputFile=${outputFile}`, `--maxWorkers=${WORKERS[tier]}`],
    ...['--runTestsByPath', ...specs],
  ];
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // Jest ends by naming every path it was given.
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) =>
      process.stderr.write(text.replace(/^.*(Ran all test suites|Test results written).*\n/gm, '')),
    );
    child.on('error', () => done(undefined));
    child.on('close', (status) => {
      const text = existsSync(outputFile) ? readFileSync(outputFile, 'utf8') : undefined;
      rmSync(folder, { recursive: true, force: true });
      if (text === undefined)
        process.stderr.write(`${tier}: jest ended with ${status} and no report, see above\n`);
      done(text && { ...JSON.parse(text), status });
    });
  });
};

/**
 * What the files of one project came to. A test that was skipped counts as failed, but for those
 * that `needs` left out because the machine lacks something: they are named.
 */
const resultOf = (specs, files) => {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const notRun = tests.filter(({ title, status }) => status === 'pending' && /^needs /.test(title));
  const passed = tests.filter(({ status }) => status === 'passed');
  // A file that did not load has no tests; a file that jest left out has no report.
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const missing = specs.length - files.length;
  return {
    passed: passed.length,
    failed: tests.length - passed.length - notRun.length + broken.length + missing,
    notRun: notRun.map(({ title }) => title),
    files: specs.length,
  };
};

const runTier = async (tier, projects) => {
  const all = new Map(projects.map(({ name, folder }) => [name, specsOf(folder, tier)]));
  const reports = await Promise.all(
    runsOf(tier, [...all.values()].flat()).map((run) => report(tier, run)),
  );
  const results = projects.map(({ name, task }) => {
    const specs = all.get(name);
    const files = reports
      .flatMap((said) => said?.testResults ?? [])
      .filter((file) => specs.includes(relative(root, file.name).replaceAll('\\', '/')));
    return { name, task, files, ...resultOf(specs, files), files: specs.length };
  });
  // Jest can fail as a whole with every test passed: a leak, a broken set-up or tear-down.
  const isBroken =
    reports.some((said) => said?.status !== 0) && results.every(({ failed }) => failed === 0);
  return results.map(({ name, task, ...result }) => {
    const counted = { ...result, failed: result.failed + (isBroken ? 1 : 0) };
    const file = resultFileOf(tier, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(counted));
    // What was not run must not come back from the cache as a success.
    const success = counted.failed === 0 && counted.notRun.length === 0;
    const terminalOutput = [
      `${counted.passed} passed, ${counted.failed} failed, ${counted.notRun.length} not run\n`,
      ...counted.notRun.map((title) => `not run: ${title}\n`),
    ].join('');
    return [task, { success, terminalOutput }];
  });
};

/** Nx's batch: the tasks that are not in the cache. */
const many = async (taskGraph, options, _overrides, { projectGraph }) => {
  const projects = Object.values(taskGraph.tasks).map(({ id, target: { project } }) => ({
    task: id,
    name: project,
    folder: projectGraph.nodes[project].data.root,
    tier: options[id].tier,
  }));
  const results = [];
  for (const tier of new Set(projects.map((project) => project.tier)))
    results.push(
      ...(await runTier(
        tier,
        projects.filter((project) => project.tier === tier),
      )),
    );
  return Object.fromEntries(results);
};

/** The same for one project, where Nx is told not to batch. */
const one = async ({ tier }, { projectName, projectsConfigurations: { projects } }) => {
  const project = { task: 'one', name: projectName, folder: projects[projectName].root };
  const [[, result]] = await runTier(tier, [project]);
  console.log(result.terminalOutput);
  return result;
};

module.exports = { many, one };
