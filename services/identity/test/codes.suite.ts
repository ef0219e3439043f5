import type { DomainError } from '@caretab/kernel';
import { isCodeSigned, KeyFile, readCode } from '@caretab/security';
import type { Store } from '@caretab/store';
import { cardsOn } from '../src/card/card.module';
import { codesOn } from '../src/code/code.module';
import { adult, identityOn } from './persons.suite';

const HOSPITAL = { by: 'hospital/H1', use: 'H1-V1' };

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return (error as DomainError).code;
  }
};

const worldOn = async (store: Store) => {
  const keys = new KeyFile('KEYS', Buffer.alloc(32, 9).toString('hex'));
  const world = identityOn(store, keys);
  const codes = codesOn({ ...world, keys });
  const { personId } = await world.persons.register(adult);
  const make = async (kind: 'dynamic' | 'static' = 'dynamic'): Promise<string> =>
    (await codes.issued.issue(personId, { kind, application: 'app', by: personId })).code;
  return { ...world, ...codes, cards: cardsOn(world).cards, personId, make };
};

/** Codes that citizens show, held by both stores. */
export const codesSuite = (open: () => Promise<Store>): void => {
  test('a dynamic code leads to its person once; the same use again is the same, a replay is refused', async () => {
    const { shown, make, personId } = await worldOn(await open());
    const code = await make();
    expect(await shown.resolve(code, HOSPITAL)).toBe(personId);
    expect(await shown.resolve(code, HOSPITAL)).toBe(personId);
    for (const other of [
      { by: 'hospital/H1', use: 'H1-V2' },
      { by: 'hospital/H2', use: 'H1-V1' },
      { by: 'hospital/H1' },
    ])
      expect(await codeOf(shown.resolve(code, other))).toBe('CODE_USED');
    const bare = await make();
    expect(await shown.resolve(bare, { by: 'hospital/H1' })).toBe(personId);
    expect(await codeOf(shown.resolve(bare, { by: 'hospital/H1' }))).toBe('CODE_USED');
  });

  test('of many who show one code at once, one is answered', async () => {
    const { shown, make, personId } = await worldOn(await open());
    const code = await make();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        shown.resolve(code, { by: 'hospital/H1', use: `V${index}` }).catch(({ code: why }) => why),
      ),
    );
    expect(answers.filter((answer) => answer === personId)).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'CODE_USED')).toHaveLength(7);
  });

  test('a code is good for a minute; what a front node read in time is taken for a week', async () => {
    const { shown, make, clock, personId } = await worldOn(await open());
    const [late, read, future, old] = [await make(), await make(), await make(), await make()];
    const readAt = clock.now();
    clock.advance(59_999);
    expect(await codeOf(shown.resolve(await make(), HOSPITAL))).toBe('done');
    clock.advance(60_000);
    expect(await codeOf(shown.resolve(late, HOSPITAL))).toBe('CODE_EXPIRED');
    const at = (ms: number) => ({ ...HOSPITAL, readAt: new Date(readAt.getTime() + ms) });
    expect(await codeOf(shown.resolve(future, at(600_000)))).toBe('CODE_EXPIRED');
    expect(await codeOf(shown.resolve(future, at(91_000)))).toBe('CODE_EXPIRED');
    expect(await codeOf(shown.resolve(future, at(-31_000)))).toBe('CODE_EXPIRED');
    expect(await shown.resolve(read, at(1_000))).toBe(personId);
    clock.advance(7 * 24 * 60 * 60_000);
    expect(await codeOf(shown.resolve(old, at(1_000)))).toBe('CODE_EXPIRED');
  });

  test('a static code asks for the end of the mobile number, five times in an hour', async () => {
    const { shown, make, clock, personId } = await worldOn(await open());
    const code = await make('static');
    expect(code).toMatch(/^[0-9a-f]{64}:1$/);
    expect(await codeOf(shown.resolve(code, HOSPITAL))).toBe('SECOND_FACTOR_NEEDED');
    const right = { ...HOSPITAL, mobileEnd: adult.mobile.slice(-4) };
    expect(await shown.resolve(code, right)).toBe(personId);
    expect(await shown.resolve(code, right)).toBe(personId);
    const wrong = { ...HOSPITAL, mobileEnd: '9999' };
    for (let tries = 0; tries < 5; tries++)
      expect(await codeOf(shown.resolve(code, wrong))).toBe('SECOND_FACTOR_WRONG');
    expect(await codeOf(shown.resolve(code, right))).toBe('SECOND_FACTOR_WRONG');
    clock.advance(60 * 60_000);
    expect(await shown.resolve(code, right)).toBe(personId);
  });

  test('what others printed as a code is as static as that', async () => {
    const { shown, persons, personId } = await worldOn(await open());
    await persons.register({ ...adult, credentials: [{ type: 'qr', value: 'QR-1234' }] });
    expect(await codeOf(shown.resolve('QR-1234', HOSPITAL))).toBe('SECOND_FACTOR_NEEDED');
    const mobileEnd = adult.mobile.slice(-4);
    expect(await shown.resolve('QR-1234', { ...HOSPITAL, mobileEnd })).toBe(personId);
  });

  test('the card in the application is seen, lost and refused as any other', async () => {
    const { shown, make, cards, personId } = await worldOn(await open());
    const code = await make();
    const card = (await cards.list(personId)).find(({ mode }) => mode === 'application')!;
    await cards.change(personId, card.cardId, 'report-lost', { by: personId });
    expect(await codeOf(shown.resolve(code, HOSPITAL))).toBe('CARD_NOT_VALID');
    expect(await codeOf(make())).toBe('CARD_NOT_VALID');
    await cards.change(personId, card.cardId, 'close', { by: 'desk' });
    expect(await shown.resolve(await make(), HOSPITAL)).toBe(personId);
  });

  test('a code that was made up, or put together of two, leads to no one', async () => {
    const { shown, make, issued } = await worldOn(await open());
    const [one, other] = [await make(), await make()];
    expect(readCode(one)).toMatchObject({ kind: 'dynamic' });
    expect(isCodeSigned(readCode(one) as never, [issued.key])).toBe(true);
    const nonce = 'ab'.repeat(16);
    const parts = other.split(':');
    for (const text of [
      one.replace(/:0:[0-9a-f]{32}:/, `:0:${nonce}:`),
      ['cd'.repeat(32), ...parts.slice(1)].join(':'),
    ])
      expect(await codeOf(shown.resolve(text, HOSPITAL))).toBe('PERSON_UNKNOWN');
    expect(await codeOf(shown.resolve(other, HOSPITAL))).toBe('done');
  });

  test('ten codes of a person are good at a time, and old ones are forgotten', async () => {
    const { make, clock, issued } = await worldOn(await open());
    for (let count = 0; count < 10; count++) await make();
    expect(await codeOf(make())).toBe('CODES_TOO_MANY');
    clock.advance(60_000);
    expect(await codeOf(make())).toBe('done');
    expect(await issued.prune()).toBe(0);
    clock.advance(7 * 24 * 60 * 60_000);
    expect(await issued.prune()).toBe(11);
  });
};
