import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { asyncapiPath } from './asyncapi';
import { catalogue } from './catalogue';
import { setBreaks } from './compatibility';
import { httpBreaks, type OpenApi } from './http-compatibility';
import { type JsonSchema, schemaFiles, schemaFolder } from './json-schemas';
import { openapiPath } from './openapi';
import { filesUnder, repositoryRoot as root, textOf } from './repository';

/**
 * Breaks that were decided before any partner depended on the event: the sentence of the fault →
 * why.
 */
const acceptedPath = 'contracts/accepted-breaks.json';

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });

/** The schemas of a commit; undefined where there is no such commit, or no git at all. */
const committed = (revision: string): ReadonlyMap<string, JsonSchema> | undefined => {
  try {
    const files = git('ls-tree', '-r', '--name-only', revision, '--', schemaFolder)
      .split('\n')
      .filter((path) => path.endsWith('.json'));
    return new Map(
      files.map((path) => [path, JSON.parse(git('show', `${revision}:${path}`)) as JsonSchema]),
    );
  } catch {
    return undefined;
  }
};

/** The OpenAPI document of a commit; undefined where there is none, or no git at all. */
const committedOpenApi = (revision: string): OpenApi | undefined => {
  try {
    return JSON.parse(git('show', `${revision}:${openapiPath}`)) as OpenApi;
  } catch {
    return undefined;
  }
};

const acceptedBreaks = (): Readonly<Record<string, string>> =>
  existsSync(join(root, acceptedPath))
    ? (JSON.parse(readFileSync(join(root, acceptedPath), 'utf8')) as Record<string, string>)
    : {};

const onDisk = (): ReadonlyMap<string, JsonSchema> =>
  new Map(
    filesUnder(root, schemaFolder).map((path) => [
      path,
      JSON.parse(textOf(root, path)) as JsonSchema,
    ]),
  );
const current = new Map(
  [...schemaFiles(catalogue(root))].map(([path, text]) => [path, JSON.parse(text) as JsonSchema]),
);

describe('the public language', () => {
  // The commit before as well: in a pipeline the last commit is the change itself.
  test.each([
    ['the last commit', 'HEAD'],
    ['the commit before', 'HEAD^'],
  ])('breaks no consumer of %s', (_what, revision) => {
    const accepted = acceptedBreaks();
    const faults = setBreaks(committed(revision) ?? onDisk(), current).filter(
      (fault) => !accepted[fault],
    );
    expect(faults).toEqual([]);
  });

  test.each([
    ['the last commit', 'HEAD'],
    ['the commit before', 'HEAD^'],
  ])('breaks no HTTP client of %s', (_what, revision) => {
    const accepted = acceptedBreaks();
    const current = JSON.parse(textOf(root, openapiPath)) as OpenApi;
    const before = committedOpenApi(revision) ?? current;
    expect(httpBreaks(before, current).filter((fault) => !accepted[fault])).toEqual([]);
  });

  test('has a JSON Schema of the 2020-12 draft for every event, with an id of its own', () => {
    const ajv = new Ajv({ strict: false });
    for (const schema of current.values()) ajv.addSchema(schema);
    const ids = [...current.values()].map((schema) => String(schema['$id']));
    expect(new Set(ids).size).toBe(current.size);
    for (const id of ids) expect(ajv.getSchema(id)).toBeInstanceOf(Function);
  });

  test('names no personal data in any field', () => {
    const suspicious = /"(fullName|idNumber|mobile|phone|email|cardNumber|address|birthDate)":/i;
    expect(
      [...current]
        .filter(([, schema]) => suspicious.test(JSON.stringify(schema['properties'])))
        .map(([path]) => path),
    ).toEqual([]);
  });
});

describe('the AsyncAPI document', () => {
  const document = parse(textOf(root, asyncapiPath)) as Record<string, any>;
  const reference = {
    type: 'object',
    required: ['$ref'],
    properties: { $ref: { type: 'string', pattern: '^#/' } },
  };

  /** The shape AsyncAPI 3.0 asks for, of the parts that are used here. */
  const shape = {
    type: 'object',
    required: ['asyncapi', 'info', 'channels', 'operations', 'components'],
    properties: {
      asyncapi: { const: '3.0.0' },
      info: { type: 'object', required: ['title', 'version'] },
      channels: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['address', 'messages', 'bindings'],
          properties: {
            address: { type: 'string' },
            messages: { type: 'object', minProperties: 1, additionalProperties: reference },
            bindings: {
              type: 'object',
              required: ['kafka'],
              properties: {
                kafka: {
                  type: 'object',
                  required: ['partitions', 'bindingVersion'],
                  properties: { partitions: { type: 'integer', minimum: 1 } },
                },
              },
            },
          },
        },
      },
      operations: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['action', 'channel', 'messages'],
          properties: {
            action: { enum: ['send', 'receive'] },
            channel: reference,
            messages: { type: 'array', minItems: 1, items: reference },
          },
        },
      },
      components: {
        type: 'object',
        required: ['messages', 'schemas'],
        properties: {
          messages: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              required: ['name', 'headers', 'payload', 'contentType', 'bindings'],
              properties: {
                payload: { type: 'object', required: ['schemaFormat', 'schema'] },
                bindings: {
                  type: 'object',
                  required: ['kafka'],
                  properties: { kafka: { type: 'object', required: ['key'] } },
                },
              },
            },
          },
        },
      },
    },
  };

  const referencesIn = (node: unknown): string[] => {
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node).flatMap(([key, value]) =>
      key === '$ref' ? [String(value)] : referencesIn(value),
    );
  };

  test('has the shape of AsyncAPI 3.0', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.validate(shape, document);
    expect(ajv.errors ?? []).toEqual([]);
  });

  test('points nowhere that is not there', () => {
    const resolves = (reference: string): boolean =>
      reference.startsWith('#/')
        ? reference
            .slice(2)
            .split('/')
            .reduce<any>((node, key) => node?.[key], document) !== undefined
        : existsSync(join(root, 'contracts/generated', reference));
    expect(referencesIn(document).filter((reference) => !resolves(reference))).toEqual([]);
  });

  test('lets an operation name only messages of its own channel', () => {
    for (const operation of Object.values<any>(document['operations'])) {
      for (const { $ref } of operation.messages)
        expect($ref.startsWith(`${operation.channel.$ref}/messages/`)).toBe(true);
    }
  });

  test('keeps the insurers apart by a parameter in the address', () => {
    const channel = document['channels'].insurerSettlements;
    expect(channel.address).toBe('insurer.{payerId}.settlements');
    expect(Object.keys(channel.parameters)).toEqual(['payerId']);
  });
});
