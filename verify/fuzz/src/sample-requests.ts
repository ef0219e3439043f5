import type { Platform, Samples } from '@caretab/deploy';
import type { SampleRequest } from './http';

/**
 * Routes that work for minutes over everything there is, or would take what the other checks stand
 * on.
 */
const LEFT_OUT = [
  '/visit-ledger/views/rebuild',
  '/visit-ledger/views/check',
  '/visit-ledger/proof',
  '/visit-ledger/trial-balance',
  '/payment/trial-balance',
  '/identity/token-keys',
  '/metrics',
];

/**
 * Unused ids, so that no person of the sample day is changed; each of the forms that routes and
 * bodies ask for.
 */
const NOBODY = 'FZ001';
const FORMS = [
  NOBODY,
  'FZ001-W1',
  'p-00000000-0000-4000-8000-00000000f022',
  '2026-03-02T08:00:00Z',
  '2026-03-02',
  'fuzz-plan',
  '12.50',
  'SOME_REASON',
  '11010119900307001X',
  '13800138000',
  'fuzz@mail.example',
  'http://127.0.0.1:9/hook',
  'fuzz-key-0001',
];
const BY_NAME: Readonly<Record<string, string>> = {
  visitId: 'FZ001-W1',
  date: '2026-03-02',
  service: 'credit',
};

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly pattern?: string;
}

/** Some value of a schema's shape and form; what a field really means does not matter here. */
const valueOf = (schema: Schema | undefined): unknown => {
  if (schema?.const !== undefined) return schema.const;
  if (schema?.anyOf) return valueOf(schema.anyOf[0]);
  if (schema?.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, valueOf(inner)]),
    );
  if (schema?.type === 'array') return [valueOf(schema.items)];
  if (schema?.type === 'integer' || schema?.type === 'number') return 100;
  if (schema?.type === 'boolean') return true;
  const { pattern } = schema ?? {};
  return pattern === undefined
    ? NOBODY
    : (FORMS.find((form) => new RegExp(pattern).test(form)) ?? NOBODY);
};

const pathOf = (path: string, { parameters = [] }: Operation): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = parameters.find(
      (parameter) => parameter.in === 'path' && parameter.name === name,
    )?.schema;
    if (/personId$/i.test(name)) return FORMS[2]!;
    return BY_NAME[name] ?? (schema?.pattern ? String(valueOf(schema)) : NOBODY);
  });

/** One request for every route of the platform, and the hospital's own of the sample day. */
export const sampleRequests = async (
  url: string,
  samples: Samples,
  { keyOf, operatorKey }: Pick<Platform, 'keyOf' | 'operatorKey'>,
): Promise<SampleRequest[]> => {
  const { paths } = (await (await fetch(`${url}/docs/openapi.json`)).json()) as OpenApi;
  const hospital = samples
    .lines<{ path: string; idempotencyKey: string; body: unknown }>('day', 'HZ002')
    .slice(0, 200);
  const authorization = `Bearer ${keyOf('HZ002')}`;
  const routes = Object.entries(paths)
    .filter(([path]) => !LEFT_OUT.includes(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: pathOf(path, operation),
        headers: { authorization: `Bearer ${operatorKey}` },
        body:
          method === 'get'
            ? undefined
            : (valueOf(operation.requestBody?.content?.['application/json']?.schema) ?? {}),
      })),
    );
  return [
    ...hospital.map(({ path, idempotencyKey, body }) => ({
      method: 'POST',
      path,
      headers: { authorization, 'idempotency-key': idempotencyKey },
      body,
    })),
    ...routes,
    ...routes,
    ...routes,
  ];
};
