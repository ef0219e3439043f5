import type { ConsentPurpose } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { ConsentDesk } from '../src/consent/consent-desk';
import { Consents } from '../src/consent/consents';
import { DESK } from './activations.suite';
import { adult, child, identityOn, outbox } from './persons.suite';

const ALL: readonly ConsentPurpose[] = [
  'service',
  'sensitive-data',
  'score',
  'bank',
  'debit-mandate',
];
export const CITIZEN = {
  subject: { id: 'citizen', roles: [{ kind: 'Citizen' as const }], hasSecondFactor: false },
};
const ON_PAPER = { subject: DESK.subject, paper: 'F-17' };

export const consentWorldOn = async (store: Store) => {
  const world = identityOn(store);
  const { clock, ids, persons } = world;
  const consents = new Consents({ store, clock, ids });
  const refusals: string[] = [];
  const closed: string[] = [];
  const credit = {
    close: async (personId: string): Promise<void> => {
      const why = refusals.pop();
      if (why) throw new DomainError('SERVICE_IN_USE', 'conflict', { outstandingFen: 700 });
      closed.push(personId);
    },
  };
  const desk = new ConsentDesk({ store, persons, consents, credit });
  const { personId } = await persons.register(adult);
  const answers = (...purposes: readonly ConsentPurpose[]) =>
    consents
      .texts()
      .filter(({ purpose, language }) => language === 'zh' && purposes.includes(purpose))
      .map(({ purpose, hash }) => ({ purpose, hash }));
  const inForce = async (): Promise<readonly string[]> => (await consents.show(personId)).inForce;
  /** What others receive: revision and what is revoked. */
  const changes = async () =>
    (await outbox(store))
      .filter(({ headers }) => headers['ce_type'] === 'ConsentsChanged')
      .map(({ value }) => value as Record<'revoked' | 'given', string[]> & { revision: number });
  const told = async () => (await changes()).map(({ revision, revoked }) => [revision, ...revoked]);
  /** What others learn to be in force. */
  const said = async () => (await changes()).map(({ given }) => given);
  return { ...world, consents, desk, personId, answers, inForce, told, said, refusals, closed };
};

export const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.code,
  );

/** Consents after the service was opened, held by both stores. */
export const consentsSuite = (open: () => Promise<Store>): void => {
  test('each consent is taken back alone, and given again; others receive what is revoked', async () => {
    const world = await consentWorldOn(await open());
    const { desk, personId, answers, inForce, told, said, clock } = world;
    await desk.add(personId, answers(...ALL), CITIZEN);
    // Of the first consents others learn where a bank may lend by them.
    expect([await inForce(), await told()]).toEqual([ALL, [[5]]]);
    expect(await said()).toEqual([ALL]);
    await desk.revoke(personId, ['debit-mandate'], CITIZEN);
    expect(await inForce()).toEqual(ALL.slice(0, 4));
    // Twice in the same moment, and once more after the clock was set back.
    await desk.revoke(personId, ['debit-mandate', 'bank'], CITIZEN);
    clock.advance(-3_600_000);
    await desk.add(personId, answers('debit-mandate'), CITIZEN);
    expect(await inForce()).toEqual(['service', 'sensitive-data', 'score', 'debit-mandate']);
    expect((await said()).at(-1)).toEqual(['service', 'sensitive-data', 'score', 'debit-mandate']);
    expect(await told()).toEqual([
      [5],
      [6, 'debit-mandate'],
      [7, 'bank', 'debit-mandate'],
      [8, 'bank'],
    ]);
  });

  test.each(['service', 'sensitive-data'] as const)(
    'without the consent to %s none is left, also of who agreed on paper alone',
    async (purpose) => {
      const { desk, personId, answers, inForce, told, consents } = await consentWorldOn(
        await open(),
      );
      await desk.add(personId, answers('score'), CITIZEN);
      await desk.revoke(personId, [purpose], ON_PAPER);
      expect(await inForce()).toEqual([]);
      expect(await told()).toEqual([[6, ...ALL]]);
      const { consents: evidence } = await consents.show(personId);
      expect(evidence[0]).toMatchObject({
        given: false,
        channel: 'window',
        evidence: 'paper F-17',
      });
      await desk.revoke(personId, [purpose], CITIZEN);
      expect(await told()).toHaveLength(1);
    },
  );

  test('staff name the form; a text that is not shown is none', async () => {
    const { desk, personId } = await consentWorldOn(await open());
    const other = [{ purpose: 'bank' as const, hash: '0'.repeat(64) }];
    expect(await codeOf(desk.add(personId, other, CITIZEN))).toBe('CONSENT_TEXT_OTHER');
    expect(await codeOf(desk.revoke(personId, ['bank'], DESK))).toBe('PAPER_NEEDED');
    expect(await codeOf(desk.close(personId, DESK))).toBe('PAPER_NEEDED');
    expect(await codeOf(desk.revoke('p-unknown', ['bank'], CITIZEN))).toBe('PERSON_UNKNOWN');
  });

  test('a closing is refused while something is owed, and ends all consents when it is done', async () => {
    const world = await consentWorldOn(await open());
    const { desk, personId, answers, inForce, refusals, closed } = world;
    await desk.add(personId, answers(...ALL), CITIZEN);
    refusals.push('owed');
    await expect(desk.close(personId, CITIZEN)).rejects.toMatchObject({
      code: 'SERVICE_IN_USE',
      details: { outstandingFen: 700 },
    });
    expect([await inForce(), closed]).toEqual([ALL, []]);
    await desk.close(personId, CITIZEN);
    expect([await inForce(), closed]).toEqual([[], [personId]]);
    await desk.close(personId, CITIZEN);
    expect(await world.told()).toHaveLength(2);
  });

  test('a guardian takes a child’s consents back; the mandate is the guardian’s own', async () => {
    const { desk, persons, guardianships, consents, personId } = await consentWorldOn(await open());
    const ward = (await persons.register(child)).personId;
    await guardianships.appoint(ward, { guardianId: personId, relation: '5' });
    expect(await codeOf(desk.revoke(ward, ['debit-mandate'], CITIZEN))).toBe('MANDATE_OF_GUARDIAN');
    await desk.revoke(ward, ['score'], CITIZEN);
    expect((await consents.show(ward)).consents).toMatchObject([{ byPersonId: personId }]);
  });
};
