import { eventually } from '@caretab/hospital';
import { mobileOf } from '../identity-numbers';
import { World } from '../world';

const world = new World('mobile-is-proven');
const [wrong, right] = [mobileOf('mobile-is-proven/wrong'), mobileOf('mobile-is-proven/right')];

const begin = (citizen: { readonly name: string; readonly idNumber: string }, mobile: string) =>
  world.api.done('POST', '/identity/activations', {
    ...{ purpose: 'mobile', channel: 'desk' },
    ...{ name: citizen.name, idNumber: citizen.idNumber, mobile },
  });
const becomes = (activationId: string, expected: object) =>
  eventually(async () =>
    expect(await world.api.get(`/identity/activations/${activationId}`)).toMatchObject(expected),
  );
const maskedMobileOf = async (personId: string): Promise<string> =>
  (await world.api.get<{ mobile: string }>(`/identity/persons/${personId}`)).mobile;

test('another number is taken over once the registry pushes it back and its code is given', async () => {
  const citizen = await world.citizen({ enrolled: false });
  const known = await maskedMobileOf(citizen.personId);
  const { name, idNumber } = citizen;
  await world.api.done('POST', '/identity/persons', { name, idNumber, mobile: wrong });
  expect(await maskedMobileOf(citizen.personId)).toBe(known);
  await world.registers(idNumber, { mobile: right, behaviour: 'error-once' });
  const { activationId } = await begin(citizen, wrong);
  await becomes(activationId, { status: 'awaiting-number', reason: 'MOBILE_DIFFERS' });
  expect(world.codesTo(wrong)).toEqual([]);
  expect(await begin(citizen, right)).toMatchObject({ activationId, attempt: 2 });
  await becomes(activationId, { status: 'awaiting-code' });
  const [code] = await eventually(async () => {
    const codes = world.codesTo(right);
    expect(codes).toHaveLength(1);
    return codes;
  });
  expect(await maskedMobileOf(citizen.personId)).toBe(known);
  await world.api.done('POST', `/identity/activations/${activationId}/code`, { code });
  expect(await maskedMobileOf(citizen.personId)).toBe(`${right.slice(0, 3)}****${right.slice(-4)}`);
});

test('where no number is registered, two persons at a window confirm it, and a code proves it', async () => {
  const citizen = await world.citizen({ enrolled: false });
  const mobile = mobileOf('mobile-is-proven/window');
  const { activationId, attempt } = await begin(citizen, mobile);
  await becomes(activationId, { status: 'at-window', reason: 'MOBILE_NOT_REGISTERED' });
  const path = `/identity/persons/${citizen.personId}/activation/confirmation`;
  const seen = { activationId, attempt, saw: 'id-card' };
  expect((await world.api.ask('POST', path, seen)).body).toMatchObject({ code: 'APPROVAL_NEEDED' });
  await world.api.doneByTwo('POST', path, seen);
  await becomes(activationId, { status: 'awaiting-code' });
  const [code] = world.codesTo(mobile);
  await world.api.done('POST', `/identity/activations/${activationId}/code`, { code });
  await becomes(activationId, { status: 'done' });
});

test('an answer that is forged is not believed', async () => {
  const citizen = await world.citizen({ enrolled: false });
  const mobile = mobileOf('mobile-is-proven/forged');
  await world.registers(citizen.idNumber, { mobile, behaviour: 'forged' });
  const { activationId } = await begin(citizen, mobile);
  await world.quiet();
  await becomes(activationId, { status: 'awaiting-registry' });
  expect(world.codesTo(mobile)).toEqual([]);
});
