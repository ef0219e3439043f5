import { httpBreaks, type OpenApi, type Operation } from './http-compatibility';
import type { JsonSchema } from './json-schemas';

const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const text = { type: 'string' };
const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
  additionalProperties?: false,
): JsonSchema => ({
  type: 'object',
  properties,
  required,
  ...(additionalProperties === false && { additionalProperties }),
});
const api = (more: Partial<Operation> = {}, path = '/v1/visits/{visitId}'): OpenApi => ({
  paths: {
    [path]: {
      post: {
        parameters: [{ name: 'visitId', in: 'path', required: true, schema: text }],
        requestBody: { required: true, ...json(object({ a: text }, ['a'], false)) },
        responses: {
          200: json(object({ status: { type: 'string', enum: ['open', 'closed'] } }, ['status'])),
          404: json(object({ code: text })),
        },
        ...more,
      },
    },
  },
});
const request = (schema: JsonSchema, required = true): Partial<Operation> => ({
  requestBody: { required, ...json(schema) },
});
const answer = (schema: JsonSchema): Partial<Operation> => ({ responses: { 200: json(schema) } });
const status = (...values: string[]): JsonSchema => ({ type: 'string', enum: values });

test.each<[string, OpenApi]>([
  ['nothing changed', api()],
  ['a placeholder has another name', api({}, '/v1/visits/{id}')],
  [
    'an answer has a further field',
    api(answer(object({ status: status('open', 'closed'), more: text }, ['status']))),
  ],
  ['an answer has fewer values', api(answer(object({ status: status('open') }, ['status'])))],
  ['a request may have a further field', api(request(object({ a: text, b: text }, ['a'], false)))],
  ['a field of a request became optional', api(request(object({ a: text }, [], false)))],
  [
    'a query parameter was added',
    api({
      parameters: [
        ...api().paths['/v1/visits/{visitId}']!['post']!.parameters!,
        { name: 'after', in: 'query', schema: text },
      ],
    }),
  ],
  [
    'a problem is gone',
    api({ responses: { 200: api().paths['/v1/visits/{visitId}']!['post']!.responses['200']! } }),
  ],
])('%s: no client breaks', (_what, after) => expect(httpBreaks(api(), after)).toEqual([]));

test.each<[string, OpenApi, string]>([
  ['a route is gone', { paths: {} }, 'the route is gone'],
  ['an answer lost a field', api(answer(object({}))), 'answer 200/status is gone'],
  [
    'a field of an answer is optional now',
    api(answer(object({ status: status('open', 'closed') }))),
    'answer 200/status is optional now',
  ],
  [
    'a field of an answer has another type',
    api(answer(object({ status: { type: 'integer' } }, ['status']))),
    'answer 200/status',
  ],
  [
    'an answer has a value that no client knows',
    api(answer(object({ status: status('open', 'closed', 'late') }, ['status']))),
    'may be "late" now',
  ],
  ['an answer is gone', api({ responses: {} }), 'the answer 200 is gone'],
  [
    'a request needs a further field',
    api(request(object({ a: text, b: text }, ['a', 'b'], false))),
    'request/b is required now',
  ],
  [
    'a request lost a field that was allowed',
    api(request(object({ b: text }, [], false))),
    'request/a is gone',
  ],
  [
    'a field of a request takes less',
    api(request(object({ a: { type: 'string', maxLength: 3 } }, ['a'], false))),
    'request/a has a lower maxLength',
  ],
  [
    'a parameter became required',
    api({ parameters: [{ name: 'day', in: 'query', required: true, schema: text }] }),
    'query day is required now',
  ],
  ['a parameter is gone', api({ parameters: [] }), 'path parameter 1 is gone'],
])('%s: found', (_what, after, fault) =>
  expect(httpBreaks(api(), after).join('\n')).toContain(fault),
);
