import { MemoryStore } from '@caretab/store';
import { CreditFixture, personOf } from '../../test/holds.suite';

let world: CreditFixture;
let person: string;
beforeEach(async () => {
  world = new CreditFixture(new MemoryStore());
  person = await world.enrolled('a');
  await world.opens(person, 'v');
});

const impossible = (field: string) => ({ code: 'MESSAGE_IMPOSSIBLE', details: { field } });
const lineOf = async (personId: string): Promise<object> => {
  const { heldFen, outstandingFen } = (await world.account(personId))!;
  return { heldFen, outstandingFen };
};

describe('the ledger writes within its rights, and it cannot be', () => {
  test('a settlement frees no more of the line than a verdict made due', async () => {
    await expect(world.settled(person, 'v', 0)).rejects.toMatchObject(impossible('/patientDueFen'));
    expect(await lineOf(person)).toEqual({ heldFen: 20_000, outstandingFen: 0 });
    await world.adjudicated(person, 'v', 500);
    await expect(world.settled(person, 'v', 499)).rejects.toMatchObject(
      impossible('/patientDueFen'),
    );
    await expect(world.settled(person, 'v', 500, 2)).rejects.toMatchObject(
      impossible('/patientDueFen'),
    );
    expect(await lineOf(person)).toEqual({ heldFen: 0, outstandingFen: 500 });
    await world.settled(person, 'v', 500);
    expect(await lineOf(person)).toEqual({ heldFen: 0, outstandingFen: 0 });
  });

  test('an adult’s bill goes to no one else’s line, and a child’s to its new guardian’s', async () => {
    const other = await world.enrolled('b');
    await expect(world.adjudicated(person, 'v', 500, 1, other)).rejects.toMatchObject(
      impossible('/accountPersonId'),
    );
    expect(await lineOf(other)).toEqual({ heldFen: 0, outstandingFen: 0 });
    const child = await world.registered('c', true);
    await world.guardian(child, person);
    await world.adjudicated(child, 'w', 500, 1, other);
    expect(await lineOf(other)).toEqual({ heldFen: 0, outstandingFen: 500 });
  });

  test('nothing of a visit is another person’s', async () => {
    const stranger = personOf('stranger');
    const differs = impossible('/personId');
    await expect(world.adjudicated(stranger, 'v', 500)).rejects.toMatchObject(differs);
    await expect(world.cancelled(stranger, 'v')).rejects.toMatchObject(differs);
    expect(await lineOf(person)).toEqual({ heldFen: 20_000, outstandingFen: 0 });
  });
});

test('a person whose service is open is not forgotten', async () => {
  await expect(world.forgets(person)).rejects.toMatchObject(impossible('/personId'));
  await world.cancelled(person, 'v');
  await world.closings.closeForErasure(person, true);
  await world.forgets(person);
  await expect(world.enrolments.open(person)).rejects.toThrow('PERSON_UNKNOWN');
});
