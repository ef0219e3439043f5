import { type DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
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
  const cards = cardsOn(world);
  const deaths = new Deaths({ store, clock, persons, vault, cards: cards.moves });
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
  return { ...world, ...cards, deaths, personId, said, agrees };
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

  test('cards of who has died are frozen; those of them alone are valid again that were', async () => {
    const { deaths, cards, list, persons, personId } = await worldOn(await open());
    const desk = { by: 'staff/desk', why: 'shown at the desk' };
    const counter = { mode: 'bank-counter', by: 'staff/desk' } as const;
    const statuses = async () =>
      Object.fromEntries(
        (await cards.list(personId)).map(({ medium, status }) => [medium, status]),
      );
    const electronic = { ...counter, medium: 'electronic', number: 'EC-1' } as const;
    const { card } = await cards.issue(personId, electronic);
    const code = { ...counter, medium: 'code', number: 'QR-1' } as const;
    const { cardId } = (await cards.issue(personId, code)).card;
    await cards.change(personId, cardId, 'freeze', desk);
    await deaths.record(personId, '2026-02-27', PAPER);
    expect(await statuses()).toEqual({ physical: 'frozen', electronic: 'frozen', code: 'frozen' });
    expect(await codeOf(persons.resolve('health-card', 'EC-1'))).toBe('PERSON_DIED');
    // What a desk froze before has a reason of its own.
    expect(await codeOf(persons.resolve('qr', 'QR-1'))).toBe('CARD_NOT_VALID');
    expect(
      (await cards.list(personId)).map(({ medium, frozenFor }) => [medium, frozenFor]),
    ).toEqual(
      expect.arrayContaining([
        ['electronic', 'PERSON_DIED'],
        ['code', undefined],
      ]),
    );
    const listed = (await list.after(0)).entries;
    expect(listed.map(({ list: of, why }) => [of, why])).toEqual(
      listed.map(() => ['black', 'frozen']),
    );
    const two = { ...desk, approvedBy: 'staff/other' };
    expect(await codeOf(cards.change(personId, card.cardId, 'unfreeze', two))).toBe('PERSON_DIED');
    for (const another of [
      cards.issue(personId, { ...code, number: 'QR-2' }),
      cards.replace(personId, card.cardId, { ...desk, number: 'EC-2' }),
      persons.register({ ...adult, credentials: [{ type: 'qr', value: 'QR-3' }] }),
    ])
      expect(await codeOf(another)).toBe('PERSON_DIED');
    await cards.change(personId, card.cardId, 'report-lost', desk);
    await deaths.takeBack(personId, { ...PAPER, paper: 'D-18' });
    expect(await statuses()).toEqual({ physical: 'active', electronic: 'lost', code: 'frozen' });
    expect(await persons.resolve('health-card', 'HC-3301-000001')).toBe(personId);
  });

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
