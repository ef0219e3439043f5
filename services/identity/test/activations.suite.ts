import type { Subject } from '@caretab/access';
import type { ActivationBody } from '@caretab/contracts';
import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { CodeOutcome } from '../src/activation/activation-state';
import { activationTable } from '../src/activation/activation.table';
import { ActivationWork } from '../src/activation/activation-work';
import { Activations } from '../src/activation/activations';
import { Consents } from '../src/consent/consents';
import type { CodeSender, PublicData, RegistryQuestion } from '../src/activation/registries';
import { adult, identityOn, idNumberOf } from './persons.suite';

/** Remembers what it was asked. */
export class PublicDataFake implements PublicData {
  readonly questions: RegistryQuestion[] = [];
  isAway = false;

  async ask(question: RegistryQuestion): Promise<'taken' | 'no-answer'> {
    if (this.isAway) return 'no-answer';
    this.questions.push(question);
    return 'taken';
  }
}

/** Remembers which code went to which number. */
export class PhonesFake implements CodeSender {
  readonly sent: { mobile: string; code: string }[] = [];
  outcome: CodeOutcome = 'sent';

  async send({ mobile, code }: { mobile: string; code: string }): Promise<CodeOutcome> {
    if (this.outcome === 'sent') this.sent.push({ mobile, code });
    return this.outcome;
  }
}

const subject = (id: string, role: Subject['roles'][number]): Subject => ({
  ...{ id, roles: [role], hasSecondFactor: true },
});
export const KIOSK = {
  subject: subject('hospital/H1', { kind: 'HospitalSystem', institution: 'H1' }),
  scopes: [{ institution: 'H1' }],
};
const ELSEWHERE = {
  subject: subject('hospital/H2', { kind: 'HospitalSystem', institution: 'H2' }),
  scopes: [{ institution: 'H2' }],
};
export const DESK = { subject: subject('staff/desk', { kind: 'Desk' }), scopes: [{}] };

const NEW = '13800000001';
const OTHER = '13800000002';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const worldOn = (store: Store) => {
  const world = identityOn(store);
  const { clock, ids, persons, mobiles, vault } = world;
  const publicData = new PublicDataFake();
  const phones = new PhonesFake();
  let chances = 0;
  const chance = (below: number): number => (271_828 * (chances += 1)) % below;
  const consents = new Consents({ store, clock, ids });
  const inside = { store, clock, ids, persons, mobiles, vault, consents };
  const activations = new Activations({ ...inside, wake: () => undefined });
  const work = new ActivationWork({
    ...{
      ...inside,
      registries: { publicData, sharedData: undefined },
      lines: { open: async () => ({ refused: 'SCORE_UNKNOWN' }) },
      codes: phones,
      chance,
      registryWaitMs: 10 * MINUTE_MS,
    },
  });
  const settle = async (): Promise<void> => {
    while ((await work.runOnce()) > 0);
  };
  const begin = async (mobile: string, asker: typeof KIOSK | typeof DESK = KIOSK) => {
    const { name, idNumber } = adult;
    const body: ActivationBody = { purpose: 'mobile', channel: 'kiosk', name, idNumber, mobile };
    const begun = await activations.begin(body, asker);
    await settle();
    return begun.activation.activationId;
  };
  const answer = async (registered: string | undefined): Promise<void> => {
    await activations.answered(publicData.questions.at(-1)!.requestId, registered);
    await settle();
  };
  const mobileOf = async (): Promise<string> =>
    (await persons.contact(await persons.resolve('id-number', adult.idNumber))).mobile;
  const standing = async (activationId: string): Promise<string> => {
    const { status, reason } = await activations.show(activationId, DESK);
    return reason === undefined ? status : `${status} ${reason}`;
  };
  return { ...world, publicData, phones, activations, settle, begin, answer, mobileOf, standing };
};

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return (error as DomainError).code;
  }
};

/** How a mobile number is proven, held by both stores. */
export const activationsSuite = (open: () => Promise<Store>): void => {
  const opened = async () => {
    const world = worldOn(await open());
    await world.persons.register(adult);
    return world;
  };

  test('who registers a known person with another number changes nothing', async () => {
    const { persons, mobileOf } = await opened();
    await persons.register({ ...adult, mobile: NEW });
    expect(await mobileOf()).toBe(adult.mobile);
  });

  test('the registry’s word and the code together change the number, and neither alone', async () => {
    const { begin, answer, phones, activations, mobileOf, standing } = await opened();
    const id = await begin(NEW);
    expect([await standing(id), phones.sent]).toEqual(['awaiting-registry', []]);
    await answer(NEW);
    expect([await standing(id), await mobileOf()]).toEqual(['awaiting-code', adult.mobile]);
    const { mobile, code } = phones.sent[0]!;
    expect(mobile).toBe(NEW);
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await codeOf(activations.giveCode(id, wrong, KIOSK))).toBe('CODE_WRONG');
    expect(await mobileOf()).toBe(adult.mobile);
    expect(await activations.giveCode(id, code, KIOSK)).toMatchObject({ status: 'done' });
    expect(await mobileOf()).toBe(NEW);
    expect(await codeOf(activations.giveCode(id, code, KIOSK))).toBe('CODE_NOT_AWAITED');
  });

  test('a wrong number is sent no code; the right one goes on with the same activation', async () => {
    const { begin, answer, phones, standing } = await opened();
    const id = await begin(NEW);
    await answer(OTHER);
    expect([await standing(id), phones.sent]).toEqual(['awaiting-number MOBILE_DIFFERS', []]);
    expect(await begin(OTHER)).toBe(id);
    await answer(OTHER);
    expect([await standing(id), phones.sent.map(({ mobile }) => mobile)]).toEqual([
      'awaiting-code',
      [OTHER],
    ]);
  });

  test('after three numbers only a window goes on, so that no one finds out whose is whose', async () => {
    const { begin, answer, standing, publicData } = await opened();
    const id = await begin(NEW);
    for (const mobile of ['13800000003', '13800000004']) {
      await answer(OTHER);
      await begin(mobile);
    }
    await answer(OTHER);
    await begin(OTHER);
    await begin(OTHER);
    expect([await standing(id), publicData.questions.length]).toEqual([
      'at-window NUMBERS_TOO_MANY',
      3,
    ]);
  });

  test('an outdated registry is a case at a window: an ID card, a second person, and the code', async () => {
    const { begin, answer, phones, activations, mobileOf, standing, settle } = await opened();
    const id = await begin(NEW);
    await answer(undefined);
    expect(await standing(id)).toBe('at-window MOBILE_NOT_REGISTERED');
    const { activations: cases } = await activations.list('at-window', undefined);
    expect(cases).toMatchObject([{ activationId: id, institutionId: 'H1', attempt: 1 }]);
    const { personId } = cases[0]!;
    const seen = {
      ...{ activationId: id, attempt: 1, saw: 'id-card' as const },
      ...{ seenBy: 'clerk', approvedBy: 'second' },
    };
    expect(await codeOf(activations.confirm(personId, { ...seen, attempt: 2 }))).toBe(
      'ACTIVATION_MOVED_ON',
    );
    await activations.confirm(personId, seen);
    await settle();
    expect(await mobileOf()).toBe(adult.mobile);
    await activations.giveCode(id, phones.sent[0]!.code, DESK);
    expect(await mobileOf()).toBe(NEW);
  });

  test('a silent registry leads to a window, and is believed when it answers after all', async () => {
    const { begin, answer, clock, standing, settle } = await opened();
    const id = await begin(NEW);
    clock.advance(10 * MINUTE_MS);
    await settle();
    expect(await standing(id)).toBe('at-window REGISTRY_SILENT');
    await answer(NEW);
    expect(await standing(id)).toBe('awaiting-code');
  });

  test('a registry that is away is asked again, as one question', async () => {
    const { begin, publicData, clock, standing, settle } = await opened();
    publicData.isAway = true;
    const id = await begin(NEW);
    expect(await standing(id)).toBe('asking-registry');
    publicData.isAway = false;
    clock.advance(5_000);
    await settle();
    expect([await standing(id), publicData.questions.length]).toEqual(['awaiting-registry', 1]);
    publicData.isAway = true;
    const { store } = await opened();
    expect(await store.transact((transaction) => transaction.rows(activationTable).count({}))).toBe(
      0,
    );
  });

  test('a registry that lies is not followed: its first answer to the latest question stands', async () => {
    const { begin, answer, activations, publicData, standing } = await opened();
    const id = await begin(NEW);
    const [first] = publicData.questions;
    await answer(OTHER);
    await answer(OTHER);
    expect(await codeOf(answer(NEW))).toBe('ANSWER_CONFLICT');
    await begin(OTHER);
    expect(await codeOf(activations.answered(first!.requestId, OTHER))).toBe('ACTIVATION_UNKNOWN');
    expect(await codeOf(activations.answered('r-none', OTHER))).toBe('ACTIVATION_UNKNOWN');
    expect(await standing(id)).toBe('awaiting-registry');
  });

  test('a code ends after five wrong ones or five minutes; a further one is sent, three in all', async () => {
    const { begin, answer, phones, activations, clock, standing, settle } = await opened();
    const id = await begin(NEW);
    await answer(NEW);
    const { code } = phones.sent[0]!;
    const wrong = code === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 5; tries += 1)
      expect(await codeOf(activations.giveCode(id, wrong, KIOSK))).toBe('CODE_WRONG');
    expect(await codeOf(activations.giveCode(id, code, KIOSK))).toBe('CODE_NOT_AWAITED');
    await begin(NEW);
    expect(phones.sent).toHaveLength(1);
    for (const count of [2, 3]) {
      clock.advance(MINUTE_MS);
      await begin(NEW);
      expect(phones.sent).toHaveLength(count);
    }
    expect(await codeOf(activations.giveCode(id, code, KIOSK))).toBe('CODE_WRONG');
    clock.advance(5 * MINUTE_MS);
    expect(await codeOf(activations.giveCode(id, phones.sent[2]!.code, KIOSK))).toBe(
      'CODE_NOT_AWAITED',
    );
    await begin(NEW);
    await settle();
    expect(await standing(id)).toBe('at-window CODES_TOO_MANY');
  });

  test.each<[CodeOutcome, string]>([
    ['not-sent', 'sending-code'],
    ['refused', 'awaiting-number NUMBER_REFUSED'],
    ['none', 'at-window SMS_UNSET'],
  ])('a message that is %s leaves it %s', async (outcome, expected) => {
    const { begin, answer, phones, standing } = await opened();
    phones.outcome = outcome;
    const id = await begin(NEW);
    await answer(NEW);
    expect(await standing(id)).toBe(expected);
  });

  test('another hospital sees nothing of it, until the citizen goes on there', async () => {
    const { begin, activations } = await opened();
    const id = await begin(NEW);
    expect(await codeOf(activations.show(id, ELSEWHERE))).toBe('ACTIVATION_UNKNOWN');
    expect(await begin(NEW, ELSEWHERE)).toBe(id);
    expect(await codeOf(activations.show(id, ELSEWHERE))).toBe('done');
    expect(await codeOf(activations.show(id, KIOSK))).toBe('ACTIVATION_UNKNOWN');
  });

  test('a citizen begins for themselves alone', async () => {
    const { begin, persons } = await opened();
    const { personId } = await persons.register({
      ...{ name: '王大力', idNumber: idNumberOf('19900101', 77), mobile: OTHER },
    });
    const stranger = {
      subject: subject(personId, { kind: 'Citizen', person: personId }),
      scopes: [{ person: personId }],
    };
    expect(await codeOf(begin(NEW, stranger as never))).toBe('ACCESS_FORBIDDEN');
  });

  test('who does not go on with it for a week begins anew, and the offered number is gone', async () => {
    const { begin, answer, store, clock, standing, settle } = await opened();
    const id = await begin(NEW);
    await answer(OTHER);
    clock.advance(7 * DAY_MS);
    await settle();
    expect(await standing(id)).toBe('expired MOBILE_DIFFERS');
    const [row] = await store.transact((transaction) => transaction.rows(activationTable).find({}));
    expect(row).toMatchObject({ sealedMobile: null, codeHash: null });
    expect(await begin(NEW)).not.toBe(id);
  });

  test('two who begin at once begin one', async () => {
    const { activations, store } = await opened();
    const { name, idNumber } = adult;
    const body: ActivationBody = { purpose: 'mobile', channel: 'app', name, idNumber, mobile: NEW };
    const begun = await Promise.all([activations.begin(body, DESK), activations.begin(body, DESK)]);
    expect(new Set(begun.map(({ activation }) => activation.activationId)).size).toBe(1);
    expect(await store.transact((transaction) => transaction.rows(activationTable).count({}))).toBe(
      1,
    );
  });

  test('who is erased has none under way', async () => {
    const { begin, erasures, persons, store } = await opened();
    await begin(NEW);
    const personId = await persons.resolve('id-number', adult.idNumber);
    const { erasureId } = await erasures.request(personId, 'op-2');
    await store.transact((transaction) =>
      erasures.noticeEnded(
        { type: 'ClosingNoticeEnded', data: { erasureId, personId, outcome: 'sent' } },
        transaction,
      ),
    );
    expect(await store.transact((transaction) => transaction.rows(activationTable).count({}))).toBe(
      0,
    );
  });
};
