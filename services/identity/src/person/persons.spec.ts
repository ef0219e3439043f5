import { MemoryStore } from '@caretab/store';
import { erasuresSuite } from '../../test/erasures.suite';
import { adult, child, identityOn, idNumberOf, personsSuite } from '../../test/persons.suite';

describe('identity', () => personsSuite(async () => new MemoryStore()));
describe('an erasure', () => erasuresSuite(async () => new MemoryStore()));

test.each([
  ['a name of one character', { name: '林' }, 'NAME_INVALID'],
  [
    'an ID number with a wrong check character',
    { idNumber: adult.idNumber.slice(0, 17) + (adult.idNumber[17] === '0' ? '1' : '0') },
    'ID_NUMBER_INVALID',
  ],
  ['an ID number born tomorrow', { idNumber: idNumberOf('20260303') }, 'ID_NUMBER_INVALID'],
  ['a mobile number that is none', { mobile: '057188880000' }, 'MOBILE_INVALID'],
])('nobody is registered with %s', async (_case, wrong, code) => {
  const { persons } = identityOn(new MemoryStore());
  const given = { ...adult, ...wrong };
  const error = await persons.register(given).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code });
  for (const secret of [given.name, given.idNumber, given.mobile])
    expect(String((error as Error).message)).not.toContain(secret);
});

test('an old ID number of 15 digits is the same person', async () => {
  const { persons } = identityOn(new MemoryStore());
  const { personId } = await persons.register(adult);
  expect(
    await persons.resolve('id-number', adult.idNumber.slice(0, 6) + adult.idNumber.slice(8, 17)),
  ).toBe(personId);
});

test('a screen sees a masked person', async () => {
  const { persons } = identityOn(new MemoryStore());
  const { personId } = await persons.register(adult);
  expect(await persons.show(personId)).toEqual({
    personId,
    name: '林**',
    idNumber: expect.stringMatching(/^330\*{13}..$/),
    mobile: '139****0001',
    email: 'q*********@example.cn',
    minor: false,
  });
});

describe('a guardian', () => {
  test('is an adult who acts for a person under 18, by the day in Shanghai', async () => {
    const { persons, guardianships, clock } = identityOn(new MemoryStore());
    const { personId: guardianId } = await persons.register(adult);
    const { personId: almost } = await persons.register({
      ...child,
      idNumber: idNumberOf('20080303'),
    });
    await expect(
      guardianships.appoint(guardianId, { guardianId: almost, relation: '5' }),
    ).rejects.toThrow('WARD_NOT_MINOR');
    const { personId: childId } = await persons.register(child);
    await expect(
      guardianships.appoint(childId, { guardianId: almost, relation: '7' }),
    ).rejects.toThrow('GUARDIAN_NOT_ADULT');
    await expect(
      guardianships.appoint(childId, { guardianId: childId, relation: '9' }),
    ).rejects.toThrow('GUARDIAN_IS_SELF');
    await expect(
      guardianships.appoint(childId, { guardianId: 'p-none', relation: '5' }),
    ).rejects.toThrow('PERSON_UNKNOWN');
    clock.set('2026-03-02T16:00:00Z'); // Midnight of 3 March in Shanghai: the eighteenth birthday.
    await guardianships.appoint(childId, { guardianId: almost, relation: '7' });
    expect(await persons.show(almost)).toMatchObject({ minor: false });
  });
});

test.each([
  ['another birth date', { birthDate: '1980-06-16' }, '/birthDate'],
  ['another sex', { sex: 'female' as const }, '/sex'],
])(
  'an ID number that says %s is refused, and nothing is registered',
  async (_what, said, field) => {
    const { persons } = identityOn(new MemoryStore());
    await expect(persons.register({ ...adult, ...said })).rejects.toMatchObject({
      code: 'IDENTITY_CONTRADICTS',
      kind: 'unprocessable',
      details: { field },
    });
    await expect(persons.resolve('id-number', adult.idNumber)).rejects.toThrow('PERSON_UNKNOWN');
    const right = { birthDate: '1980-06-15', sex: 'male' as const };
    expect(await persons.register({ ...adult, ...right })).toMatchObject({ created: true });
  },
);

test('a name in another writing is the same name', async () => {
  const { persons } = identityOn(new MemoryStore());
  const { personId } = await persons.register({ ...adult, name: '买买提·艾力' });
  for (const name of ['买买提・艾力', '买买提.艾力', ' 买买提‧艾力 '])
    expect(await persons.register({ ...adult, name })).toEqual({ personId, created: false });
  await expect(persons.register({ ...adult, name: '买买提·艾利' })).rejects.toThrow(
    'PERSON_CONFLICT',
  );
});
