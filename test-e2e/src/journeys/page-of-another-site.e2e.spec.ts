import { request } from 'node:http';
import { World } from '../world';

const world = new World('page-of-another-site');

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** With a request line and a Host of one's own: `fetch` sends no other than its URL's. */
const sent = ({ method, target, headers, body }: Sent): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.address.url);
    const outgoing = request({ hostname, port, method, path: target, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    outgoing.on('error', reject).end(body);
  });
const codeOf = async (input: Sent): Promise<string> => {
  const { status, text } = await sent(input);
  return `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`;
};

test('a page whose name was let point here reads no person', async () => {
  const target = `/identity/persons/${(await world.citizen()).personId}`;
  const authorization = `Bearer ${world.operatorKey}`;
  expect((await sent({ method: 'GET', target, headers: { authorization } })).status).toBe(200);
  expect((await sent({ method: 'GET', target })).status).toBe(401);
  const headers = { authorization, host: 'evil.example', origin: 'http://evil.example' };
  expect(await codeOf({ method: 'GET', target, headers })).toBe('403 HOST_FORBIDDEN');
});

test('a form on another page renews no hospital’s key: the one in use goes on', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const target = `/identity/institutions/${hospital.institutionId}/key`;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const origin = { origin: 'http://evil.example' };
  for (const headers of [{ ...form, ...origin }, origin, form])
    expect(await codeOf({ method: 'POST', target, headers })).toMatch(
      /^(403 ORIGIN_FORBIDDEN|415 CONTENT_TYPE_NOT_JSON)$/,
    );
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  await world.becomes(visit.visitId, { status: 'open' });
});

test('a charge in a whole URL, or in capitals, finds no way past the door for hospitals', async () => {
  const body = '{"not": "sent by a hospital"}';
  const headers = { 'content-type': 'application/json' };
  const asked = (target: string): Promise<string> =>
    codeOf({ method: 'POST', target, headers, body });
  expect(await asked('/v1/visits')).toBe('401 UNAUTHENTICATED');
  expect(await asked(`${world.address.url}/v1/visits`)).toBe('401 UNAUTHENTICATED');
  expect(await asked('/V1/visits')).toBe('404 ROUTE_UNKNOWN');
});
