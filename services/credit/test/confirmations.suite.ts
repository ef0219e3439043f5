import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type LinePolicy, linePolicies } from '../src/policy/line-policy';
import { CreditFixture, expectEntriesToExplain, visitOf } from './holds.suite';

const MINUTE_MS = 60_000;
/** What ships, with each outpatient visit asked about. */
const asking = (more: object = {}) =>
  linePolicies.map(({ document, ...rest }) => {
    const outpatient = { ...document.products.outpatient, confirmMinutes: 30, ...more };
    const products = { ...document.products, outpatient };
    return { ...rest, document: { ...document, products } } as unknown as LinePolicy;
  });

const worldOn = async (store: Store, policies = asking()) => {
  const world = new CreditFixture(store, 'event', policies);
  const person = await world.enrolled('a');
  await world.published();
  const said = async () =>
    (await world.published()).map(({ type, data }) => [type, data.reason ?? data.heldFen ?? '']);
  const app = (personId = person) => ({
    subject: { id: 'app', roles: [{ kind: 'Citizen' as const }], hasSecondFactor: false },
    scopes: [{ person: personId }],
  });
  const answers = (agree: boolean, by = app()) =>
    world.confirmations.answer(visitOf('v'), agree, by).then(
      () => 'done',
      (error: DomainError) => error.code,
    );
  const evidence = () => world.confirmations.show(visitOf('v'), [{ person }]);
  const later = async (minutes: number) => {
    world.clock.advance(minutes * MINUTE_MS);
    await world.confirmations.runOnce();
  };
  return { world, person, said, app, answers, evidence, later };
};

/** The word of who pays about each visit, held by both stores. */
export const confirmationsSuite = (open: () => Promise<Store>): void => {
  test('nothing is granted before who pays says yes, and the line has the hold meanwhile', async () => {
    const { world, person, said, answers, evidence } = await worldOn(await open());
    await world.opens(person, 'v');
    expect(await said()).toEqual([['VisitConfirmationAsked', '']]);
    const { heldFen } = (await world.hold('v'))!;
    expect(await world.account(person)).toMatchObject({ heldFen });
    expect(await evidence()).toMatchObject({ state: 'awaited' });
    expect(await answers(true)).toBe('done');
    expect(await answers(true)).toBe('done');
    expect(await said()).toEqual([['CreditAuthorized', heldFen]]);
    expect(await evidence()).toMatchObject({ state: 'given', way: 'own-token' });
    expect(await answers(false)).toBe('CONFIRMATION_NOT_AWAITED');
    await expectEntriesToExplain(world, person);
  });

  test.each([
    ['no', 'CONFIRMATION_DENIED', 'denied'],
    ['silence', 'CONFIRMATION_LATE', 'late'],
  ])('%s declines the visit, and nothing is left on the line', async (word, reason, state) => {
    const { world, person, said, answers, evidence, later } = await worldOn(await open());
    await world.opens(person, 'v');
    await said();
    if (word === 'no') await answers(false);
    await later(29);
    if (word !== 'no') expect(await said()).toEqual([]);
    await later(2);
    expect(await said()).toEqual([['CreditDeclined', reason]]);
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    expect(await evidence()).toMatchObject({ state });
    expect(await answers(true)).toBe('CONFIRMATION_NOT_AWAITED');
    await expectEntriesToExplain(world, person);
  });

  test('an answer that comes after its time counts for nothing, before the job has looked too', async () => {
    const { world, person, answers } = await worldOn(await open());
    await world.opens(person, 'v');
    world.clock.advance(31 * MINUTE_MS);
    expect(await answers(true)).toBe('CONFIRMATION_NOT_AWAITED');
  });

  test('a code of their own at the opening is the word, and is kept as one', async () => {
    const { world, person, said, evidence } = await worldOn(await open());
    await world.opens(person, 'v', 'outpatient', 'code');
    expect((await said()).map(([type]) => type)).toEqual(['CreditAuthorized']);
    expect(await evidence()).toMatchObject({ state: 'given', way: 'code-shown' });
  });

  test('a yes at the desk by the code of their phone is kept as that, with the hospital', async () => {
    const { world, person, said, evidence } = await worldOn(await open());
    await world.opens(person, 'v');
    await said();
    const edge = {
      id: 'service/gateway',
      roles: [{ kind: 'Service' as const, service: 'gateway' }],
    };
    const subject = { ...edge, hasSecondFactor: false };
    const asked = { subject, scopes: [{}], desk: 'H1' };
    for (let times = 0; times < 2; times += 1)
      await world.confirmations.answer(visitOf('v'), true, asked);
    expect((await said()).map(([type]) => type)).toEqual(['CreditAuthorized']);
    expect(await evidence()).toMatchObject({ state: 'given', way: 'desk-code' });
  });

  test('no one else answers for who pays, or sees it', async () => {
    const { world, person, app, answers } = await worldOn(await open());
    await world.opens(person, 'v');
    expect(await answers(true, app('p-other'))).toBe('VISIT_UNKNOWN');
    await expect(
      world.confirmations.show(visitOf('v'), [{ person: 'p-other' }]),
    ).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
    expect((await world.hold('v'))?.status).toBe('asked');
  });

  test('a visit that is cancelled while it waits frees the line, and no answer is awaited', async () => {
    const { world, person, answers, evidence, later } = await worldOn(await open());
    await world.opens(person, 'v');
    await world.cancelled(person, 'v');
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    expect(await answers(true)).toBe('CONFIRMATION_NOT_AWAITED');
    await later(31);
    expect(await evidence()).toMatchObject({ state: 'cancelled' });
  });

  test('a yes for who has died meanwhile grants nothing, and says why', async () => {
    const { world, person, said, answers, evidence } = await worldOn(await open());
    await world.opens(person, 'v');
    await said();
    await world.dies(person);
    expect(await answers(true)).toBe('done');
    expect(await said()).toEqual([['CreditDeclined', 'PERSON_DIED']]);
    expect(await evidence()).toMatchObject({ state: 'given' });
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    await expectEntriesToExplain(world, person);
  });

  test('a yes and a no at once: one of them counts', async () => {
    const { world, person, said, answers } = await worldOn(await open());
    await world.opens(person, 'v');
    await said();
    const both = await Promise.all([answers(true), answers(false)]);
    expect([...both].sort()).toEqual(['CONFIRMATION_NOT_AWAITED', 'done']);
    expect(await said()).toHaveLength(1);
    await expectEntriesToExplain(world, person);
  });

  test('no bank is asked where the consent to it was taken back before the word', async () => {
    const otherwise = { kind: 'fund', lenderId: 'city-health-fund' };
    const lender = { kind: 'bank', lenderIds: ['city-bank'], otherwise };
    const { world, person, said, answers } = await worldOn(await open(), asking({ lender }));
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    await world.opens(person, 'v');
    await said();
    await world.agreesToBanks(person, 2, true);
    expect(await answers(true)).toBe('done');
    await world.loans.runOnce();
    expect([await said(), world.lender.asked]).toEqual([
      [['CreditDeclined', 'LENDER_REFUSED']],
      [],
    ]);
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
  });

  test('where a bank lends, its reservation is asked for after the word', async () => {
    const otherwise = { kind: 'fund', lenderId: 'city-health-fund' };
    const lender = { kind: 'bank', lenderIds: ['city-bank'], otherwise };
    const { world, person, said, answers } = await worldOn(await open(), asking({ lender }));
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    world.lender.asked.splice(0);
    await world.opens(person, 'v');
    await said();
    await world.loans.runOnce();
    expect(world.lender.asked).toEqual([]);
    await answers(true);
    expect(await said()).toEqual([]);
    await world.loans.runOnce();
    expect((await said()).map(([type]) => type)).toEqual(['CreditAuthorized']);
  });
};
