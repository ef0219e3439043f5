import { type ErrorCode, type ErrorKind, ERRORS } from '@caretab/kernel';
import type { TSchema } from '@sinclair/typebox';
import { STATUS_OF_KIND } from './problems';
import { published } from './published';
import { type Route, statusesOf } from './route';

type Json = Readonly<Record<string, unknown>>;

/** Of a request that needs an approval. */
const APPROVAL_PROBLEMS = [
  'APPROVAL_NEEDED',
  'APPROVAL_UNKNOWN',
  'APPROVAL_NOT_GIVEN',
  'APPROVAL_REFUSED',
  'APPROVAL_USED',
  'APPROVAL_EXPIRED',
  'APPROVAL_DIFFERS',
] as const;

/**
 * Codes that a route may answer with because of what it declares, beside its own. A body is parsed
 * even where the route takes none.
 */
const commonProblems = ({
  method,
  whose,
  params,
  query,
  body,
  approval,
}: Route): readonly ErrorCode[] => [
  ...(params || query || body ? (['REQUEST_INVALID'] as const) : []),
  ...(params || method !== 'GET' ? (['REQUEST_UNREADABLE'] as const) : []),
  ...(method === 'GET'
    ? []
    : (['CONTENT_TYPE_NOT_JSON', 'NOT_JSON', 'REQUEST_TOO_LARGE'] as const)),
  ...(whose === 'public'
    ? []
    : ([
        'UNAUTHENTICATED',
        'ACCESS_FORBIDDEN',
        'ACCESS_NOT_RECORDED',
        'ISSUER_UNAVAILABLE',
        'SECOND_FACTOR_NEEDED',
        'DATABASE_UNAVAILABLE',
        'DATABASE_BUSY',
      ] as const)),
  ...(approval ? APPROVAL_PROBLEMS : []),
  'HOST_FORBIDDEN',
  'ORIGIN_FORBIDDEN',
  'INTERNAL',
];

const codesOf = (route: Route): ReadonlySet<ErrorCode> =>
  new Set([...route.problems, ...commonProblems(route)]);

/** Whether a route declares that it may answer with this error code. */
export const declares = (route: Route, code: string): boolean =>
  codesOf(route).has(code as ErrorCode);

/** Every code a route may answer with, by HTTP status. */
export const problemsByStatus = (route: Route): ReadonlyMap<number, readonly ErrorCode[]> => {
  const found = new Map<number, ErrorCode[]>();
  for (const code of codesOf(route)) {
    for (const kind of ERRORS[code] as readonly ErrorKind[]) {
      const status = STATUS_OF_KIND[kind];
      found.set(status, [...(found.get(status) ?? []), code].sort());
    }
  }
  return new Map([...found].sort(([a], [b]) => a - b));
};

const TITLE_OF_STATUS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Done, without a body',
  400: 'The request cannot be carried out as it is',
  401: 'No known key',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflicts with what is known',
  422: 'Asks for what cannot be',
  413: 'Too large',
  415: 'Not JSON',
  429: 'Too many requests: send the same again after Retry-After',
  500: 'Our fault',
  503: 'Not possible now: send the same again after Retry-After',
};

const securitySchemes = {
  credential: {
    type: 'http',
    scheme: 'bearer',
    description:
      'Who asks: the API key of a hospital, a token of the issuer, OPERATOR_KEY, or a service’s own token. ' +
      'docs/access.md says who may do what',
  },
};

const problemSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is the stable name, explained in docs/errors.md.',
  required: ['type', 'title', 'status', 'code', 'details'],
  properties: {
    type: { type: 'string', description: 'urn:caretab:error:<code>' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    details: {
      type: 'array',
      description: 'What the code is about, one entry for each field or fact',
      items: { $ref: '#/components/schemas/ProblemDetail' },
    },
    retryAfterSeconds: { type: 'integer', description: 'As in Retry-After' },
  },
};
const detailSchema = {
  type: 'object',
  required: ['field'],
  properties: {
    field: {
      type: 'string',
      description: 'JSON pointer, HL7 field, or the name of the fact; may be empty',
    },
    code: { type: 'string', description: 'Where one request has several faults' },
    why: { type: 'string' },
    remedy: { type: 'string' },
    value: { description: 'An id, a count or a name; never what a person sent about themselves' },
  },
};

const parameters = (where: 'path' | 'query' | 'header', schema: TSchema | undefined): Json[] => {
  if (!schema) return [];
  const required = (schema['required'] ?? []) as readonly string[];
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, TSchema>>;
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: accepted(rest),
  }));
};

const approvalHeader: Json = {
  name: 'Approval',
  in: 'header',
  required: false,
  description: 'Id of the approval that another person gave to this very request',
  schema: { type: 'string', maxLength: 100 },
};

const purposeHeader: Json = {
  name: 'Purpose',
  in: 'header',
  required: false,
  description:
    'What it is asked for, as a code (HL7 PurposeOfUse: TREAT); kept in the record of access',
  schema: { type: 'string', pattern: '^[A-Za-z][A-Za-z-]{1,39}$' },
};

/** What we accept, as it is: closed. */
const accepted = (schema: object): unknown => JSON.parse(JSON.stringify(schema));

const successOf = (route: Route, status: keyof Route['responses']): Json => {
  const schema = route.responses[status];
  const type = route.lines ? 'application/x-ndjson' : (route.contentType ?? 'application/json');
  return {
    description: TITLE_OF_STATUS[status],
    ...(schema && { content: { [type]: { schema: published(schema) } } }),
  };
};

const problemResponse = (status: number, codes: readonly ErrorCode[]): Json => ({
  description: TITLE_OF_STATUS[status] ?? 'A problem',
  ...((status === 429 || status === 503) && {
    headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
  }),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { code: { examples: codes } } },
        ],
      },
    },
  },
});

const operationOf = (tag: string, route: Route): Json => ({
  operationId: route.action,
  tags: [tag],
  summary: route.summary,
  ...(route.description && { description: route.description }),
  security: route.whose === 'public' ? [] : [{ credential: [] }],
  parameters: [
    ...parameters('path', route.params),
    ...parameters('query', route.query),
    ...parameters('header', route.headers),
    ...(route.approval ? [approvalHeader] : []),
    ...(route.whose === 'public' || route.unrecorded ? [] : [purposeHeader]),
  ],
  ...(route.body && {
    requestBody: {
      required: !route.bodyOptional,
      content: { 'application/json': { schema: accepted(route.body) } },
    },
  }),
  responses: Object.fromEntries([
    ...statusesOf(route).map((status) => [status, successOf(route, status)] as const),
    ...[...problemsByStatus(route)].map(
      ([status, codes]) => [status, problemResponse(status, codes)] as const,
    ),
  ]),
});

/** Hospitals see the edge; the chassis' routes are the operator's; else the service's name. */
const tagOf = ({ path }: Route): string => {
  const first = path.split('/')[1]!;
  if (first === 'v1') return 'hospitals';
  return /^(\{service\}|health|docs|metrics)$/.test(first) ? 'operator' : first;
};

/** The OpenAPI 3.1 document of these routes. */
export const openapiOf = (routes: readonly Route[], version: string): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(tagOf(route), route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'CareTab',
      version,
      description:
        'Every HTTP route of the platform. What is accepted is closed: an unknown field is an ' +
        'error. What is answered is open: read it with tolerance for further fields.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The operator of the platform' },
    },
    servers: [{ url: '/', description: 'Where this document is served' }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({
      name,
      description: DESCRIPTION_OF[name] ?? name,
    })),
    paths,
    components: {
      securitySchemes,
      schemas: { Problem: problemSchema, ProblemDetail: detailSchema },
    },
  };
};

const DESCRIPTION_OF: Readonly<Record<string, string>> = {
  hospitals: 'What hospitals send, and what may be read at the edge',
  gateway: 'Refused messages, and what came in',
  identity: 'Persons, guardians, institutions',
  credit: 'Lines of credit, enrolments, scores',
  'visit-ledger': 'Visits from opened to settled, and their proofs',
  adjudication: 'Claims, estimates, memberships, plans',
  payment: 'Collections, clearings, reconciliations',
  notification: 'Notices and preferences',
  operator: 'What every process answers',
};
