import { eventually } from '@caretab/hospital';
import type { Hospital } from '../hospital';
import { World } from '../world';

const world = new World('service-is-activated');

interface Shown {
  readonly activationId: string;
  readonly status: string;
  readonly awaits?: readonly { readonly purpose: string; readonly hash: string }[];
}
type Person = { readonly name: string; readonly idNumber: string };

let hospital: Hospital;
let kiosk: Kiosk;

/** A hospital's self-service kiosk: with a key for that alone. */
class Kiosk {
  constructor(private readonly key: string) {}

  asks(method: string, path: string, body?: object) {
    return world.api.askAs({ authorization: `Bearer ${this.key}` }, method, path, body);
  }

  async gets<Body = Shown>(method: string, path: string, body?: object): Promise<Body> {
    const answer = await this.asks(method, path, body);
    expect([path, answer.status, answer.body?.code]).toEqual([path, expect.any(Number), undefined]);
    return answer.body as Body;
  }

  /** Name, ID number and mobile number as they are typed in; the registry knows which is right. */
  begins({ name, idNumber }: Person, mobile: string): Promise<Shown> {
    const body = { channel: 'kiosk', name, idNumber, mobile };
    return this.gets('POST', '/v1/activations', body);
  }

  becomes(activationId: string, expected: object): Promise<Shown> {
    return eventually(async () => {
      const shown = await this.gets('GET', `/v1/activations/${activationId}`);
      expect(shown).toMatchObject(expected);
      return shown;
    });
  }

  async proves(activationId: string, mobile: string, codes = 1): Promise<void> {
    await this.becomes(activationId, { status: 'awaiting-code' });
    const code = await eventually(async () => {
      const sent = world.codesTo(mobile);
      expect(sent).toHaveLength(codes);
      return sent.at(-1)!;
    });
    await this.gets('POST', `/v1/activations/${activationId}/code`, { code });
  }

  async agrees(activationId: string): Promise<void> {
    const { awaits } = await this.becomes(activationId, { status: 'awaiting-consents' });
    const consents = awaits!.map(({ purpose, hash }) => ({ purpose, hash }));
    await this.gets('POST', `/v1/activations/${activationId}/consents`, { consents });
  }
}

const kioskOf = async ({ institutionId }: Hospital): Promise<Kiosk> => {
  const path = `/identity/institutions/${institutionId}/keys`;
  const { apiKey } = await world.api.doneByTwo('POST', path, { scopes: ['activate'] });
  return new Kiosk(apiKey);
};

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http' });
  kiosk = await kioskOf(hospital);
});

test('an adult opens at a kiosk with a wrong phone, then the right one: proven, agreed, and with a line', async () => {
  const citizen = await world.citizen({ enrolled: false });
  const { personId, idNumber, mobile } = citizen;
  await world.registers(idNumber, { mobile });
  const { activationId } = await kiosk.begins(citizen, '13900007788');
  await kiosk.becomes(activationId, { status: 'awaiting-number', reason: 'MOBILE_DIFFERS' });
  expect((await world.api.ask('GET', `/credit/accounts/${personId}`)).status).toBe(404);
  const again = await kiosk.begins(citizen, mobile);
  expect(again).toMatchObject({ activationId, institutionId: hospital.institutionId });
  expect(again).not.toHaveProperty('mobile');
  await kiosk.proves(activationId, mobile);
  await kiosk.agrees(activationId);
  await kiosk.becomes(activationId, { status: 'done' });
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'open' });
  const { inForce, consents } = await world.api.get<any>(`/identity/persons/${personId}/consents`);
  expect(inForce).toEqual(expect.arrayContaining(['service', 'sensitive-data', 'score']));
  expect(consents[0]).toMatchObject({
    ...{ channel: 'kiosk', institutionId: hospital.institutionId },
    evidence: `activation ${activationId}`,
  });
});

test('a child opens at a kiosk by the guardian’s phone, on the guardian’s line', async () => {
  const guardian = await world.citizen();
  const child = await world.citizen({ born: 2016, guardian, enrolled: false });
  await world.registers(guardian.idNumber, { mobile: guardian.mobile });
  const { activationId } = await kiosk.begins(child, guardian.mobile);
  await kiosk.proves(activationId, guardian.mobile);
  await kiosk.agrees(activationId);
  await kiosk.becomes(activationId, { status: 'done', guardianId: guardian.personId });
  expect(await world.lineOf(child)).toMatchObject({ accountPersonId: guardian.personId });
});

test('at another hospital’s kiosk the phone is proven again, and the first one sees it no more', async () => {
  const citizen = await world.citizen({ enrolled: false });
  await world.registers(citizen.idNumber, { mobile: citizen.mobile });
  const { activationId } = await kiosk.begins(citizen, citizen.mobile);
  await kiosk.proves(activationId, citizen.mobile);
  await kiosk.becomes(activationId, { status: 'awaiting-consents' });
  const elsewhere = await kioskOf(await world.hospital({ door: 'http' }));
  const path = `/v1/activations/${activationId}`;
  expect((await elsewhere.asks('GET', path)).body.code).toBe('ACTIVATION_UNKNOWN');
  expect(await elsewhere.begins(citizen, citizen.mobile)).toMatchObject({ activationId });
  await elsewhere.becomes(activationId, { status: 'awaiting-code' });
  const consents = [{ purpose: 'service', hash: '0'.repeat(64) }];
  expect((await elsewhere.asks('POST', `${path}/consents`, { consents })).body.code).toBe(
    'CONSENT_NOT_AWAITED',
  );
  expect((await kiosk.asks('GET', path)).body.code).toBe('ACTIVATION_UNKNOWN');
  await elsewhere.proves(activationId, citizen.mobile, 2);
  await elsewhere.agrees(activationId);
  await elsewhere.becomes(activationId, { status: 'done' });
});

test('a key that does not name it opens for no one, and one for it alone opens no visit', async () => {
  const body = { channel: 'kiosk', name: '王五', idNumber: '33010619791026602X', mobile: '1' };
  const refused = await hospital.posts('/v1/activations', body);
  expect([refused.status, refused.body.code]).toEqual([403, 'ACCESS_FORBIDDEN']);
  expect((await kiosk.asks('POST', '/v1/persons/resolve', {})).body.code).toBe('ACCESS_FORBIDDEN');
  const wrong = await kiosk.asks('POST', '/v1/activations', body);
  expect([wrong.status, wrong.body.code, wrong.text.includes('33010619')]).toEqual([
    400,
    'REQUEST_INVALID',
    false,
  ]);
});
