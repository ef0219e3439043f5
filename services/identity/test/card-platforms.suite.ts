import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
import { erased, erasingOn } from './erasures.suite';
import { adult, child, identityOn, idNumberOf } from './persons.suite';

const hangzhou = { by: 'card-3301', scope: { region: '3301' } };
const ningbo = { by: 'card-3302', scope: { region: '3302' } };
const hospital = { by: 'hospital/H1', scope: { institutionId: 'H1' } };
let count = 0;
const next = () => ({ requestId: String(++count).padStart(32, '0') });

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return (error as DomainError).code;
  }
};

const worldOn = async (store: Store) => {
  const world = identityOn(store);
  const { personId } = await world.persons.register({ ...adult, credentials: [] });
  const holder = { idNumber: adult.idNumber, name: adult.name };
  return { ...world, ...cardsOn(world), personId, holder };
};
const physical = (number: string) => ({ medium: 'physical', number }) as const;

/** What card platforms ask and say, held by both stores. */
export const cardPlatformsSuite = (open: () => Promise<Store>): void => {
  test('whose an ID card is, is answered by yes or no, and a stranger as one of another name', async () => {
    const { platforms, holder, personId } = await worldOn(await open());
    expect(await platforms.holderOf(holder, hangzhou)).toBe(personId);
    expect(await platforms.holderOf({ ...holder, name: '王大力' }, hangzhou)).toBeUndefined();
    const stranger = { ...holder, idNumber: idNumberOf('19700101') };
    expect(await platforms.holderOf(stranger, hangzhou)).toBeUndefined();
    expect(await codeOf(platforms.holderOf({ ...holder, idNumber: '330106' }, hangzhou))).toBe(
      'ID_NUMBER_INVALID',
    );
  });

  test('who guesses names or cards is answered so often an hour, and others go on', async () => {
    const { platforms, holder, clock } = await worldOn(await open());
    const wrong = { ...holder, name: '王大力' };
    for (let count = 0; count < 30; count += 1) {
      expect(await platforms.holderOf(wrong, hangzhou)).toBeUndefined();
      expect(await platforms.check({ number: `HC-${count}` }, hangzhou)).toEqual({ valid: false });
    }
    expect(await codeOf(platforms.holderOf(holder, hangzhou))).toBe('LOOKUPS_TOO_MANY');
    expect(await codeOf(platforms.check({ number: 'HC-1' }, hangzhou))).toBe('LOOKUPS_TOO_MANY');
    expect(await platforms.holderOf(holder, ningbo)).toMatch(/^p-/);
    clock.set('2026-03-02T01:00:00Z');
    expect(await platforms.holderOf(holder, hangzhou)).toMatch(/^p-/);
  });

  test('a card is issued once, checked by anyone, and changed by its issuer alone', async () => {
    const { platforms, holder, cards, personId } = await worldOn(await open());
    const issue = { ...next(), ...holder, ...physical('HC-1') };
    const issued = await platforms.issue(issue, hangzhou);
    expect(issued).toMatchObject({ region: '3301', mode: 'platform', status: 'active' });
    expect(await platforms.issue(issue, hangzhou)).toMatchObject({ cardId: issued.cardId });
    expect(await codeOf(platforms.issue({ ...issue, number: 'HC-2' }, hangzhou))).toBe(
      'MESSAGE_CONFLICT',
    );
    expect(await codeOf(platforms.issue({ ...issue, ...next() }, ningbo))).toBe('CARD_CONFLICT');
    expect(await codeOf(platforms.issue({ ...issue, ...next(), name: '王大力' }, hangzhou))).toBe(
      'PERSON_CONFLICT',
    );
    const known = { number: 'HC-1', idNumber: adult.idNumber };
    expect(await platforms.check(known, ningbo)).toMatchObject({ valid: true, holder: 'match' });
    const lost = {
      ...next(),
      number: 'HC-1',
      change: 'report-lost',
      why: 'at the counter',
    } as const;
    for (const other of [ningbo, hospital])
      expect(await codeOf(platforms.change(lost, other))).toBe('CARD_UNKNOWN');
    expect(await platforms.change(lost, hangzhou)).toMatchObject({ status: 'lost' });
    expect(
      await platforms.check({ ...known, idNumber: idNumberOf('19700101') }, ningbo),
    ).toMatchObject({
      ...{ valid: false, status: 'lost', holder: 'no-match' },
    });
    expect(await platforms.check({ number: 'HC-NONE' }, ningbo)).toEqual({ valid: false });
    const desk = { by: 'staff/desk', why: 'found', approvedBy: 'staff/other' };
    await cards.change(personId, issued.cardId, 'find', desk);
    expect(await platforms.change(lost, hangzhou)).toMatchObject({ status: 'active' });
  });

  test('a replacement is its platform’s as the old card was; a hospital’s card system has its own', async () => {
    const { platforms, holder, persons, personId } = await worldOn(await open());
    await platforms.issue({ ...next(), ...holder, ...physical('HC-1') }, hospital);
    const again = { ...next(), number: 'HC-1', newNumber: 'HC-2', why: 'broken chip' };
    expect(await codeOf(platforms.replace(again, hangzhou))).toBe('CARD_UNKNOWN');
    const fresh = await platforms.replace({ ...again, office: 'DESK-1' }, hospital);
    expect(fresh).toMatchObject({ institutionId: 'H1', region: null, office: 'DESK-1' });
    expect(await platforms.replace({ ...again, office: 'DESK-1' }, hospital)).toMatchObject({
      cardId: fresh.cardId,
    });
    expect(await codeOf(persons.resolve('health-card', 'HC-1'))).toBe('CARD_REPLACED');
    expect(await persons.resolve('health-card', 'HC-2')).toBe(personId);
    const other = { ...again, ...next(), newNumber: 'HC-3' };
    expect(await codeOf(platforms.replace(other, hospital))).toBe('CARD_NOT_CHANGEABLE');
  });

  test('what is kept of a card changes by its issuer; a child card is for a child', async () => {
    const { platforms, holder, persons } = await worldOn(await open());
    await platforms.issue({ ...next(), ...holder, ...physical('HC-1') }, hangzhou);
    const modify = { ...next(), number: 'HC-1', office: 'BANK-9' };
    expect(await platforms.modify(modify, hangzhou)).toMatchObject({ office: 'BANK-9' });
    expect(await codeOf(platforms.modify({ ...modify, ...next() }, ningbo))).toBe('CARD_UNKNOWN');
    expect(await codeOf(platforms.modify({ ...modify, ...next(), child: true }, hangzhou))).toBe(
      'CHILD_CARD_AGE',
    );
    const young = { ...child, idNumber: idNumberOf('20210901', 124) };
    await persons.register(young);
    const small = { idNumber: young.idNumber, name: young.name, ...physical('HC-CHILD') };
    await platforms.issue({ ...next(), ...small }, hangzhou);
    const asChild = { ...next(), number: 'HC-CHILD', child: true };
    expect(await platforms.modify(asChild, hangzhou)).toMatchObject({
      ...{ child: true, reviewOn: '2028-01-01', office: null },
    });
  });

  test('a resident is registered once; how a holder is written to changes by whose card they hold', async () => {
    const { platforms, persons, personId, holder } = await worldOn(await open());
    const said = { ...holder, mobile: adult.mobile, email: 'other@example.cn' };
    const tell = { ...next(), ...said };
    expect(await codeOf(platforms.tellResident(tell, hangzhou))).toBe('CARD_UNKNOWN');
    await platforms.issue({ ...next(), ...holder, ...physical('HC-1') }, hangzhou);
    expect(await platforms.tellResident(tell, hangzhou)).toMatchObject({ result: 'changed' });
    expect(await platforms.tellResident(tell, hangzhou)).toEqual({ result: 'unchanged' });
    expect(await persons.contact(personId)).toMatchObject({ email: 'other@example.cn' });
    expect(await codeOf(platforms.tellResident({ ...tell, name: '王大力' }, hangzhou))).toBe(
      'MESSAGE_CONFLICT',
    );
    const fresh = { ...next(), ...said, idNumber: idNumberOf('19700101') };
    expect(await platforms.tellResident(fresh, ningbo)).toMatchObject({ result: 'registered' });
  });

  test('whose data was erased is not registered again by a platform', async () => {
    const world = erasingOn(await open());
    const { personId } = await world.persons.register(adult);
    await erased(world, personId);
    const { platforms } = cardsOn(world);
    const { name, idNumber, mobile } = adult;
    const said = { ...next(), name, idNumber, mobile };
    expect(await codeOf(platforms.tellResident(said, hangzhou))).toBe('PERSONAL_DATA_DESTROYED');
  });
};
