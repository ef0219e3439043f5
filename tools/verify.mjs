#!/usr/bin/env node
// `npm run verify`: the long runs, of which `npm test` has short ones. An hour
// on two cores; before a release, or every night. Ends with one line: N passed, N failed.
import { node, runParts, tier, check, watched } from './parts.mjs';

const program = (name, ...args) =>
  watched(node, ['--enable-source-maps', `verify/${name}/dist/main.js`, ...args]);

/** Runs one after another; stops at none, and counts each. */
async function each(runs) {
  const sum = { passed: 0, failed: 0 };
  for (const run of runs) {
    const { passed, failed } = await run();
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

const parts = [
  {
    name: 'build',
    what: 'every workspace compiles',
    always: true,
    run: () => check(node, ['tools/build.mjs', '--quiet']),
  },
  {
    name: 'days',
    what: 'days on a cluster to the letter, and 50 seconds of chaos (*.long.spec.ts)',
    run: () => tier('long'),
  },
  {
    name: 'seeds',
    what: '10 000 simulated mornings from a seed of today',
    run: () => program('simulation', '--seeds', '10000', '--from', seedOfToday()),
  },
  {
    name: 'fuzz',
    what: '100 000 bad inputs to every door, then 20 000 records on Kafka',
    run: () =>
      each([
        () => program('fuzz', '--inputs', '100000', '--seed', seedOfToday()),
        () =>
          program(
            ...['fuzz', '--kafka', '--door', 'topics', '--inputs', '20000'],
            ...['--seed', seedOfToday()],
          ),
      ]),
  },
  {
    name: 'chaos',
    what: '10 minutes of load while everything is killed, cut and shifted, twice',
    run: () =>
      each(
        [seedOfToday(), '303'].map(
          (seed) => () => program('chaos', '--minutes', '10', '--seed', seed),
        ),
      ),
  },
];

process.exitCode = await runParts('npm run verify', parts);

/** Another one every day, and printed by what takes it, so that a failure can be replayed. */
function seedOfToday() {
  return new Date().toISOString().slice(2, 10).replaceAll('-', '');
}
