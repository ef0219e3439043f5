import { generateKeyPairSync, sign } from 'node:crypto';
import { consentKeyStatement, type ConsentPurpose, consentStatement } from '@caretab/contracts';
import { publicBytesOf } from '@caretab/kernel';
import { isSignedBy, signBySm2, sm2PublicKeyOf } from '@caretab/security';
import type { Store } from '@caretab/store';
import { ConsentKeys } from '../src/consent/consent-keys';
import { DESK } from './activations.suite';
import { CITIZEN, codeOf, consentWorldOn } from './consents.suite';
import { child } from './persons.suite';

const ERASURE = 'e-00000000-0000-4000-8000-000000000001';
type Sign = (text: string) => string;
const base64 = (bytes: Buffer): string => bytes.toString('base64url');

/** A device's key, and how it signs. */
const devices = {
  Ed25519: (): { publicKey: string; sign: Sign } => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return {
      publicKey: base64(publicBytesOf(privateKey)),
      sign: (text) => base64(sign(null, Buffer.from(text), privateKey)),
    };
  },
  SM2: (): { publicKey: string; sign: Sign } => {
    const seed = publicBytesOf(generateKeyPairSync('ed25519').privateKey);
    return {
      publicKey: base64(sm2PublicKeyOf(seed)),
      sign: (text) => base64(signBySm2(seed, Buffer.from(text))),
    };
  },
};

const worldOn = async (store: Store) => {
  const world = await consentWorldOn(store);
  const { clock, ids, persons, consents, personId } = world;
  const keys = new ConsentKeys({ store, clock, ids, persons, signatures: consents.signatures });
  const now = () => clock.now().toISOString();
  const registers = async (
    owner: string,
    algorithm: keyof typeof devices = 'Ed25519',
    device = devices[algorithm](),
  ) => {
    const said = { personId: owner, algorithm, publicKey: device.publicKey, signedAt: now() };
    const proof = { signedAt: said.signedAt, value: device.sign(consentKeyStatement(said)) };
    const { keyId } = await keys.register(owner, { ...said, proof });
    return { keyId, ...device };
  };
  type Key = Awaited<ReturnType<typeof registers>>;
  const statementOf = (
    { keyId }: Key,
    purpose: ConsentPurpose,
    given: boolean,
    { byPersonId = personId, whose = personId, signedAt = now() } = {},
  ) => {
    const text = consents.texts().find((one) => one.purpose === purpose && one.language === 'zh')!;
    const { version, language, hash } = text;
    const what = { keyId, personId: whose, byPersonId, purpose, given, version, language, hash };
    return { hash, signedAt, statement: consentStatement({ ...what, channel: 'app', signedAt }) };
  };
  const answer = (
    key: Key,
    purpose: ConsentPurpose,
    more: Parameters<typeof statementOf>[3] = {},
  ) => {
    const { hash, signedAt, statement } = statementOf(key, purpose, true, more);
    const signature = { keyId: key.keyId, signedAt, value: key.sign(statement) };
    return { purpose, hash, signature };
  };
  const taken = (key: Key, purpose: ConsentPurpose) => {
    const { signedAt, statement } = statementOf(key, purpose, false);
    return { purpose, keyId: key.keyId, signedAt, value: key.sign(statement) };
  };
  const destroys = (whose: string) =>
    store.transact((transaction) =>
      world.destruction.destroy(transaction, { personId: whose, erasureId: ERASURE }, clock.now()),
    );
  return { ...world, keys, registers, answer, taken, destroys };
};

/** Consents that citizens sign, held by both stores. */
export const signedConsentsSuite = (open: () => Promise<Store>): void => {
  test.each(['Ed25519', 'SM2'] as const)(
    'a consent and its revocation are signed by %s, and checked with what is shown alone',
    async (algorithm) => {
      const { desk, consents, personId, registers, answer, taken } = await worldOn(await open());
      const key = await registers(personId, algorithm);
      const signed = answer(key, 'score');
      await desk.add(personId, [signed], CITIZEN);
      await desk.add(personId, [signed], CITIZEN); // A lost answer, asked again.
      const revocation = { ...CITIZEN, signatures: [taken(key, 'score')] };
      await desk.revoke(personId, ['score'], revocation);
      await desk.revoke(personId, ['score'], revocation);
      const { consents: shown, texts } = await consents.show(personId, [{ person: personId }]);
      expect(shown.map(({ given }) => given)).toEqual([false, true]);
      for (const { signature } of shown) {
        expect(signature?.text).toBe(
          texts.find((one) => one.purpose === 'score' && one.language === 'zh')!.text,
        );
        const publicKey = Buffer.from(signature!.publicKey!, 'base64url');
        const [text, value] = [Buffer.from(signature!.statement), signature!.value];
        const by = { algorithm: signature!.algorithm!, publicKey };
        expect(isSignedBy(by, text, Buffer.from(value, 'base64url'))).toBe(true);
        expect(signature!.statement).toContain(`person: ${personId}`);
      }
    },
  );

  test('a signature over another text, by another’s key or a revoked one is refused by field', async () => {
    const world = await worldOn(await open());
    const { desk, keys, persons, personId, registers, answer, inForce } = world;
    const key = await registers(personId);
    const refused = async (one: ReturnType<typeof answer>) =>
      desk.add(personId, [answer(key, 'bank'), one], CITIZEN).then(
        () => 'done',
        (error) => [error.code, error.details.field],
      );
    const score = answer(key, 'score');
    const ofBank = { ...score, signature: answer(key, 'bank').signature };
    expect(await refused(ofBank)).toEqual([
      ...['CONSENT_SIGNATURE_WRONG', '/consents/1/signature/value'],
    ]);
    const elsewhere = answer(key, 'score', { whose: 'p-other' });
    expect(await refused(elsewhere)).toEqual([
      ...['CONSENT_SIGNATURE_WRONG', '/consents/1/signature/value'],
    ]);
    const old = answer(key, 'score', { signedAt: '2026-03-01T00:00:00.000Z' });
    expect(await refused(old)).toEqual([
      ...['CONSENT_SIGNATURE_OLD', '/consents/1/signature/signedAt'],
    ]);
    const other = (await persons.register(child)).personId;
    const foreign = await registers(other);
    expect(await refused(answer(foreign, 'score'))).toEqual([
      ...['CONSENT_KEY_NOT_VALID', '/consents/1/signature/keyId'],
    ]);
    const spare = await registers(personId);
    await keys.revoke(personId, spare.keyId, { ...CITIZEN, paper: undefined });
    expect(await refused(answer(spare, 'score'))).toEqual([
      ...['CONSENT_KEY_NOT_VALID', '/consents/1/signature/keyId'],
    ]);
    expect(await inForce()).toEqual([]);
  });

  test('what was signed once is not taken again, after it was taken back', async () => {
    const { desk, personId, registers, answer, inForce } = await worldOn(await open());
    const signed = answer(await registers(personId), 'score');
    await desk.add(personId, [signed], CITIZEN);
    await desk.revoke(personId, ['score'], CITIZEN);
    expect(await codeOf(desk.add(personId, [signed], CITIZEN))).toBe('CONSENT_SIGNATURE_OLD');
    expect(await inForce()).toEqual([]);
  });

  test('a key is registered by who has its private half, for one person, five at a time', async () => {
    const { keys, persons, personId, registers } = await worldOn(await open());
    const device = devices.Ed25519();
    const { keyId } = await registers(personId, 'Ed25519', device);
    expect((await registers(personId, 'Ed25519', device)).keyId).toBe(keyId);
    const other = (await persons.register(child)).personId;
    expect(await codeOf(registers(other, 'Ed25519', device))).toBe('CONSENT_KEY_NOT_VALID');
    const thief = { publicKey: devices.Ed25519().publicKey, sign: device.sign };
    expect(await codeOf(registers(personId, 'Ed25519', thief))).toBe('CONSENT_SIGNATURE_WRONG');
    for (let at = 1; at < 5; at++) await registers(personId);
    expect(await codeOf(registers(personId))).toBe('CONSENT_KEYS_TOO_MANY');
    const noPaper = { subject: DESK.subject, paper: undefined };
    expect(await codeOf(keys.revoke(personId, keyId, noPaper))).toBe('PAPER_NEEDED');
    await keys.revoke(personId, keyId, { ...noPaper, paper: 'F-19' });
    expect(await codeOf(registers(personId, 'Ed25519', device))).toBe('CONSENT_KEY_NOT_VALID');
    const { keys: listed } = await keys.list(personId);
    expect(listed.filter(({ revokedAt }) => revokedAt)).toMatchObject([{ keyId }]);
  });

  test('a guardian signs for a ward with the guardian’s own key; its erasure destroys the key', async () => {
    const world = await worldOn(await open());
    const { desk, persons, guardianships, consents, personId, registers, answer } = world;
    const ward = (await persons.register(child)).personId;
    await guardianships.appoint(ward, { guardianId: personId, relation: '5' });
    const key = await registers(personId);
    const wards = await registers(ward);
    const bySelf = answer(wards, 'score', { whose: ward });
    expect(await codeOf(desk.add(ward, [bySelf], CITIZEN))).toBe('CONSENT_KEY_NOT_VALID');
    await desk.add(ward, [answer(key, 'score', { whose: ward })], CITIZEN);
    const seen = async () => (await consents.show(ward, [{ person: ward }])).consents[0]!;
    expect(await seen()).toMatchObject({
      ...{ byPersonId: personId, signature: { keyId: key.keyId, publicKey: key.publicKey } },
    });
    const receipt = await world.destroys(personId);
    expect(receipt).toContainEqual({ service: 'identity', table: 'consent_key', rows: 1 });
    const after = await seen();
    expect(after.signature).toMatchObject({ keyId: key.keyId, value: expect.any(String) });
    expect(after.signature).not.toHaveProperty('publicKey');
  });
};
