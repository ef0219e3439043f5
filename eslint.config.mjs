// The house rules a machine can hold. Run it through Nx (`npm run lint`): the boundary rule needs
// Nx's project graph, and a bare `eslint` on a fresh checkout would skip it in silence, so this
// file refuses to load without one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const root = import.meta.dirname;
if (!existsSync(join(root, '.nx/workspace-data/project-graph.json'))) {
  throw new Error(
    'Nx has no project graph yet, so the boundary rule would be skipped. Run `npm run lint` instead of a bare eslint.',
  );
}

const tests = ['**/*.spec.ts', '**/*.suite.ts', '{libs,services,deploy,verify}/**/test/**/*.ts'];
/**
 * What may touch the machine: the composition root, the tools, the black-box tests and the helpers
 * of tests.
 */
const outside = ['tools/**', 'deploy/**', 'test-e2e/**', 'verify/**'];
/** Doors and wiring; any other file of a service is pure. */
const doors = [
  '**/*.{adapter,controller,consumer,publisher,view,gateway,guard,table,module,spec,suite}.ts',
  '**/{main,config,index}.ts',
  '**/migrations/**',
  'services/*/test/**',
];
/** The adapters themselves: they face real machines. Their twins (memory-*) do not. */
const drivers = ['libs/**/{pg,typeorm,kafka,esdb,eventstore}-*.ts'];
/**
 * Libraries that stand around adapters: waiting is their trade, but time, ids and chance are still
 * handed to them.
 */
const adapters = [
  'libs/{bus,bus-kafka,bus-postgres,engines,host,store,telemetry}/**',
  'libs/{event-store,event-store-eventstoredb,event-store-postgres}/**',
];
/** The one place that reads the machine's clock and chance for everybody else. */
const system = ['**/system.ts'];
/**
 * The launchers of the embedded PostgreSQL and of a local Kafka deal with processes, users and
 * deadlines of the machine itself.
 */
const launcher = ['libs/engines/**/*.ts'];

const focused = {
  selector:
    'MemberExpression[object.name=/^(test|it|describe)$/][property.name=/^(only|skip|todo|failing)$/], ' +
    'CallExpression[callee.name=/^(fit|xit|xtest|fdescribe|xdescribe)$/]',
  message: 'Every test runs, always: no focused, skipped or announced tests.',
};
const clock = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time is an argument: take a Clock.',
  },
  {
    selector:
      "CallExpression[callee.object.name=/^(Date|performance)$/][callee.property.name='now']",
    message: 'Time is an argument: take a Clock.',
  },
  {
    selector: "CallExpression[callee.object.name='process'][callee.property.name='hrtime']",
    message: 'Time is an argument: take a Clock.',
  },
];
const chance = [
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Chance is an argument: take Ids or a seed.',
  },
  {
    selector:
      "CallExpression[callee.name='randomUUID'], CallExpression[callee.property.name='randomUUID']",
    message: 'Ids are arguments: take Ids, or derive the id from its cause (derivedId).',
  },
];
const waiting = [
  {
    selector: 'CallExpression[callee.name=/^(setTimeout|setInterval)$/]',
    message: 'Waiting is an argument: take Timers, or a job of the chassis (Jobs).',
  },
];
const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'The environment is read once, in config.ts (or main.ts).',
};
const indexes = [
  {
    selector: 'ImportDeclaration[source.value=/^@caretab\\u002F[^\\u002F]+\\u002F(?!test$)/]',
    message: 'Import a workspace only from its index: @caretab/<folder>.',
  },
];

/** The whole list for one kind of file; ESLint takes the last matching list, not their sum. */
const restricted = (...lists) => ({
  'no-restricted-syntax': ['error', focused, ...indexes, ...lists.flat()],
});

const frameworks = {
  allowTypeImports: true,
  group: [
    '@nestjs/*',
    'pg',
    'pg-*',
    'kafkajs',
    '@eventstore/*',
    '@grpc/*',
    'nodemailer',
    'smtp-server',
    'express',
    'pino',
    '@opentelemetry/*',
    '@medplum/hl7',
  ],
  message:
    'A file without a suffix is pure: no framework, no driver. Move this behind a ' +
    'door (.controller, .consumer, .gateway, .table …).',
};
const io = {
  allowTypeImports: true,
  group: [
    'net',
    'http',
    'https',
    'http2',
    'dgram',
    'tls',
    'dns',
    'child_process',
    'worker_threads',
    'cluster',
    'fs/promises',
    'timers',
    'timers/*',
  ].flatMap((name) => [name, `node:${name}`]),
  message:
    'A file without a suffix is pure: no I/O. Move this behind a port, or a door (.gateway …).',
};
const testingOnly = {
  group: [
    '@caretab/doubles',
    '@caretab/engines',
    '@caretab/hospital',
    '@caretab/sandbox',
    '@caretab/*/test',
    'fast-check',
  ],
  message: 'Helpers of tests stay in tests.',
};
const pure = {
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      paths: [
        ...['fs', 'node:fs'].map((name) => ({
          name,
          allowImportNames: ['readFileSync'],
          message:
            'A pure file may read the data that ships beside it (readFileSync), nothing else.',
        })),
        ...['crypto', 'node:crypto'].map((name) => ({
          name,
          importNames: ['randomUUID', 'randomBytes', 'randomInt', 'default'],
          message: 'Chance is an argument: take Ids or a seed.',
        })),
      ],
      patterns: [frameworks, io, testingOnly],
    },
  ],
};

/** Who may know whom. Kernel and contracts know nothing of ours, services never each other. */
const boundaries = {
  enforceBuildableLibDependency: false,
  allowCircularSelfDependency: false,
  banTransitiveDependencies: false,
  depConstraints: Object.entries({
    kernel: [],
    contracts: ['kernel'],
    hospital: ['kernel', 'contracts'],
    // Engines, doubles, the hospital and the sandbox are for tests alone here: see `testingOnly`.
    lib: ['kernel', 'contracts', 'lib', 'engines', 'doubles', 'hospital'],
    service: ['kernel', 'contracts', 'lib', 'doubles', 'sandbox', 'hospital'],
    engines: ['kernel', 'lib'],
    doubles: ['kernel', 'engines'],
    sandbox: ['kernel', 'contracts', 'lib', 'doubles'],
    'front-node': ['kernel', 'contracts', 'lib', 'doubles'],
    deploy: ['kernel', 'contracts', 'lib', 'service', 'engines', 'sandbox', 'doubles', 'hospital'],
    verify: [
      'kernel',
      'contracts',
      'lib',
      'service',
      'engines',
      'sandbox',
      'doubles',
      'deploy',
      'hospital',
      'verify',
    ],
    tools: ['kernel', 'contracts', 'lib', 'hospital'],
    e2e: ['contracts', 'hospital'],
  }).map(([layer, known]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: known.map((name) => `layer:${name}`),
  })),
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/data/**',
      '.nx/**',
      'coverage/**',
      'tools/fixtures/**',
      'contracts/generated/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      // The type-checked rules that find real faults; the rest of that set costs more than it
      // finds.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          caughtErrorsIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'prefer-promise-reject-errors': 'error',
      'max-params': ['error', 5],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      ...restricted(clock, chance, waiting, environment),
    },
  },
  // Nest builds constructor parameters from decorator metadata: an import that is only a type there
  // is still needed at run time.
  {
    files: ['**/*.{adapter,controller,consumer,guard,module}.ts', 'libs/host/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  // The store is the port: TypeORM stays behind it, its types too.
  {
    files: ['**/*.ts'],
    ignores: ['libs/store/src/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['typeorm', 'typeorm/*', '@nestjs/typeorm'],
              message:
                'Rows and migrations go through @caretab/store (Migration, MigrationRunner).',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['services/**/*.ts', 'libs/**/*.ts', 'contracts/**/*.ts'],
    ignores: [...tests, ...outside.map((glob) => `${glob}/*.ts`)],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [testingOnly] }] },
  },
  {
    files: ['services/**/*.ts', 'libs/{kernel,benefits}/**/*.ts', 'contracts/**/*.ts'],
    ignores: doors,
    rules: pure,
  },
  {
    files: ['services/**/{config,main}.ts', 'libs/**/{config,main}.ts'],
    rules: restricted(clock, chance, waiting),
  },
  {
    files: adapters.map((glob) => `${glob}/*.ts`),
    ignores: ['**/config.ts'],
    rules: restricted(clock, chance, environment),
  },
  { files: ['**/*.{adapter,gateway}.ts'], rules: restricted(clock, chance, environment) },
  { files: system, rules: restricted(environment) },
  { files: drivers, rules: restricted(environment) },
  { files: launcher, rules: restricted() },
  { files: outside.map((glob) => `${glob}/*.ts`), rules: { ...restricted(), 'no-console': 'off' } },
  // A table's SQL is one text.
  {
    files: ['**/migrations/**/*.ts', '**/*-schema.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: tests,
    rules: { 'max-lines-per-function': 'off', 'max-params': 'off', ...restricted(clock, chance) },
  },
  // A suite runs on the real thing and on its twin, so it has to wait for the real one.
  {
    files: [
      '**/*.{int,kafka,event-store,e2e}.spec.ts',
      '**/*.suite.ts',
      'test-e2e/**/*.ts',
      '{libs,services,deploy,verify}/**/test/**/*.ts',
    ],
    rules: { 'max-lines-per-function': 'off', ...restricted() },
  },
);
