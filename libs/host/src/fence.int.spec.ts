import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fenced } from './fence';
import { ProblemFilter } from './problem.filter';

let server: Server;
let seen: string[] = [];

beforeAll(async () => {
  const problems = new ProblemFilter(() => undefined);
  const fence = fenced({ hosts: ['caretab.example'], problems });
  server = createServer(
    fence(({ url, method }, response) => {
      seen.push(`${method} ${url}`);
      response.end('in');
    }),
  );
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));
beforeEach(() => (seen = []));

/** The answer to a request as it stands, and whether anything behind the fence saw it. */
const sent = async (line: string, ...headers: string[]): Promise<string> => {
  const { port } = server.address() as AddressInfo;
  const head = headers.some((header) => /^host:/i.test(header))
    ? headers
    : ['Host: localhost', ...headers];
  const length = head.some((header) => /^content-length/i.test(header)) ? 'ab' : '';
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer)).on('error', reject);
    socket.write(
      `${[`${line} HTTP/1.1`, 'Connection: close', ...head].join('\r\n')}\r\n\r\n${length}`,
    );
  });
  return text;
};
const outcome = async (line: string, ...headers: string[]): Promise<string> => {
  const answer = await sent(line, ...headers);
  const code = /"code":"(\w+)"/.exec(answer)?.[1] ?? 'in';
  expect(seen.length).toBe(code === 'in' ? 1 : 0);
  return `${answer.split(' ')[1]} ${code}`;
};

test.each([
  'localhost',
  'LOCALHOST:8080',
  '127.0.0.1:8080',
  '[::1]:8080',
  '10.1.2.3',
  'caretab.localhost',
  'identity:8080',
  'caretab.example',
  'CareTab.example:443',
])('goes by the name %s', async (host) => {
  expect(await outcome('GET /health', `Host: ${host}`)).toBe('200 in');
});

test.each([
  'evil.example',
  'evil.example:8080',
  'caretab.example.evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.caretab.example',
  'caretab.example.',
])('goes by no name like %s, which a page may have let point here', async (host) => {
  expect(await outcome('GET /identity/persons/P1', `Host: ${host}`)).toBe('403 HOST_FORBIDDEN');
});

test('the host of a whole URL in the request line counts more than the Host header', async () => {
  const line = 'GET http://evil.example/identity/persons/P1';
  expect(await outcome(line, 'Host: localhost')).toBe('403 HOST_FORBIDDEN');
});

test('a whole URL in the request line is the same request as its path', async () => {
  expect(await outcome('GET http://localhost/v1/visits/V1?page=2')).toBe('200 in');
  expect(seen).toEqual(['GET /v1/visits/V1?page=2']);
});

test.each(['*', 'ftp://localhost/v1/visits', 'http://[/v1/visits'])(
  'a request line that names no path is refused: %s',
  async (target) => {
    expect(await outcome(`OPTIONS ${target}`)).toBe('400 REQUEST_UNREADABLE');
  },
);

test.each([
  ['POST', 'Origin: http://evil.example'],
  ['POST', 'Origin: null'],
  ['GET', 'Origin: http://evil.example'],
  ['POST', 'Origin: http://localhost:9999'],
  ['POST', 'Sec-Fetch-Site: cross-site'],
  ['POST', 'Sec-Fetch-Site: same-site'],
  ['GET', 'Sec-Fetch-Site: cross-site'],
])('a %s with %s is of another site’s page', async (method, header) => {
  expect(await outcome(`${method} /identity/institutions/HZ003/key`, header)).toBe(
    '403 ORIGIN_FORBIDDEN',
  );
});

test('another site’s page may not show ours inside itself', async () => {
  const inFrame = [
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: iframe',
  ];
  expect(await outcome('GET /docs', ...inFrame)).toBe('403 ORIGIN_FORBIDDEN');
});

test('a link on another site opens a page, and posts nothing', async () => {
  const click = [
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
  ];
  expect(await outcome('GET /docs', ...click)).toBe('200 in');
  seen = [];
  expect(await outcome('POST /docs', ...click)).toBe('403 ORIGIN_FORBIDDEN');
});

test.each([
  ['Origin: http://localhost'],
  ['Origin: https://LOCALHOST'],
  ['Sec-Fetch-Site: same-origin'],
  ['Sec-Fetch-Site: none'],
])('the platform’s own page may ask: %s', async (header) => {
  expect(await outcome('GET /v1/visits/V1', header)).toBe('200 in');
});

test.each([
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: text/plain',
  'Content-Type: multipart/form-data; boundary=x',
  'Content-Type: application/jsonp',
  'Content-Type: text/plain; charset=application/json',
])('a body that is not JSON is refused, an empty one too: %s', async (type) => {
  expect(await outcome('POST /v1/visits', type, 'Content-Length: 2')).toBe(
    '415 CONTENT_TYPE_NOT_JSON',
  );
  expect(await outcome('POST /v1/visits', type)).toBe('415 CONTENT_TYPE_NOT_JSON');
});

test('tokens are asked for by forms, from no page', async () => {
  const form = 'Content-Type: application/x-www-form-urlencoded';
  expect(await outcome('POST /identity/token', form, 'Content-Length: 2')).toBe('200 in');
  seen = [];
  expect(
    await outcome('POST /identity/token', form, 'Content-Length: 2', 'Origin: http://evil.example'),
  ).toBe('403 ORIGIN_FORBIDDEN');
  expect(await outcome('POST /identity/tokens', form, 'Content-Length: 2')).toBe(
    '415 CONTENT_TYPE_NOT_JSON',
  );
});

test('a body must say what it is', async () => {
  const answer = await outcome('PUT /v1/visits', 'Content-Length: 2');
  expect(answer).toBe('415 CONTENT_TYPE_NOT_JSON');
});

test.each(['application/json', 'application/json; charset=utf-8', 'application/merge-patch+json'])(
  'takes %s',
  async (type) => {
    expect(await outcome('POST /v1/visits', `Content-Type: ${type}`, 'Content-Length: 2')).toBe(
      '200 in',
    );
  },
);

test('a request that changes something may come without a body', async () => {
  expect(await outcome('POST /visit-ledger/views/rebuild')).toBe('200 in');
});

test('every answer says that it is no page, may not be shown in one, and is not to be kept', async () => {
  for (const answer of [
    await sent('GET /health'),
    await sent('GET /health', 'Host: evil.example'),
  ]) {
    expect(answer).toMatch(
      /^Content-Security-Policy: default-src 'none';frame-ancestors 'none'\r$/m,
    );
    expect(answer).toMatch(/^X-Content-Type-Options: nosniff\r$/m);
    expect(answer).toMatch(/^X-Frame-Options: DENY\r$/m);
    expect(answer).toMatch(/^Cache-Control: no-store\r$/m);
  }
});

test('the page of the API runs its own scripts alone', async () => {
  const answer = await sent('GET /docs');
  expect(answer).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/]{43}=';/);
  expect(answer).not.toMatch(/upgrade-insecure-requests/);
});
