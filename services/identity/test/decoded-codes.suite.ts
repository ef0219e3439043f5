import type { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { decodedOn } from '../src/issuer/issuer.module';
import type {
  CredentialDecoder,
  Decoded,
  DecodedHolder,
  DecodeQuestion,
} from '../src/issuer/credential-decoder';
import { decodedCodeTable } from '../src/issuer/decoded-code.table';
import { indexOn } from './master-index.suite';
import { adult, child } from './persons.suite';

const HOSPITAL = { by: 'hospital/H1', institutionId: 'H1', use: 'H1-V1' };
const CODE = { kind: 'insurance-code', token: 'T-0001' } as const;
const STATIC = { kind: 'e-health-card', token: `${'ab'.repeat(32)}:1` } as const;
const BUREAU = { kind: 'insurance', authority: 'CN-330100' };
const { name, idNumber } = adult;

/** An issuer that remembers what it was asked, and by which request it decoded a code. */
export class IssuerFake implements CredentialDecoder {
  readonly asked: DecodeQuestion[] = [];
  holder: DecodedHolder = { name, idNumber };
  outcome: Exclude<Decoded['outcome'], 'decoded'> | undefined;

  async decode(question: DecodeQuestion): Promise<Decoded> {
    this.asked.push(question);
    if (this.outcome) return { outcome: this.outcome };
    const domains = { insuranceAuthority: BUREAU.authority };
    return { outcome: 'decoded', holder: this.holder, domains };
  }
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return (error as DomainError).code;
  }
};

const worldOn = async (store: Store) => {
  const index = indexOn(store);
  const issuer = new IssuerFake();
  const codes = decodedOn({ ...index, decoder: issuer });
  const personId = await index.registered(adult);
  const rows = () => store.transact((transaction) => transaction.rows(decodedCodeTable).find({}));
  return { ...index, issuer, codes, personId, rows };
};

/** Codes that others issue, held by both stores. */
export const decodedCodesSuite = (open: () => Promise<Store>): void => {
  test('a code leads to its person once; the same use again is the same, and its issuer is not asked', async () => {
    const { codes, issuer, personId } = await worldOn(await open());
    expect(await codes.resolve(CODE, HOSPITAL)).toBe(personId);
    expect(await codes.resolve(CODE, HOSPITAL)).toBe(personId);
    expect(issuer.asked).toHaveLength(1);
    expect(issuer.asked[0]).toMatchObject({ ...CODE, institutionId: 'H1' });
    const { use: _, ...bare } = HOSPITAL;
    for (const other of [{ ...HOSPITAL, use: 'H1-V2' }, { ...HOSPITAL, by: 'hospital/H2' }, bare])
      expect(await codeOf(codes.resolve(CODE, other))).toBe('CODE_USED');
    expect(await codeOf(codes.holder(CODE, { ...bare, mobile: adult.mobile }))).toBe('CODE_USED');
    expect(issuer.asked).toHaveLength(1);
  });

  test('a code that opened the service opens no visit, and goes on with the same number alone', async () => {
    const { codes } = await worldOn(await open());
    const { use: _, ...kiosk } = HOSPITAL;
    const shown = { ...kiosk, mobile: adult.mobile };
    expect(await codes.holder(CODE, shown)).toEqual({ name, idNumber });
    expect(await codes.holder(CODE, shown)).toEqual({ name, idNumber });
    expect(await codeOf(codes.holder(CODE, { ...kiosk, mobile: '13900000001' }))).toBe('CODE_USED');
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('CODE_USED');
  });

  test('of many who show one code at once, one is answered', async () => {
    const { codes, personId } = await worldOn(await open());
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, visit) =>
        codeOf(codes.resolve(CODE, { ...HOSPITAL, use: `H1-V${visit}` })),
      ),
    );
    expect(answers.filter((answer) => answer === personId)).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'CODE_USED')).toHaveLength(7);
  });

  test('what its issuer refuses, or does not say, has an error of its own and uses nothing', async () => {
    const { codes, issuer, personId, rows } = await worldOn(await open());
    for (const [outcome, error] of [
      ['silent', 'CODE_ISSUER_UNAVAILABLE'],
      ['unset', 'CODE_ISSUER_UNSET'],
      ['unknown', 'CODE_UNKNOWN'],
      ['expired', 'CODE_EXPIRED'],
      ['used', 'CODE_USED'],
      ['other-institution', 'CODE_OF_ANOTHER_INSTITUTION'],
    ] as const) {
      issuer.outcome = outcome;
      expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe(error);
    }
    expect(await rows()).toEqual([]);
    issuer.outcome = undefined;
    expect(await codes.resolve(CODE, HOSPITAL)).toBe(personId);
    // The issuer answered what it was asked before by the same id: no second use of its own.
    expect(new Set(issuer.asked.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('another name, an impossible number and numbers of two persons are refused', async () => {
    const { codes, issuer, registered, records, settle, rows } = await worldOn(await open());
    await registered({ ...child, mobile: '13957100009' });
    await records.register(BUREAU, {
      identifier: 'S330100009',
      person: { name: child.name, idNumber: child.idNumber },
    });
    await settle();
    for (const holder of [
      { name: '王大力', idNumber },
      { name: '?', idNumber },
      { name, idNumber: idNumber.replace(/^.{6}/, '000000') },
      { name, idNumber, insuranceNumber: 'S330100009' },
    ]) {
      issuer.holder = holder;
      expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('CODE_HOLDER_DIFFERS');
    }
    expect(await rows()).toEqual([]);
  });

  test('without an ID number a number that a rule linked leads to its person, by name too', async () => {
    const { codes, issuer, personId, records, settle } = await worldOn(await open());
    const insuranceNumber = 'S330100001';
    issuer.holder = { name, insuranceNumber };
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('PERSON_UNKNOWN');
    await records.register(BUREAU, { identifier: insuranceNumber, person: { name, idNumber } });
    await settle();
    issuer.holder = { insuranceNumber };
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('CODE_HOLDER_DIFFERS');
    issuer.holder = { name: '王大力', insuranceNumber };
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('CODE_HOLDER_DIFFERS');
    issuer.holder = { name, insuranceNumber };
    expect(await codes.resolve(CODE, HOSPITAL)).toBe(personId);
  });

  test('what is only similar to who registered leads to no one', async () => {
    const { codes, issuer, records, settle, open: cases } = await worldOn(await open());
    const insuranceNumber = 'S330100002';
    const person = { name, birthDate: '1980-06-15', mobile: adult.mobile };
    await records.register(BUREAU, { identifier: insuranceNumber, person });
    await settle();
    expect(await cases()).toHaveLength(1);
    issuer.holder = { name, insuranceNumber };
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('PERSON_UNKNOWN');
  });

  test('a static code of an issuer asks for the second factor each time, and is not used up', async () => {
    const { codes, personId, rows } = await worldOn(await open());
    const right = { ...HOSPITAL, mobileEnd: adult.mobile.slice(-4) };
    expect(await codeOf(codes.resolve(STATIC, HOSPITAL))).toBe('SECOND_FACTOR_NEEDED');
    expect(await codes.resolve(STATIC, right)).toBe(personId);
    expect(await codes.resolve(STATIC, { ...right, use: 'H1-V2' })).toBe(personId);
    const wrong = { ...HOSPITAL, mobileEnd: '9999' };
    for (let tries = 0; tries < 5; tries++)
      expect(await codeOf(codes.resolve(STATIC, wrong))).toBe('SECOND_FACTOR_WRONG');
    expect(await codeOf(codes.resolve(STATIC, right))).toBe('SECOND_FACTOR_WRONG');
    expect(await codeOf(codes.holder(STATIC, { ...HOSPITAL, mobile: adult.mobile }))).toBe(
      'SECOND_FACTOR_NEEDED',
    );
    expect(await rows()).toEqual([]);
  });

  test('no row shows a code or a person; a code of an erased person stays used, and goes after a year', async () => {
    const { codes, personId, store, destruction, rows, clock } = await worldOn(await open());
    await codes.resolve(CODE, HOSPITAL);
    const text = JSON.stringify(await rows());
    for (const said of [CODE.token, name, idNumber]) expect(text).not.toContain(said);
    const erasureId = 'e-00000000-0000-4000-8000-000000000001';
    await store.transact((transaction) =>
      destruction.destroy(transaction, { personId, erasureId }, clock.now()),
    );
    expect((await rows()).map((row) => row.personId)).toEqual([null]);
    expect(await codeOf(codes.resolve(CODE, { ...HOSPITAL, use: 'H1-V2' }))).toBe('CODE_USED');
    expect(await codeOf(codes.resolve(CODE, HOSPITAL))).toBe('PERSON_UNKNOWN');
    expect(await codes.prune()).toBe(0);
    clock.advance(366 * 24 * 60 * 60_000);
    expect(await codes.prune()).toBe(1);
  });
};
