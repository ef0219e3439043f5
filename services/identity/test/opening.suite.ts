import type { ActivationBody, Registration } from '@caretab/contracts';
import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { InsuranceAnswer, Opening } from '../src/activation/activation-state';
import { ActivationWork } from '../src/activation/activation-work';
import { Activations } from '../src/activation/activations';
import type { Lines, SharedData } from '../src/activation/registries';
import { Consents } from '../src/consent/consents';
import { consentTable } from '../src/consent/consent.table';
import { DESK, KIOSK, PhonesFake, PublicDataFake } from './activations.suite';
import { adult, child, identityOn } from './persons.suite';

/** Remembers whom it was asked about. */
class BureauFake implements SharedData {
  readonly asked: string[] = [];
  answer: Exclude<InsuranceAnswer, 'unset'> = 'insured';

  async insured({ name }: { readonly name: string }) {
    this.asked.push(name);
    return this.answer;
  }
}

/** Remembers what it opened, and for which activation. */
class CreditFake implements Lines {
  readonly opened: { personId: string; activationId: string }[] = [];
  answer: Opening = { lineFen: 500_000 };

  async open({ personId, activationId }: { personId: string; activationId: string }) {
    if ('lineFen' in this.answer) this.opened.push({ personId, activationId });
    return this.answer;
  }
}

const DAY_MS = 86_400_000;
const ALL = ['service', 'sensitive-data', 'score'] as const;

const worldOn = (store: Store) => {
  const world = identityOn(store);
  const { clock, ids, persons, mobiles, vault } = world;
  const [publicData, phones] = [new PublicDataFake(), new PhonesFake()];
  const [bureau, credit] = [new BureauFake(), new CreditFake()];
  const consents = new Consents({ store, clock, ids });
  const inside = { store, clock, ids, persons, mobiles, vault, consents };
  const activations = new Activations({ ...inside, wake: () => undefined });
  let chances = 0;
  const work = new ActivationWork({
    ...{ ...inside, codes: phones, lines: credit, registryWaitMs: 600_000 },
    registries: { publicData, sharedData: bureau },
    chance: (below) => (271_828 * (chances += 1)) % below,
  });
  const settle = async (): Promise<void> => {
    while ((await work.runOnce()) > 0);
  };
  const standing = async (activationId: string): Promise<string> => {
    const { status, reason } = await activations.show(activationId, DESK);
    return reason === undefined ? status : `${status} ${reason}`;
  };
  /** Until the number is proven. */
  const proven = async ({ name, idNumber, mobile }: Registration): Promise<string> => {
    const body: ActivationBody = { purpose: 'service', channel: 'kiosk', name, idNumber, mobile };
    const { activation } = await activations.begin(body, KIOSK);
    await settle();
    await activations.answered(publicData.questions.at(-1)!.requestId, mobile);
    await settle();
    await activations.giveCode(activation.activationId, phones.sent.at(-1)!.code, KIOSK);
    await settle();
    return activation.activationId;
  };
  const agree = async (activationId: string, purposes: readonly string[] = ALL) => {
    const texts = consents.texts().filter(({ language }) => language === 'zh');
    const answers = texts
      .filter(({ purpose }) => purposes.includes(purpose))
      .map(({ purpose, hash }) => ({ purpose, hash }));
    await activations.giveConsents(activationId, answers, KIOSK);
    await settle();
  };
  return {
    ...{ ...world, activations, consents, bureau, credit, publicData, phones },
    ...{ settle, standing, proven, agree },
  };
};

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return (error as DomainError).code;
  }
};

/** From a proven number to an open service, held by both stores. */
export const openingSuite = (open: () => Promise<Store>): void => {
  test('who is insured and agrees gets a line, and is asked to agree to each thing apart', async () => {
    const world = worldOn(await open());
    const id = await world.proven(adult);
    expect(await world.standing(id)).toBe('awaiting-consents');
    const { awaits, personId } = await world.activations.show(id, KIOSK);
    expect(new Set(awaits!.map(({ purpose }) => purpose)).size).toBe(5);
    await world.agree(id, ['service', 'sensitive-data']);
    expect([await world.standing(id), world.credit.opened]).toEqual(['awaiting-consents', []]);
    await world.agree(id, ['score', 'debit-mandate']);
    expect(await world.activations.show(id, KIOSK)).toMatchObject({
      status: 'done',
      lineFen: 500_000,
    });
    expect(world.credit.opened).toEqual([expect.objectContaining({ activationId: id })]);
    const { inForce, consents } = await world.consents.show(personId);
    expect(inForce.sort()).toEqual(['debit-mandate', 'score', 'sensitive-data', 'service']);
    expect(consents[0]).toMatchObject({ channel: 'kiosk', evidence: `activation ${id}` });
    expect(consents.every(({ hash }) => awaits!.some((text) => text.hash === hash))).toBe(true);
  });

  test('whoever begins it again at a kiosk proves the number again before anything is agreed to', async () => {
    const world = worldOn(await open());
    const id = await world.proven(adult);
    const { name, idNumber } = adult;
    const again = (mobile: string, asker: typeof KIOSK | typeof DESK = KIOSK) =>
      world.activations.begin(
        { purpose: 'service', channel: 'kiosk', name, idNumber, mobile },
        asker,
      );
    expect((await again(adult.mobile, DESK)).activation.status).toBe('awaiting-consents');
    await again(adult.mobile);
    await world.settle();
    expect(await world.standing(id)).toBe('awaiting-code');
    expect(await codeOf(world.agree(id))).toBe('CONSENT_NOT_AWAITED');
    await world.activations.giveCode(id, world.phones.sent.at(-1)!.code, KIOSK);
    expect([await world.standing(id), world.bureau.asked.length]).toEqual(['awaiting-consents', 1]);
    await again('13800000009');
    await world.settle();
    await world.activations.answered(world.publicData.questions.at(-1)!.requestId, adult.mobile);
    expect(await world.standing(id)).toBe('awaiting-number MOBILE_DIFFERS');
    expect(await codeOf(world.agree(id))).toBe('CONSENT_NOT_AWAITED');
    expect(world.phones.sent.map(({ mobile }) => mobile)).toEqual([adult.mobile, adult.mobile]);
    const { personId, attempt } = await world.activations.show(id, DESK);
    const seen = { activationId: id, attempt, seenBy: 'clerk', approvedBy: 'second' };
    await world.activations.confirm(personId, { ...seen, saw: 'id-card' });
    await world.settle();
    await world.activations.giveCode(id, world.phones.sent.at(-1)!.code, DESK);
    await world.agree(id);
    expect(await world.standing(id)).toBe('done');
  });

  test('a citizen’s own app goes on with what is proven; three codes that no one gives end at a window', async () => {
    const world = worldOn(await open());
    const id = await world.proven(adult);
    const { name, idNumber, mobile } = adult;
    const { personId } = await world.activations.show(id, DESK);
    const own = {
      subject: {
        ...{ id: personId, roles: [{ kind: 'Citizen', person: personId }], hasSecondFactor: true },
      },
      scopes: [{ person: personId }],
    } as unknown as typeof DESK;
    const again = async (asker: typeof KIOSK | typeof DESK) => {
      const body: ActivationBody = { purpose: 'service', channel: 'app', name, idNumber, mobile };
      await world.activations.begin(body, asker);
      await world.settle();
      world.clock.advance(60_000);
      return world.standing(id);
    };
    expect(await again(own)).toBe('awaiting-consents');
    for (let asked = 0; asked < 3; asked += 1) expect(await again(KIOSK)).toBe('awaiting-code');
    expect(await again(KIOSK)).toBe('at-window CODES_TOO_MANY');
    expect(world.phones.sent).toHaveLength(4);
  });

  test('a consent to another text than the one that is shown is none', async () => {
    const world = worldOn(await open());
    const id = await world.proven(adult);
    const other = [{ purpose: 'service' as const, hash: '0'.repeat(64) }];
    expect(await codeOf(world.activations.giveConsents(id, other, KIOSK))).toBe(
      'CONSENT_TEXT_OTHER',
    );
  });

  test('nothing is agreed to before the number is proven', async () => {
    const world = worldOn(await open());
    const { name, idNumber, mobile } = adult;
    const body: ActivationBody = { purpose: 'service', channel: 'app', name, idNumber, mobile };
    const { activation } = await world.activations.begin(body, KIOSK);
    expect(await codeOf(world.agree(activation.activationId))).toBe('CONSENT_NOT_AWAITED');
  });

  test.each<[Exclude<InsuranceAnswer, 'unset'>, string]>([
    ['not-insured', 'refused NOT_INSURED'],
    ['name-differs', 'at-window NAME_DIFFERS'],
    ['no-answer', 'asking-insurance INSURANCE_SILENT'],
  ])('a bureau that says %s leaves it %s', async (answer, expected) => {
    const world = worldOn(await open());
    world.bureau.answer = answer;
    expect(await world.standing(await world.proven(adult))).toBe(expected);
  });

  test('a silent bureau is asked again, and a window may go on without it', async () => {
    const world = worldOn(await open());
    world.bureau.answer = 'no-answer';
    const id = await world.proven(adult);
    world.clock.advance(10_000);
    await world.settle();
    expect(world.bureau.asked.length).toBeGreaterThan(1);
    const { personId } = await world.activations.show(id, DESK);
    const seen = { activationId: id, attempt: 1, seenBy: 'clerk', approvedBy: 'second' };
    expect(await codeOf(world.activations.confirm(personId, { ...seen, saw: 'id-card' }))).toBe(
      'ACTIVATION_MOVED_ON',
    );
    await world.activations.confirm(personId, { ...seen, saw: 'insurance' });
    expect(await world.standing(id)).toBe('awaiting-consents');
  });

  test('what credit refuses stays with its reason, opens when it can, and is refused in the end', async () => {
    const world = worldOn(await open());
    world.credit.answer = { refused: 'SCORE_UNKNOWN' };
    const id = await world.proven(adult);
    await world.agree(id);
    expect(await world.standing(id)).toBe('opening SCORE_UNKNOWN');
    world.credit.answer = { lineFen: 1 };
    world.clock.advance(10_000);
    await world.settle();
    expect(await world.standing(id)).toBe('done');
    const later = worldOn(await open());
    later.credit.answer = { refused: 'SCORE_TOO_LOW' };
    const low = await later.proven(adult);
    await later.agree(low);
    later.clock.advance(7 * DAY_MS);
    await later.settle();
    expect(await later.standing(low)).toBe('refused SCORE_TOO_LOW');
    expect(await later.proven(adult)).not.toBe(low);
  });

  test('a child opens by the guardian’s phone and consents, and not without a guardian', async () => {
    const world = worldOn(await open());
    const { personId: guardianId } = await world.persons.register(adult);
    const ward = { ...child, mobile: adult.mobile };
    expect(await codeOf(world.proven(ward))).toBe('GUARDIAN_NEEDED');
    const { personId } = await world.persons.register(child);
    await world.guardianships.appoint(personId, { guardianId, relation: '5' });
    const id = await world.proven(ward);
    expect(world.publicData.questions.at(-1)).toMatchObject({ idNumber: adult.idNumber });
    expect(world.bureau.asked).toEqual([child.name]);
    await world.agree(id);
    expect(await world.activations.show(id, KIOSK)).toMatchObject({ status: 'done', guardianId });
    const { consents } = await world.consents.show(personId);
    expect(new Set(consents.map(({ byPersonId }) => byPersonId))).toEqual(new Set([guardianId]));
    expect(world.credit.opened).toMatchObject([{ personId }]);
  });

  test('the same consent twice is kept once', async () => {
    const world = worldOn(await open());
    const id = await world.proven(adult);
    await world.agree(id, ['service']);
    await world.agree(id, ['service']);
    expect(
      await world.store.transact((transaction) => transaction.rows(consentTable).count({})),
    ).toBe(1);
  });
};
