import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '@caretab/hospital';
import { PROGRAM } from '../caretab';
import { machine } from '../machine';
import { World } from '../world';

const world = new World('consents-are-signed');
const folder = mkdtempSync(join(tmpdir(), 'caretab-consents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The citizen's app after a sign-in by password and one-time code. */
const signedIn = async (subjectId: string, personId: string): Promise<string> => {
  const path = `/identity/subjects/${subjectId}`;
  await world.api.doneByTwo('PUT', path, { roles: [{ kind: 'Citizen', person: personId }] });
  const { password, totpUri } = await world.api.doneByTwo('POST', `${path}/sign-in`);
  const { access_token } = await world.api.done('POST', '/identity/token', {
    ...{ grant_type: 'password', username: subjectId, password, otp: codeOf(totpUri) },
  });
  return `Bearer ${access_token}`;
};

/** A line of the statement each, as the contract prints them. */
const linesOf = (title: string, said: Readonly<Record<string, unknown>>): string =>
  [title, ...Object.entries(said).map(([name, value]) => `${name}: ${value}`)].join('\n');

test('a citizen’s device signs a consent, and anyone can check it with what is handed out', async () => {
  const { personId } = await world.citizen();
  const authorization = await signedIn('e2e-signer', personId);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signs = (text: string): string =>
    sign(null, Buffer.from(text), privateKey).toString('base64url');
  const own = `/identity/persons/${personId}`;
  const asks = (method: string, path: string, body?: unknown, by = authorization) =>
    world.api.askAs({ authorization: by }, method, `${own}${path}`, body);

  const registration = (signedAt = new Date().toISOString()) => {
    const { x } = publicKey.export({ format: 'jwk' });
    const said = { person: personId, algorithm: 'Ed25519', publicKey: x, signedAt };
    const value = signs(linesOf('caretab consent key 1', said));
    return { algorithm: 'Ed25519', publicKey: x, proof: { signedAt, value } };
  };
  const app = await machine(world, 'e2e-signer-app', [{ kind: 'Citizen', person: personId }]);
  const weak = `Bearer ${(await app.token()).body.access_token}`;
  expect(await asks('POST', '/consent-keys', registration(), weak)).toMatchObject({
    ...{ status: 403, body: { code: 'SECOND_FACTOR_NEEDED' } },
  });
  const registered = await asks('POST', '/consent-keys', registration());
  expect(registered.status).toBe(200);
  const { keyId } = registered.body;

  const { texts } = (await asks('GET', '/consents')).body;
  const { version, hash } = texts.find(
    (one: any) => one.purpose === 'bank' && one.language === 'en',
  );
  const answer = (given: boolean, over: object = {}) => {
    const signedAt = new Date().toISOString();
    const who = { key: keyId, person: personId, by: personId, purpose: 'bank', given, version };
    const what = { ...who, language: 'en', hash, channel: 'app', signedAt, ...over };
    return { keyId, signedAt, value: signs(linesOf('caretab consent 1', what)) };
  };
  const gives = (signature: object) =>
    asks('POST', '/consents', { consents: [{ purpose: 'bank', hash, signature }] });
  const wrong = await gives(answer(true, { purpose: 'score' }));
  expect(wrong).toMatchObject({ status: 400, body: { code: 'CONSENT_SIGNATURE_WRONG' } });
  expect(JSON.stringify(wrong.body.details)).toContain('/consents/0/signature/value');
  expect((await gives(answer(true))).status).toBe(204);
  const revocation = {
    ...{ purposes: ['bank'], signatures: [{ purpose: 'bank', ...answer(false) }] },
  };
  expect((await asks('POST', '/consents/revocation', revocation)).status).toBe(204);
  expect((await asks('DELETE', `/consent-keys/${keyId}`)).status).toBe(204);
  expect(await gives(answer(true))).toMatchObject({
    ...{ status: 403, body: { code: 'CONSENT_KEY_NOT_VALID' } },
  });

  const { body } = await asks('GET', '/consents');
  const check = (evidence: unknown) => {
    const file = join(folder, 'consents.json');
    writeFileSync(file, JSON.stringify(evidence));
    return spawnSync(process.execPath, [PROGRAM, 'check-consents', file], { encoding: 'utf8' });
  };
  const checked = check(body);
  expect(checked.status).toBe(0);
  expect(checked.stdout.match(/^bank .* signed$/gm)).toHaveLength(2);
  const changed = body.consents.map((one: object) => ({ ...one, given: true }));
  expect(check({ consents: changed }).status).toBe(1);
});
