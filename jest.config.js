// Tiers by suffix: unit touches nothing, int uses PostgreSQL, kafka a broker, event-store an event
// store, sim is seeded, e2e sees the composed platform from outside; long takes minutes each.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const swc = JSON.parse(readFileSync(join(__dirname, 'tools/swc.json'), 'utf8'));
delete swc.$schema;
const { paths } = JSON.parse(
  readFileSync(join(__dirname, 'tsconfig.base.json'), 'utf8'),
).compilerOptions;

/** The workspaces' sources, so that tests never need (and never see a stale) dist. */
const moduleNameMapper = Object.fromEntries(
  Object.entries(paths).map(([name, [target]]) => [`^${name}$`, `<rootDir>/${target}`]),
);

const everywhere = {
  rootDir: __dirname,
  testEnvironment: 'node',
  // The SWC settings of the build, so that a test runs the code that ships.
  // jose is ECMAScript modules alone: Node can require them, Jest cannot.
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }],
    '/node_modules/jose/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' }, swcrc: false }],
  },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  moduleNameMapper,
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '<rootDir>/data/',
    '<rootDir>/tools/fixtures/',
  ],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/data/', '<rootDir>/.nx/'],
};

/**
 * One throw-away PostgreSQL for the whole run, started before the first test and removed after the
 * last.
 */
const withPostgres = {
  globalSetup: '<rootDir>/verify/doubles/src/global-setup.ts',
  globalTeardown: '<rootDir>/verify/doubles/src/global-teardown.ts',
};
/** And one throw-away Kafka. */
const withKafka = {
  globalSetup: '<rootDir>/verify/doubles/src/kafka-setup.ts',
  globalTeardown: '<rootDir>/verify/doubles/src/kafka-teardown.ts',
};

/** Jest takes a time limit of its own from no project. */
const patient = { setupFilesAfterEnv: ['<rootDir>/test-e2e/patient.cjs'] };

module.exports = {
  watchman: false,
  testTimeout: 60_000,
  projects: [
    {
      ...everywhere,
      displayName: 'unit',
      testMatch: ['<rootDir>/{contracts,libs,services,deploy,verify,tools}/**/*.spec.ts'],
      testPathIgnorePatterns: [
        ...everywhere.testPathIgnorePatterns,
        '\\.(int|sim|e2e|kafka|event-store|long)\\.spec\\.ts$',
      ],
    },
    {
      ...everywhere,
      ...withPostgres,
      displayName: 'int',
      testMatch: ['<rootDir>/{contracts,libs,services,deploy,verify,tools}/**/*.int.spec.ts'],
    },
    // Also by hand: npx jest --selectProjects kafka --runInBand. KAFKA_BROKERS names another Kafka.
    {
      ...everywhere,
      ...withKafka,
      displayName: 'kafka',
      testMatch: [
        '<rootDir>/{contracts,libs,services,deploy,verify,tools,test-e2e}/**/*.kafka.spec.ts',
      ],
      ...patient,
    },
    // Not part of `npm test`: `npm run verify`.
    {
      ...everywhere,
      displayName: 'long',
      testMatch: ['<rootDir>/{libs,services,deploy,verify,test-e2e}/**/*.long.spec.ts'],
      ...patient,
    },
    {
      ...everywhere,
      ...withPostgres,
      displayName: 'event-store',
      testMatch: [
        '<rootDir>/{contracts,libs,services,deploy,verify,tools}/**/*.event-store.spec.ts',
      ],
      ...patient,
    },
    {
      ...everywhere,
      displayName: 'sim',
      testMatch: ['<rootDir>/{contracts,libs,services,deploy,verify,tools}/**/*.sim.spec.ts'],
    },
    {
      ...everywhere,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test-e2e/**/*.e2e.spec.ts'],
      ...patient,
      globalSetup: '<rootDir>/test-e2e/src/shared-platform.ts',
      globalTeardown: '<rootDir>/test-e2e/src/shared-platform-end.ts',
    },
  ],
};
