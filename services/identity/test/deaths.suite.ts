import { type DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { ConsentDesk } from '../src/consent/consent-desk';
import { Consents } from '../src/consent/consents';
import { Deaths } from '../src/death/deaths';
import { DESK } from './activations.suite';
import { adult, child, identityOn, outbox } from './persons.suite';

const PAPER = { paper: 'D-17', recordedBy: 'staff/a', approvedBy: 'staff/b' };

const worldOn = async (store: Store) => {
  const world = identityOn(store);
  const { clock, ids, persons, vault } = world;
  const consents = new Consents({ store, clock, ids });
  const desk = new ConsentDesk({ store, persons, consents, credit: { close: async () => {} } });
  const { personId } = await persons.register(adult);
  const deaths = new Deaths({ store, clock, persons, vault });
  const said = async () =>
    (await outbox(store))
      .map(({ headers, value }) => [headers['ce_type'], value as { revision: number }] as const)
      .filter(([type]) => type?.startsWith('PersonD'))
      .map(([type, { revision }]) => [type, revision]);
  const text = consents.texts().find((one) => one.purpose === 'score' && one.language === 'zh')!;
  const agrees = (whose = personId) =>
    desk.add(whose, [{ purpose: 'score', hash: text.hash }], {
      subject: DESK.subject,
      paper: 'F-17',
    });
  return { ...world, deaths, personId, said, agrees };
};

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.code,
  );

/** Deaths, by two persons and with evidence, held by both stores. */
export const deathsSuite = (open: () => Promise<Store>): void => {
  test('a death is recorded once, taken back once, and each is published with its revision', async () => {
    const { deaths, personId, said } = await worldOn(await open());
    await deaths.record(personId, '2026-02-27', PAPER);
    await deaths.record(personId, '2026-02-27', PAPER);
    expect(await codeOf(deaths.record(personId, '2026-02-26', PAPER))).toBe('DEATH_CONFLICT');
    await deaths.takeBack(personId, { ...PAPER, paper: 'D-18' });
    expect(await codeOf(deaths.takeBack(personId, PAPER))).toBe('DEATH_NOT_RECORDED');
    await deaths.record(personId, '2026-02-26', PAPER);
    expect(await said()).toEqual([
      ['PersonDied', 1],
      ['PersonDeathTakenBack', 2],
      ['PersonDied', 3],
    ]);
    expect(await deaths.show(personId)).toMatchObject({
      died: true,
      records: [
        { revision: 3, died: true, diedOn: '2026-02-26', paper: 'D-17' },
        { revision: 2, died: false, paper: 'D-18' },
        { revision: 1, died: true, diedOn: '2026-02-27', approvedBy: 'staff/b' },
      ],
    });
  });

  test.each(['2026-02-30', '2026-13-45', '1799-01-01', '2999-01-01'])(
    'a death on %s is refused by its field',
    async (day) => {
      const { deaths, personId } = await worldOn(await open());
      await expect(deaths.record(personId, day, PAPER)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        details: { faults: [{ field: '/diedOn' }] },
      });
    },
  );

  test('for who has died nothing is agreed to, and they become no guardian', async () => {
    const { deaths, personId, agrees, persons, guardianships } = await worldOn(await open());
    await agrees();
    await deaths.record(personId, '2026-02-27', PAPER);
    expect(await codeOf(agrees())).toBe('PERSON_DIED');
    const ward = await persons.register(child);
    const appointed = guardianships.appoint(ward.personId, {
      ...{ guardianId: personId, relation: '5' },
      evidence: { kind: 'birth-certificate', reference: 'B-1' },
    });
    expect(await codeOf(appointed)).toBe('PERSON_DIED');
    await deaths.takeBack(personId, PAPER);
    expect(await codeOf(agrees())).toBe('done');
  });

  test('of an unknown person none is recorded', async () => {
    const { deaths } = await worldOn(await open());
    const stranger = 'p-00000000-0000-4000-8000-000000000009';
    expect(await codeOf(deaths.record(stranger, '2026-02-27', PAPER))).toBe('PERSON_UNKNOWN');
  });
};
