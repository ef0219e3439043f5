import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allRoutes, type FieldPath, KEY_SCOPES, type Route, SERVICES } from '@caretab/contracts';
import { eventually } from '@caretab/hospital';
import { machine } from '../src/machine';
import type { Address } from '../src/platform';
import { World } from '../src/world';

/** A platform that a matrix may be tried on: some routes do what they are asked. */
export interface AskedPlatform {
  readonly address: Address;
  remove(): Promise<void>;
}

/** Of no one who is registered: what is allowed finds nothing to change. */
const OWN = {
  institution: 'OWN1',
  person: 'p-00000000-0000-4000-8000-00000000000a',
  payer: 'own-payer',
};
const OTHERS = {
  institution: 'OTHER1',
  person: 'p-00000000-0000-4000-8000-00000000000b',
  payer: 'other-payer',
};
type Thing = typeof OWN;

/** For whom a subject of each kind is. Services sign in with keys of their own, which no test has. */
const ROLES: Readonly<Record<string, object>> = {
  Citizen: { person: OWN.person },
  Guardian: { person: OWN.person },
  HospitalSystem: { institution: OWN.institution },
  'HospitalSystem by scope': { institution: OWN.institution },
  DoctorStation: { institution: OWN.institution },
  Desk: { institution: OWN.institution },
  Cashier: { institution: OWN.institution, shift: 'morning' },
  PriceOffice: { institution: OWN.institution },
  InsuranceOffice: { institution: OWN.institution },
  'Desk of the platform': {},
  'Cashier of the platform': {},
  'PriceOffice of the platform': {},
  'InsuranceOffice of the platform': {},
  Insurer: { payer: OWN.payer },
  Bureau: {},
  CardPlatform: { region: '330100' },
  Bank: { channel: 'a-bank' },
  Channel: { channel: 'a-channel' },
  Lender: { channel: 'a-lender' },
  Finance: {},
  CreditAuthority: {},
  SystemAdmin: {},
  SecurityAdmin: {},
  AuditAdmin: {},
  PrivacyOfficer: {},
};
const SUBJECTS = Object.keys(ROLES);
const kindOf = (subject: string): string => subject.split(' ')[0]!;

interface Row {
  readonly own: readonly string[];
  readonly anyones: readonly string[];
}
/** A system whose key names all that there is may do what one without may; so it is not printed twice. */
const BY_SCOPE = 'HospitalSystem by scope';
const withScope = (name: string): string[] =>
  name === 'HospitalSystem' ? [name, BY_SCOPE] : [name];

/** The committed matrix, as people read it, by action. */
const printed = (): ReadonlyMap<string, Row> => {
  const text = readFileSync(join(__dirname, '../../docs/access.md'), 'utf8');
  const lines = text.slice(text.indexOf('## HTTP'), text.indexOf('## HL7')).split('\n');
  return new Map(
    lines.flatMap((line) => {
      if (!line.startsWith('| `')) return [];
      const [action = '', , , own = '', anyones = ''] = line.slice(2, -2).split(' | ');
      const names = (cell: string): string[] =>
        cell.trim() === 'every subject'
          ? SUBJECTS
          : cell.split(',').flatMap((name) => withScope(name.trim()));
      return [[action.replaceAll('`', '').trim(), { own: names(own), anyones: names(anyones) }]];
    }),
  );
};

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string>> | undefined;
}

/** A request of a route about someone's thing, and else without content: its check refuses it. */
const requestOf = ({ method, path, whose, body, query }: Route, thing: Thing): Request => {
  const parts: Record<string, Record<string, string>> = { params: {}, query: {}, body: {} };
  const put = (at: FieldPath | undefined, value: string): void => {
    const [part, field] = at?.split('.') ?? [];
    if (part && field) parts[part]![field] = value;
  };
  if (typeof whose === 'object') {
    put(whose.institution, thing.institution);
    put(whose.visit, `${thing.institution}-V1`);
    put(whose.person, thing.person);
    put(whose.payer, thing.payer);
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => parts['params']![name] ?? 'none');
  // What no route takes: a request without content would be a good one for some.
  if (query) parts['query']!['unheardOf'] = '1';
  if (body) parts['body']!['unheardOf'] = '1';
  const search = new URLSearchParams(parts['query']).toString();
  return {
    method,
    path: search ? `${filled}?${search}` : filled,
    body: method === 'GET' || method === 'DELETE' ? undefined : parts['body'],
  };
};

/** Every route at its service; those of the chassis at each. */
const asked: readonly Route[] = allRoutes.flatMap((route) =>
  route.path.startsWith('/{service}/')
    ? SERVICES.map((service) => ({
        ...route,
        path: `/${service}/${route.path.slice('/{service}/'.length)}` as const,
      }))
    : [route],
);

type Cell = 'no' | 'own' | 'everything';

/** Who may do what, asked over HTTP by each kind of subject with a token of its own. */
export const whoMayDoWhat = (name: string, start: () => Promise<AskedPlatform>): void => {
  let platform: AskedPlatform;
  let world: World;
  const tokens = new Map<string, string>();

  const passes = async (
    request: Request,
    authorization: string | undefined,
  ): Promise<boolean | string> => {
    const { method, path, body } = request;
    const headers: Record<string, string> = authorization ? { authorization } : {};
    const { status, body: problem } = await world.api.askAs(headers, method, path, body);
    const code = (problem as { code?: string } | undefined)?.code;
    if (status === 401 || (status === 403 && code === 'ACCESS_FORBIDDEN')) return false;
    // A route that is not there decides nothing, and one that fails no less.
    return status >= 500 || code === 'ROUTE_UNKNOWN' ? `${status} ${code}` : true;
  };

  const tokenByKey = async (): Promise<string> => {
    const path = `/identity/institutions/${OWN.institution}`;
    const registered = { name: 'Own', level: 'level-3', webhookUrl: 'http://127.0.0.1:9/none' };
    expect(await world.api.ask('PUT', path, registered)).toMatchObject({ status: 201 });
    const { apiKey } = await world.api.doneByTwo('POST', `${path}/keys`, { scopes: KEY_SCOPES });
    const request = { grant_type: 'client_credentials', client_secret: apiKey };
    return (await world.api.done('POST', '/identity/token', request)).access_token;
  };

  const cellOf = async (route: Route, subject: string): Promise<Cell | string> => {
    const authorization = `Bearer ${tokens.get(subject)!}`;
    const others = await passes(requestOf(route, OTHERS), authorization);
    if (others !== false) return others === true ? 'everything' : others;
    const own = await passes(requestOf(route, OWN), authorization);
    return own === true ? 'own' : own === false ? 'no' : own;
  };

  beforeAll(async () => {
    platform = await start();
    world = new World(name, platform.address);
    for (const subject of SUBJECTS) {
      if (subject === BY_SCOPE) continue;
      const id = subject.toLowerCase().replaceAll(' ', '-');
      const role = { kind: kindOf(subject), ...ROLES[subject] };
      const { token } = await machine(world, id, [role]);
      tokens.set(subject, (await token()).body.access_token);
    }
    tokens.set(BY_SCOPE, await tokenByKey());
  }, 300_000);
  afterAll(() => platform?.remove(), 120_000);

  test('every route lets in whom the printed matrix names, and no one else', async () => {
    const rows = printed();
    const unexpected: string[] = [];
    let cells = 0;
    for (const route of asked) {
      if (route.whose === 'public') continue;
      const { own, anyones } = rows.get(route.action)!;
      await Promise.all(
        SUBJECTS.map(async (subject) => {
          const found = await cellOf(route, subject);
          const expected = anyones.includes(subject)
            ? 'everything'
            : own.includes(subject)
              ? // Whose it is, only the rows say.
                route.whose === 'scoped'
                ? 'everything'
                : 'own'
              : 'no';
          cells += 1;
          if (found !== expected)
            unexpected.push(`${route.method} ${route.path} ${subject}: ${found}, not ${expected}`);
        }),
      );
    }
    expect(unexpected).toEqual([]);
    expect(cells).toBeGreaterThan(2_000);
  }, 300_000);

  test('without a credential, and with one that is unknown, only what is public is there', async () => {
    const unexpected: string[] = [];
    for (const route of asked)
      for (const authorization of [undefined, 'Bearer none']) {
        const request = requestOf(route, OWN);
        const found = await passes(request, authorization);
        if (found !== (route.whose === 'public'))
          unexpected.push(`${request.method} ${request.path}: ${found}`);
      }
    expect(unexpected).toEqual([]);
  }, 120_000);

  test('every process refuses a hospital’s key that has ended, and its token, within five seconds', async () => {
    const { key, institutionId } = await world.hospital();
    const keysOf = `/identity/institutions/${institutionId}/keys`;
    const next = await world.api.doneByTwo('POST', keysOf, {});
    const tokenFor = async (apiKey: string): Promise<string> => {
      const request = { grant_type: 'client_credentials', client_secret: apiKey };
      return (await world.api.done('POST', '/identity/token', request)).access_token;
    };
    const [ended, good] = [await tokenFor(key), await tokenFor(next.apiKey)];
    const asking = [
      ['/v1/submissions', key],
      ...['/v1/submissions', '/adjudication/claims/none', '/payment/visits/none'].map(
        (path) => [path, ended] as const,
      ),
      [`/visit-ledger/visits/${institutionId}-none`, ended],
    ] as const;
    const answers = () =>
      Promise.all(
        asking.map(async ([path, credential]) => {
          const headers = { authorization: `Bearer ${credential}` };
          return (await world.api.askAs(headers, 'GET', path)).status;
        }),
      );
    expect(await answers()).not.toContain(401);
    const rows = await world.api.get(`/identity/institution-keys?institutionId=${institutionId}`);
    const old = rows.find(({ keyId }: { keyId: string }) => keyId !== next.keyId);
    await world.api.done('DELETE', `${keysOf}/${old.keyId}`);
    const endedAtMs = Date.now();
    await eventually(async () => expect(new Set(await answers())).toEqual(new Set([401])));
    expect(Date.now() - endedAtMs).toBeLessThan(5_000);
    const headers = { authorization: `Bearer ${good}` };
    expect((await world.api.askAs(headers, 'GET', '/v1/submissions')).status).toBe(200);
  }, 120_000);
};
