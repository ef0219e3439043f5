import type { Samples } from '../day/samples';
import type { SampleRequest } from './http';

/** Routes that work for minutes, or would take what the other checks stand on. */
const LEFT_OUT = ['/visit-ledger/views/rebuild'];

/** An id of no institution and no person, so that nobody of the sample day is changed. */
const NOBODY = 'FZ001';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> } }>>>>;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
}

/** Some value of a schema's shape; what a field really means does not matter here. */
const valueOf = (schema: Schema | undefined): unknown => {
  if (schema?.const !== undefined) return schema.const;
  if (schema?.anyOf) return valueOf(schema.anyOf[0]);
  if (schema?.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, valueOf(inner)]));
  if (schema?.type === 'array') return [valueOf(schema.items)];
  if (schema?.type === 'integer' || schema?.type === 'number') return 100;
  return schema?.type === 'boolean' ? true : NOBODY;
};

/** One request for every route of the platform that changes something, and the hospital's own of the sample day. */
export const sampleRequests = async (url: string, samples: Samples, keyOf: (institutionId: string) => string): Promise<SampleRequest[]> => {
  const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as OpenApi;
  const hospital = samples.lines<{ path: string; idempotencyKey: string; body: unknown }>('day', 'HZ002').slice(0, 200);
  const authorization = `Bearer ${keyOf('HZ002')}`;
  const routes = Object.entries(paths).filter(([path]) => !LEFT_OUT.includes(path)).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([method]) => method !== 'get').map(([method, { requestBody }]) => ({
      method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, NOBODY), headers: {}, body: valueOf(requestBody?.content?.['application/json']?.schema) ?? {},
    })));
  return [...hospital.map(({ path, idempotencyKey, body }) => ({ method: 'POST', path, headers: { authorization, 'idempotency-key': idempotencyKey }, body })), ...routes, ...routes, ...routes];
};
