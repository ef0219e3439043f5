import { eventually } from '@caretab/hospital';
import { caretabByTwo, caretabOn } from '../caretab';
import { CONSULTATION } from '../catalogue';
import { World } from '../world';

const world = new World('hospital-changes-its-key');
/** A key that ended is refused within so long, by every process of every service. */
const REFUSED_AFTER_MS_MAX = 5_000;

/** What the edge, or a service for a token, answers. */
const answered = async (credential: string, path: string): Promise<string> => {
  const headers = { authorization: `Bearer ${credential}` };
  const { status, body } = await world.api.askAs(headers, 'GET', path);
  return `${status} ${body.code ?? ''}`.trim();
};
const tokenFor = async (apiKey: string): Promise<string> => {
  const request = { grant_type: 'client_credentials', client_secret: apiKey };
  return (await world.api.done('POST', '/identity/token', request)).access_token;
};

test('a hospital changes its key without an outage; the old one and its tokens end within seconds', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const { institutionId } = hospital;
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const ofHospital = ['--institution', institutionId];
  const made = await caretabByTwo(world)('keys', 'issue', ...ofHospital);
  const { apiKey, keyId } = JSON.parse(made.out);
  const path = '/v1/submissions';
  expect(await answered(apiKey, path)).toBe('200');
  await visit.charges(CONSULTATION);
  const third = await caretabByTwo(world)('keys', 'issue', ...ofHospital);
  expect(third.err).toContain('API_KEYS_TOO_MANY');

  const rows: any[] = JSON.parse(caretabOn(world)('keys', 'list', ...ofHospital, '--json').out);
  const old = rows.find((row) => row.keyId !== keyId);
  expect(old).toMatchObject({ prefix: expect.stringMatching(/^ctk_/), usedAt: expect.any(String) });
  expect(JSON.stringify(rows)).not.toContain(apiKey);
  const claims = `/adjudication/claims/${encodeURIComponent(visit.visitId)}`;
  const oldKey = hospital.key;
  const [oldToken, newToken] = [await tokenFor(oldKey), await tokenFor(apiKey)];
  const asOfOld = await answered(oldToken, claims);
  expect(asOfOld).not.toMatch(/^40[13]/);

  expect(caretabOn(world)('keys', 'end', old.keyId, ...ofHospital)).toMatchObject({ status: 0 });
  const began = Date.now();
  await eventually(async () => {
    expect(await answered(oldKey, path)).toBe('401 UNAUTHENTICATED');
    expect(await answered(oldToken, path)).toBe('401 UNAUTHENTICATED');
    expect(await answered(oldToken, claims)).toBe('401 UNAUTHENTICATED');
  });
  expect(Date.now() - began).toBeLessThan(REFUSED_AFTER_MS_MAX);
  expect(await answered(apiKey, path)).toBe('200');
  expect(await answered(newToken, claims)).toBe(asOfOld);
});

test('a key for reading reports nothing, and one that leaked ends with all others', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const ofHospital = ['--institution', hospital.institutionId];
  const { out } = await caretabByTwo(world)('keys', 'issue', ...ofHospital, '--scope', 'read');
  const { apiKey } = JSON.parse(out);
  for (const credential of [apiKey, await tokenFor(apiKey)]) {
    expect(await answered(credential, '/v1/submissions')).toBe('200');
    const headers = { authorization: `Bearer ${credential}`, 'idempotency-key': 'reads-alone-1' };
    const opened = await world.api.askAs(headers, 'POST', '/v1/visits', {
      ...{ visitNumber: 'R1', visitClass: 'outpatient', startedAt: '2026-03-02T09:00:00+08:00' },
      credential: { type: 'id-number', value: '11010519491231002X' },
    });
    expect(opened).toMatchObject({ status: 403, body: { code: 'ACCESS_FORBIDDEN' } });
  }
  const renewed = await caretabByTwo(world)('keys', 'renew', ...ofHospital);
  const fresh = JSON.parse(renewed.out).apiKey;
  await eventually(async () => {
    expect(await answered(apiKey, '/v1/submissions')).toBe('401 UNAUTHENTICATED');
    expect(await answered(fresh, '/v1/submissions')).toBe('200');
  });
});
