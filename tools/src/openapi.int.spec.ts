import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allRoutes } from '@caretab/contracts';
import { errorUses } from './catalogue';
import { openapiPath } from './openapi';
import { repositoryRoot as root, textOf } from './repository';

const document = JSON.parse(textOf(root, openapiPath)) as Record<string, any>;
const operations = Object.entries<Record<string, any>>(document['paths']).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const program = (name: string): string => join(root, 'node_modules/.bin', name);
/** Without network: no update notice, no telemetry. */
const env = {
  ...process.env,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  CI: 'true',
};
const run = (name: string, ...args: string[]): string => {
  try {
    return execFileSync(program(name), args, { cwd: root, env, encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${name}: ${stdout}${stderr}`);
  }
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  // The client's types stand on nothing but the compiler's own.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('redocly finds no error', () => {
  run('redocly', 'lint', openapiPath, '--config', 'tools/redocly.yaml');
}, 120_000);

test('spectral finds no error', () => {
  writeFileSync(join(folder, 'spectral.yaml'), 'extends: ["spectral:oas"]\n');
  run(
    'spectral',
    'lint',
    openapiPath,
    '--ruleset',
    join(folder, 'spectral.yaml'),
    '--fail-severity',
    'error',
  );
}, 120_000);

test('a generated client reads a visit’s status, and misses what is not there', () => {
  run('openapi-typescript', openapiPath, '-o', join(folder, 'client.ts'));
  const use = (field: string): string => `
    import type { paths } from './client';
    type Answer = paths['/v1/visits/{visitId}']['get']['responses'];
    type Visit = Answer[200]['content']['application/json'];
    declare const visit: Visit;
    const field: 'open' | 'closed' | 'unknown' | 'cancelled' | 'adjudicated' | 'settled' =
      visit.${field};
    declare const problem: Answer[404]['content']['application/problem+json'];
    export const found: [string, string, string | undefined] =
      [field, problem.code, problem.details[0]?.why];
  `;
  const compile = (): string =>
    run('tsc', '--noEmit', '--strict', '--skipLibCheck', '--types', 'node', join(folder, 'use.ts'));
  writeFileSync(join(folder, 'use.ts'), use('status'));
  compile();
  writeFileSync(join(folder, 'use.ts'), use('stateOfAffairs'));
  expect(compile).toThrow('stateOfAffairs');
}, 120_000);

describe('the document', () => {
  test('is OpenAPI 3.1 and holds every declared route with its action, once', () => {
    expect(document['openapi']).toBe('3.1.0');
    expect(operations).toHaveLength(allRoutes.length);
    const actions = operations.map(({ operation }) => operation.operationId as string);
    expect(new Set(actions).size).toBe(actions.length);
    for (const action of actions) expect(action).toMatch(/^[a-z-]+\.[a-z-]+$/);
  });

  test('names every placeholder of a path as a parameter', () => {
    for (const { path, operation } of operations) {
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = (operation.parameters as { in: string; name: string }[])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect([path, named.sort()]).toEqual([path, placeholders.sort()]);
    }
  });

  test('describes every success with a schema or as empty, and a problem for each refusal', () => {
    for (const { path, operation } of operations) {
      for (const [status, response] of Object.entries<any>(operation.responses)) {
        if (Number(status) >= 400)
          expect(Object.keys(response.content)).toEqual(['application/problem+json']);
        else expect([path, response.content !== undefined]).toEqual([path, status !== '204']);
      }
    }
  });

  test('is closed in what is accepted and open in what is answered', () => {
    const closedIn = (node: unknown): boolean =>
      JSON.stringify(node ?? {}).includes('"additionalProperties":false');
    // Fields that are not known are ignored by the first two (RFC 6749, 3.2), and of what a payment
    // company pushes in its own form; a plan is checked by its own schema, whose faults are answered
    // each by its place in the file.
    const open = [
      'tokens.issue',
      'tokens.end-session',
      'payment-channels.push',
      'plan-documents.put',
      'public-plan-documents.put',
    ];
    for (const { operation } of operations) {
      expect(closedIn(operation.responses)).toBe(false);
      if (operation.requestBody)
        expect([operation.operationId, closedIn(operation.requestBody)]).toEqual([
          operation.operationId,
          !open.includes(operation.operationId as string),
        ]);
    }
  });

  test('lists no code that nobody throws: not the service of the route, and no library', () => {
    const uses = errorUses(root);
    const isThrownFor = (path: string, code: string): boolean => {
      const first = path.split('/')[1]!;
      // The edge passes on what identity answers of persons, cards and activations.
      const services = first === 'v1' || first === 'gateway' ? ['gateway', 'identity'] : [first];
      const places = services.map((service) => `services/${service}/`);
      return uses.some(
        (use) =>
          use.code === code &&
          [...places, 'libs/', 'contracts/'].some((place) => use.file.startsWith(place)),
      );
    };
    expect(isThrownFor('/credit/summary', 'CARD_UNKNOWN')).toBe(false);
    expect(isThrownFor('/payment/summary', 'VISIT_UNKNOWN')).toBe(true);
    expect(
      allRoutes.flatMap(({ action, path, problems }) =>
        problems.filter((code) => !isThrownFor(path, code)).map((code) => `${action} ${code}`),
      ),
    ).toEqual([]);
  });

  test('says which routes ask who is calling', () => {
    const securityOf = (path: string, method: string): string[] =>
      (document['paths'][path][method].security as object[]).flatMap(Object.keys);
    expect(securityOf('/v1/visits', 'post')).toEqual(['credential']);
    expect(securityOf('/credit/summary', 'get')).toEqual(['credential']);
    expect(securityOf('/health', 'get')).toEqual([]);
  });
});
