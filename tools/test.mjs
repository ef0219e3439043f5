#!/usr/bin/env node
// `npm test`: everything that has to hold, on a fresh clone, with Node and npm alone (the Kafka
// suites need Java or Docker, some tests a mount or kustomize; what is not run is named). Ends with
// one line: N passed, N failed.
import { createRequire } from 'node:module';
import {
  bin,
  check,
  execute,
  inPipeline,
  node,
  runParts,
  specsOf,
  targets,
  tier,
} from './parts.mjs';
import { nodeVersions } from './node-versions.mjs';

const require = createRequire(import.meta.url);

/**
 * Every part, in the order it runs; the checks that use one core each run beside each other. A
 * check counts as one test; a tier counts its tests.
 */
const parts = [
  {
    name: 'build',
    what: 'every workspace compiles',
    always: true,
    run: () => check(node, ['tools/build.mjs', '--quiet']),
  },
  {
    name: 'generated',
    beside: true,
    what: 'schemas, AsyncAPI and docs are what the code says',
    run: () => check(node, ['tools/dist/generate.js', '--check']),
  },
  {
    name: 'typecheck',
    beside: true,
    what: 'the types fit',
    run: () => check(node, [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']),
  },
  {
    name: 'format',
    beside: true,
    what: 'Prettier at 100 columns',
    run: () => check(node, [bin('prettier/bin/prettier.cjs'), '--check', '--cache', '.']),
  },
  { name: 'lint', what: 'ESLint, with the boundary fence', beside: true, run: lint },
  {
    name: 'tidy',
    beside: true,
    what: 'the style guide that runs',
    run: () => check(node, ['tools/dist/tidy.js']),
  },
  {
    name: 'supply-chain',
    beside: true,
    what: 'licences, hashes and known weaknesses of what is installed',
    run: () => check(node, ['tools/dist/supply-chain.js']),
  },
  { name: 'unit', what: 'rules and examples, touching nothing', run: () => tier('unit') },
  {
    name: 'node-versions',
    what: 'the unit tier on Node 22 and 24 too',
    byNameOnly: !inPipeline,
    run: nodeVersions,
  },
  { name: 'sim', what: 'seeded simulations', run: () => tier('sim') },
  { name: 'int', what: 'against real stores (embedded PostgreSQL)', run: () => tier('int') },
  {
    name: 'kafka',
    what: 'against a real Apache Kafka (KAFKA_BROKERS, else Java and Maven, else Docker)',
    run: kafka,
  },
  {
    name: 'event-store',
    what: 'the EventStoreDB adapter (EVENTSTORE_URL, else a server of its protocol)',
    run: () => tier('event-store'),
  },
  { name: 'e2e', what: 'the composed platform from outside', run: () => tier('e2e') },
];

process.exitCode = await runParts('npm test', parts);

async function lint() {
  const { status, output } = await targets('lint');
  if (status !== 0) console.log(output.trimEnd());
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Where no Kafka can be had the suites are named, and only a pipeline takes that for a failure. */
async function kafka() {
  const { whyNoKafka } = require('../verify/doubles/dist/kafka-for-tests.js');
  const why = await whyNoKafka((line) => console.log(`  ${line}`));
  if (!why) return tier('kafka');
  const notRun = specsOf('kafka').map((path) => `kafka: ${path} needs a Kafka`);
  console.log(`There is no Kafka for tests: ${why}`);
  console.log('Then `npm test -- kafka` runs what needs it.');
  return { passed: 0, failed: inPipeline ? notRun.length : 0, notRun };
}
