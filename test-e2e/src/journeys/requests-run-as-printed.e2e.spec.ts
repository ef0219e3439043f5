import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { ROOT } from '../launcher';
import { serviceToken } from '../service-token';
import { type PrintedRequest, readRequests, resolved } from '../requests-file';
import { World } from '../world';

const PRINTED_HOST = 'http://127.0.0.1:8080';
/** Everything a person would wait for after a click. */
const ANSWER_TIMEOUT_MS = 30_000;

const world = new World('requests-run-as-printed');
const services = readdirSync(join(ROOT, 'services'));
const textOf = (service: string): string =>
  readFileSync(join(ROOT, 'services', service, 'requests.http'), 'utf8');

/** What a reader changes in the first lines: where the platform is, its secrets, and who asks. */
const changed = async (asked: string): Promise<Readonly<Record<string, string>>> => {
  const tokenOf = (service: string, institution?: string): string =>
    serviceToken(world.secret('BUS_SIGNING_KEYS'), {
      ...{ service, asked },
      ...(institution && { institution }),
    });
  const second = await world.api.secondPeople();
  const [secondPerson, secondPrivacyOfficer, secondSecurityAdmin] = await Promise.all(
    second.people.map(async (person) =>
      (await second.authorizationOf(person)).slice('Bearer '.length),
    ),
  );
  return {
    host: world.address.url,
    operatorKey: world.operatorKey,
    gatewayToken: tokenOf('gateway'),
    gatewayForHospital: tokenOf('gateway', asked === 'identity' ? 'RQIDENTITY' : 'RQLEDGER'),
    identityToken: tokenOf('identity'),
    notificationToken: tokenOf('notification'),
    adjudicationToken: tokenOf('adjudication'),
    secondPerson: secondPerson!,
    secondPrivacyOfficer: secondPrivacyOfficer!,
    secondSecurityAdmin: secondSecurityAdmin!,
  };
};

/**
 * Sends the requests of a file in order. A write is sent once; a read is repeated until it answers
 * as printed, because what was written arrives a moment later.
 */
const run = async (text: string, asked = 'identity'): Promise<void> => {
  const { variables, requests } = readRequests(text);
  const answers = new Map<string, unknown>();
  const sendOnce = async (request: PrintedRequest): Promise<void> => {
    const { title, name, refusal, method, url, headers, body } = request;
    // A token is good for a minute, so each request has its own.
    const known = { ...variables, ...(await changed(asked)) };
    const put = (part: string): string => resolved(part, known, answers);
    const answer = await world.api.askAs(
      Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, put(value)])),
      method,
      put(url).slice(world.address.url.length),
      body === undefined ? undefined : put(body),
    );
    const said = `${title}: ${answer.status} ${answer.body?.code ?? ''}`;
    if (refusal) {
      const expected = `${refusal.status} ${refusal.code}`;
      if (said !== `${title}: ${expected}`) throw new Error(`${said}, and not ${expected}`);
    } else if (answer.status >= 400) throw new Error(`${said} ${answer.text.slice(0, 500)}`);
    if (name === undefined) return;
    answers.set(name, answer.body);
    for (const [reference] of text.matchAll(/\{\{\w+\.response\.[^}]+\}\}/g))
      if (reference.startsWith(`{{${name}.`)) put(reference);
  };
  for (const request of requests)
    await (request.method === 'GET'
      ? eventually(() => sendOnce(request), ANSWER_TIMEOUT_MS)
      : sendOnce(request));
};

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route of the platform, from the document that it serves. */
const routes = async (): Promise<readonly Route[]> => {
  const { paths } = await world.api.get<{ paths: Record<string, object> }>('/docs/openapi.json');
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
};

/** The edge is the gateway's; what every process answers may stand in any file. */
const homesOf = ({ path }: Route): readonly string[] => {
  const [, first = ''] = path.split('/');
  if (first === 'v1') return ['gateway'];
  return services.includes(first) ? [first] : services;
};

const literals = (path: string): number => path.replace(/\{\w+\}/g, '').length;

/** The route that a request goes to: of those that fit, the one with the least left open. */
const routeOf = (all: readonly Route[], { method, url }: PrintedRequest): Route | undefined => {
  const asked = url
    .replace('{{host}}', '')
    .replace(/\{\{.+?\}\}/g, '_')
    .replace(/\?.*$/, '');
  return all
    .filter((route) => route.method === method)
    .filter(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked))
    .sort((a, b) => literals(b.path) - literals(a.path))[0];
};

test.each(services)('the requests of %s run as printed', (service) =>
  run(textOf(service), service),
);

test.each(services)('the requests of %s name one platform, and nothing else', (service) => {
  const { variables, requests } = readRequests(textOf(service));
  expect(variables['host']).toBe(PRINTED_HOST);
  expect(requests.filter(({ url }) => !url.startsWith('{{host}}/'))).toEqual([]);
});

test('each route of a service is in its requests', async () => {
  const all = await routes();
  expect(all.length).toBeGreaterThan(services.length);
  const shown = new Map(
    services.map((service) => [
      service,
      readRequests(textOf(service)).requests.map((request) => routeOf(all, request)),
    ]),
  );
  const missing = all.filter(
    (route) => !homesOf(route).some((service) => shown.get(service)!.includes(route)),
  );
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test.each([
  ['an address that is not there', 'POST {{host}}/identity/nowhere', '404'],
  [
    'a body that is refused',
    'POST {{host}}/credit/enrolments\nAuthorization: Bearer {{operatorKey}}\n\n{}',
    '400',
  ],
  ['a variable that nobody set', 'DELETE {{host}}/credit/enrolments/{{unset}}', 'unset'],
  ['another refusal', '# answers 409 CONFLICT\nPOST {{host}}/identity/nowhere', '409 CONFLICT'],
])('%s is found', async (_what, request, said) => {
  const text = `@host = ${PRINTED_HOST}\n\n### It\n${request}\n`;
  await expect(run(text)).rejects.toThrow(said);
});
