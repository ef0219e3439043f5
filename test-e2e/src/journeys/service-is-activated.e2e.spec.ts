import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('service-is-activated');

interface Shown {
  readonly status: string;
  readonly awaits?: readonly { readonly purpose: string; readonly hash: string }[];
}

const becomes = (activationId: string, expected: object): Promise<Shown> =>
  eventually(async () => {
    const shown = await world.api.get<Shown>(`/identity/activations/${activationId}`);
    expect(shown).toMatchObject(expected);
    return shown;
  });

/** Name, ID number and mobile number as they are typed in; the registry knows which is right. */
const begin = (citizen: { readonly name: string; readonly idNumber: string }, mobile: string) =>
  world.api.done('POST', '/identity/activations', {
    ...{ purpose: 'service', channel: 'kiosk', mobile },
    ...{ name: citizen.name, idNumber: citizen.idNumber },
  });

const proves = async (activationId: string, mobile: string): Promise<void> => {
  await becomes(activationId, { status: 'awaiting-code' });
  const code = await eventually(async () => {
    const codes = world.codesTo(mobile);
    expect(codes.length).toBeGreaterThan(0);
    return codes.at(-1)!;
  });
  await world.api.done('POST', `/identity/activations/${activationId}/code`, { code });
};

const agrees = async (activationId: string): Promise<void> => {
  const { awaits } = await becomes(activationId, { status: 'awaiting-consents' });
  const consents = awaits!.map(({ purpose, hash }) => ({ purpose, hash }));
  await world.api.done('POST', `/identity/activations/${activationId}/consents`, { consents });
};

test('an adult opens with a wrong phone, then the right one: proven, insured, agreed, and with a line', async () => {
  const citizen = await world.citizen({ enrolled: false });
  const { personId, idNumber, mobile } = citizen;
  await world.registers(idNumber, { mobile });
  const { activationId } = await begin(citizen, '13900007788');
  await becomes(activationId, { status: 'awaiting-number', reason: 'MOBILE_DIFFERS' });
  expect((await world.api.ask('GET', `/credit/accounts/${personId}`)).status).toBe(404);
  expect(await begin(citizen, mobile)).toMatchObject({ activationId });
  await proves(activationId, mobile);
  await agrees(activationId);
  await becomes(activationId, { status: 'done' });
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'open' });
  const { inForce } = await world.api.get<any>(`/identity/persons/${personId}/consents`);
  expect(inForce).toEqual(expect.arrayContaining(['service', 'sensitive-data', 'score']));
});

test('a child opens by the guardian’s phone, on the guardian’s line', async () => {
  const guardian = await world.citizen();
  const child = await world.citizen({ born: 2016, guardian, enrolled: false });
  await world.registers(guardian.idNumber, { mobile: guardian.mobile });
  const { activationId } = await begin(child, guardian.mobile);
  await proves(activationId, guardian.mobile);
  await agrees(activationId);
  await becomes(activationId, { status: 'done', guardianId: guardian.personId });
  expect(await world.lineOf(child)).toMatchObject({ accountPersonId: guardian.personId });
});
