import type { ConsentPurpose } from '@caretab/contracts';
import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { ConsentDesk } from '../src/consent/consent-desk';
import { Consents } from '../src/consent/consents';
import { GuardianshipEnds } from '../src/guardianship/guardianship-ends';
import { rolesToday } from '../src/guardianship/wards';
import { adult, child, identityOn, idNumberOf, outbox } from './persons.suite';

const BIRTH = { kind: 'birth-certificate', reference: 'S330106-17' } as const;
const COURT = { kind: 'court-decision', reference: 'HZ-2026-12' } as const;
const approvedBy = 'op-2';
/** Midnight of 3 March in Shanghai: the eighteenth birthday of `almost`. */
const BIRTHDAY = '2026-03-02T16:00:00Z';
const OF_GUARDIANS = ['GuardianAppointed', 'GuardianshipEnded'];

const worldOn = async (store: Store) => {
  const world = identityOn(store);
  const { clock, ids, persons } = world;
  const consents = new Consents({ store, clock, ids });
  const desk = new ConsentDesk({ store, persons, consents, credit: { close: async () => {} } });
  const register = async (born: string, sequence: number): Promise<string> =>
    (
      await persons.register({
        ...{ ...adult, idNumber: idNumberOf(born, sequence), credentials: [] },
      })
    ).personId;
  const people = {
    mother: await register('19800615', 124),
    father: await register('19790615', 125),
    child: (await persons.register(child)).personId,
    almost: await register('20080303', 126),
  };
  const roles = (personId: string) =>
    store.transact((transaction) =>
      rolesToday(transaction, persons, [{ kind: 'Citizen', person: personId }]),
    );
  const wardsOf = async (personId: string) =>
    (await roles(personId)).flatMap(({ kind, person }) => (kind === 'Guardian' ? [person] : []));
  const told = async () =>
    (await outbox(store))
      .filter(({ headers }) => OF_GUARDIANS.includes(headers['ce_type']!))
      .map(({ headers, value }) => {
        const { personId, guardianId, reason, ofAdult, goesOn } = value as Record<string, unknown>;
        return [
          ...[headers['ce_type'], personId, guardianId],
          ...[reason, ofAdult && 'of-adult', goesOn && 'goes-on'].filter(Boolean),
        ];
      });
  const as = (personId: string) => ({
    subject: {
      ...{ id: personId, hasSecondFactor: false },
      roles: [{ kind: 'Citizen' as const, person: personId }],
    },
  });
  const answers = (...purposes: readonly ConsentPurpose[]) =>
    consents
      .texts()
      .filter(({ purpose, language }) => language === 'zh' && purposes.includes(purpose))
      .map(({ purpose, hash }) => ({ purpose, hash }));
  const ends = new GuardianshipEnds({ store, clock, persons, consents });
  const inForce = async (personId: string) => (await consents.show(personId)).inForce;
  return { ...world, ...people, consents, desk, ends, wardsOf, told, as, answers, inForce };
};

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.code,
  );

/** Who acts for whom, held by both stores. */
export const guardianshipsSuite = (open: () => Promise<Store>): void => {
  test('a second guardian acts beside the first, by evidence and two persons; there is no third', async () => {
    const {
      guardianships,
      child: ward,
      mother,
      father,
      almost,
      clock,
      wardsOf,
      told,
    } = await worldOn(await open());
    await guardianships.appoint(ward, { guardianId: mother, relation: '5', evidence: BIRTH });
    const second = { guardianId: father, relation: '5', beside: mother } as const;
    const appoint = (more: object) => codeOf(guardianships.appoint(ward, { ...second, ...more }));
    expect(await appoint({ approvedBy })).toBe('GUARDIANSHIP_UNPROVEN');
    expect(await appoint({ evidence: BIRTH })).toBe('APPROVAL_NEEDED');
    expect(await appoint({ evidence: BIRTH, approvedBy, beside: almost })).toBe(
      'GUARDIAN_CONFLICT',
    );
    expect(await wardsOf(father)).toEqual([]);
    clock.advance(1000);
    expect(await appoint({ evidence: BIRTH, approvedBy })).toBe('done');
    expect([await wardsOf(mother), await wardsOf(father)]).toEqual([[ward], [ward]]);
    clock.set(BIRTHDAY);
    const third = { guardianId: almost, relation: '7', evidence: BIRTH, approvedBy } as const;
    expect(await codeOf(guardianships.appoint(ward, { ...third, beside: mother }))).toBe(
      'GUARDIAN_CONFLICT',
    );
    expect(await told()).toEqual([['GuardianAppointed', ward, mother]]);
    expect(await guardianships.list(ward)).toMatchObject([
      { guardianId: father, rank: 'second', evidence: BIRTH, inForce: true },
      { guardianId: mother, rank: 'first', evidence: BIRTH, inForce: true },
    ]);
  });

  test('where the first guardianship is revoked the second guardian answers, else no one does', async () => {
    const {
      guardianships,
      child: ward,
      mother,
      father,
      told,
      wardsOf,
    } = await worldOn(await open());
    await guardianships.appoint(ward, { guardianId: mother, relation: '5', evidence: BIRTH });
    await guardianships.appoint(ward, {
      ...{ guardianId: father, relation: '5', beside: mother, evidence: BIRTH, approvedBy },
    });
    const revoke = (guardianId: string) =>
      guardianships.revoke(ward, guardianId, { why: 'decided', evidence: COURT, by: 'a, b' });
    await revoke(mother);
    expect(await codeOf(revoke(mother))).toBe('GUARDIANSHIP_NOT_IN_FORCE');
    expect([await wardsOf(mother), await wardsOf(father)]).toEqual([[], [ward]]);
    await revoke(father);
    expect(await told()).toEqual([
      ['GuardianAppointed', ward, mother],
      ['GuardianAppointed', ward, father],
      ['GuardianshipEnded', ward, father, 'REVOKED'],
    ]);
    await guardianships.appoint(ward, { guardianId: mother, relation: '5', evidence: BIRTH });
    expect(await wardsOf(mother)).toEqual([ward]);
  });

  test('who comes of age stands for themselves on the day, and others are notified once', async () => {
    const { guardianships, almost, mother, clock, persons, ends, told, ...world } = await worldOn(
      await open(),
    );
    await guardianships.appoint(almost, { guardianId: mother, relation: '5', evidence: BIRTH });
    await world.desk.add(almost, world.answers('service', 'sensitive-data'), world.as(mother));
    expect(await codeOf(world.desk.add(almost, world.answers('bank'), world.as(almost)))).toBe(
      'GUARDIAN_NEEDED',
    );
    await ends.runOnce();
    expect(await world.wardsOf(mother)).toEqual([almost]);
    clock.set(BIRTHDAY);
    // No job has run yet.
    expect(await world.wardsOf(mother)).toEqual([]);
    expect(await persons.show(almost)).not.toHaveProperty('guardianId');
    expect(await ends.runOnce()).toBe(1);
    expect(await ends.runOnce()).toBe(0);
    expect(await told()).toEqual([
      ['GuardianAppointed', almost, mother],
      ['GuardianshipEnded', almost, mother, 'CAME_OF_AGE'],
    ]);
    expect(await world.inForce(almost)).toEqual([]);
    await world.desk.add(almost, world.answers('service'), world.as(almost));
    expect(await world.inForce(almost)).toEqual(['service']);
    expect(await guardianships.list(almost)).toMatchObject([
      { inForce: false, endedBecause: 'CAME_OF_AGE' },
    ]);
  });

  test('by the decision of a court a guardian acts beyond 18, and the line is the ward’s own', async () => {
    const { guardianships, almost, mother, clock, ends, told, ...world } = await worldOn(
      await open(),
    );
    const appointment = { guardianId: mother, relation: '5', evidence: BIRTH } as const;
    await guardianships.appoint(almost, appointment);
    await world.desk.add(almost, world.answers('service'), world.as(mother));
    const goesOn = { ...appointment, basis: 'incapacity', approvedBy } as const;
    expect(await codeOf(guardianships.appoint(almost, goesOn))).toBe('GUARDIANSHIP_UNPROVEN');
    await guardianships.appoint(almost, { ...goesOn, evidence: COURT, until: '2026-05-01' });
    clock.set(BIRTHDAY);
    await ends.runOnce();
    await ends.runOnce();
    expect(await told()).toEqual([
      ['GuardianAppointed', almost, mother],
      ['GuardianshipEnded', almost, mother, 'CAME_OF_AGE', 'goes-on'],
      ['GuardianAppointed', almost, mother, 'of-adult'],
    ]);
    expect([await world.wardsOf(mother), await world.inForce(almost)]).toEqual([
      [almost],
      ['service'],
    ]);
    clock.set('2026-04-30T16:00:00Z');
    expect(await world.wardsOf(mother)).toEqual([]);
    await ends.runOnce();
    expect((await told()).at(-1)).toEqual(['GuardianshipEnded', almost, mother, 'PERIOD_OVER']);
  });

  test('an adult has a guardian by the decision of a court alone, and is guardian of no one', async () => {
    const {
      guardianships,
      erasures,
      mother,
      father,
      child: ward,
      told,
    } = await worldOn(await open());
    const asked = { guardianId: father, relation: '1' } as const;
    const appoint = (more: object) => codeOf(guardianships.appoint(mother, { ...asked, ...more }));
    expect(await appoint({ evidence: COURT })).toBe('WARD_NOT_MINOR');
    expect(await appoint({ basis: 'incapacity', evidence: BIRTH, approvedBy })).toBe(
      'GUARDIANSHIP_UNPROVEN',
    );
    const decided = { basis: 'incapacity', evidence: COURT };
    expect(await appoint(decided)).toBe('APPROVAL_NEEDED');
    expect(await appoint({ ...decided, approvedBy, until: '2026-02-30' })).toBe('REQUEST_INVALID');
    expect(await appoint({ ...decided, approvedBy })).toBe('done');
    expect(await told()).toEqual([['GuardianAppointed', mother, father, 'of-adult']]);
    expect(
      await codeOf(
        guardianships.appoint(ward, { guardianId: mother, relation: '5', evidence: BIRTH }),
      ),
    ).toBe('GUARDIAN_IS_WARD');
    await guardianships.appoint(ward, { guardianId: father, relation: '5', evidence: BIRTH });
    expect(
      await codeOf(
        guardianships.appoint(father, {
          ...{ guardianId: mother, relation: '1', basis: 'incapacity' },
          ...{ evidence: COURT, approvedBy },
        }),
      ),
    ).toMatch(/GUARDIAN_IS_WARD/);
    expect(await codeOf(erasures.request(father, approvedBy))).toBe('ERASURE_REFUSED');
  });

  test('of two guardians each has to agree where the rule is both, and one takes back alone', async () => {
    const { guardianships, consents, desk, as, answers, inForce, ...world } = await worldOn(
      await open(),
    );
    const { child: ward, mother, father } = world;
    await guardianships.appoint(ward, { guardianId: mother, relation: '5', evidence: BIRTH });
    await guardianships.appoint(ward, {
      ...{ guardianId: father, relation: '5', beside: mother, evidence: BIRTH, approvedBy },
      consentRule: 'both',
    });
    await desk.add(ward, answers('service', 'score'), as(mother));
    await desk.add(ward, answers('service'), as(mother));
    expect(await inForce(ward)).toEqual([]);
    await desk.add(ward, answers('service'), as(father));
    expect(await inForce(ward)).toEqual(['service']);
    expect(
      (await consents.show(ward)).consents.map(({ byPersonId, purpose, awaits }) => [
        ...[byPersonId, purpose, awaits],
      ]),
    ).toEqual(
      expect.arrayContaining([
        [father, 'service', undefined],
        [mother, 'service', true],
        [mother, 'score', true],
      ]),
    );
    await desk.revoke(ward, ['service'], as(mother));
    expect(await inForce(ward)).toEqual([]);
    // What the father agreed to before it was taken back counts no more.
    await desk.add(ward, answers('service'), as(mother));
    expect(await inForce(ward)).toEqual([]);
    const eased = { guardianId: mother, relation: '5', consentRule: 'any' } as const;
    expect(await codeOf(guardianships.appoint(ward, eased))).toBe('APPROVAL_NEEDED');
    await guardianships.appoint(ward, { ...eased, approvedBy });
    await desk.add(ward, answers('service'), as(father));
    expect(await inForce(ward)).toEqual(['service']);
  });
};
