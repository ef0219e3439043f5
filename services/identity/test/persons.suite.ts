import { derivedId, DomainError, type Ids, idNumberCheck } from '@caretab/kernel';
import type { Store, StoredMessage } from '@caretab/store';
import { KeyFile } from '@caretab/security';
import { fixedClock } from '@caretab/doubles';
import { CardRows } from '../src/card/card-rows';
import { Destruction } from '../src/erasure/destruction';
import { Erasures } from '../src/erasure/erasures';
import type { Neighbours, VisitStanding } from '../src/erasure/obstacles';
import { InstitutionKeys } from '../src/institution/institution-keys';
import { Institutions } from '../src/institution/institutions';
import { Guardianships } from '../src/guardianship/guardianships';
import { Merges, type Services } from '../src/merge/merges';
import { Holders } from '../src/person/holders';
import { Mobiles } from '../src/person/mobiles';
import { Persons } from '../src/person/persons';
import { DEFAULT_KEY_SCOPES, type Holder, type Registration } from '@caretab/contracts';
import { Vault } from '../src/person/vault';

/** A well-formed, invented ID number: Hangzhou's area, this birth date (YYYYMMDD) and sequence. */
export const idNumberOf = (birthDate: string, sequence = 123): string => {
  const body = `330106${birthDate}${String(sequence).padStart(3, '0')}`;
  return body + idNumberCheck(body);
};

export const adult: Registration = {
  name: '林清和',
  idNumber: idNumberOf('19800615'),
  mobile: '13957100001',
  email: 'qinghe.lin@example.cn',
  language: 'zh',
  credentials: [{ type: 'health-card', value: 'HC-3301-000001' }],
};
export const child: Registration = {
  name: '林小雨',
  idNumber: idNumberOf('20150901', 124),
  mobile: '13957100001',
};

/** UUID-shaped ids that count. */
const countedIds = (): Ids => {
  let count = 0;
  return { next: () => derivedId('test', String(++count)) };
};

/** Credit and the ledger, as far as an erasure asks them; it remembers whom it closed. */
export class NeighboursFake implements Neighbours {
  standing = { holds: 0, debts: 0, wards: 0 };
  visitsOfPerson: VisitStanding[] = [];
  isAway = false;
  readonly closed = new Set<string>();

  async credit(personId: string, close: boolean) {
    if (this.isAway) throw new DomainError('CREDIT_UNAVAILABLE', 'unavailable');
    const isFree = Object.values(this.standing).every((count) => count === 0);
    if (close && isFree) this.closed.add(personId);
    return { ...this.standing, closed: close && isFree };
  }

  async visits(): Promise<readonly VisitStanding[]> {
    return this.visitsOfPerson;
  }
}

/** Who has the service open, at credit. */
export class ServicesFake implements Services {
  readonly open = new Set<string>();

  async of(personId: string) {
    return this.open.has(personId) ? ('open' as const) : undefined;
  }
}

/** Identity without its doors. */
export const identityOn = (
  store: Store,
  masterKeys = new KeyFile('KEYS', Buffer.alloc(32, 9).toString('hex')),
) => {
  const neighbours = new NeighboursFake();
  const ids = countedIds();
  const clock = fixedClock('2026-03-02T00:00:00Z');
  const vault = new Vault(masterKeys);
  const keys = new InstitutionKeys({ store, clock });
  const persons = new Persons({ store, clock, ids, vault });
  const mobiles = new Mobiles({ persons, vault });
  const cardRows = new CardRows({ clock, ids, vault });
  const services = new ServicesFake();
  const destruction = new Destruction({ clock, persons, vault, cards: cardRows });
  return {
    store,
    clock,
    ids,
    vault,
    persons,
    neighbours,
    mobiles,
    destruction,
    cardRows,
    merges: new Merges({ store, clock, tokenClock: clock, ids, persons, services }),
    services,
    erasures: new Erasures({ store, clock, ids, persons, destruction, neighbours }),
    guardianships: new Guardianships({ store, clock, ids, persons }),
    keys,
    institutions: new Institutions({ store, clock, keys, takesChosenKeys: true }),
  };
};

/** What waits to be published, oldest first. */
export const outbox = async (store: Store): Promise<readonly StoredMessage[]> =>
  store.unpublished(10_000);

/** The rules of registration, held by both stores. */
export const personsSuite = (open: () => Promise<Store>): void => {
  test('the same three factors give the same person, and only the first registration is told', async () => {
    const { persons, store } = identityOn(await open());
    const first = await persons.register(adult);
    expect(first.created).toBe(true);
    expect(
      await persons.register({
        ...adult,
        idNumber: ` ${adult.idNumber.toLowerCase()} `,
        mobile: '+86 139 5710 0001',
      }),
    ).toEqual({ personId: first.personId, created: false });
    expect((await outbox(store)).map(({ headers, value }) => [headers['ce_type'], value])).toEqual([
      [
        'PersonRegistered',
        { personId: first.personId, minor: false, registeredAt: '2026-03-02T00:00:00.000Z' },
      ],
    ]);
  });

  test('the same ID number with another name is a conflict and changes nothing', async () => {
    const { persons } = identityOn(await open());
    const { personId } = await persons.register(adult);
    await expect(
      persons.register({
        ...adult,
        name: '王大力',
        mobile: '13800000000',
        credentials: [{ type: 'qr', value: 'QR-other' }],
      }),
    ).rejects.toMatchObject({ code: 'PERSON_CONFLICT', details: { field: 'name' } });
    expect(await persons.contact(personId)).toEqual({
      mobile: '13957100001',
      email: 'qinghe.lin@example.cn',
      language: 'zh',
    });
    await expect(persons.resolve('qr', 'QR-other')).rejects.toThrow('PERSON_UNKNOWN');
  });

  test('a holder differs by field, names are compared in one writing, and nothing else is said', async () => {
    const store = await open();
    const { persons } = identityOn(store);
    const { personId } = await persons.register(adult);
    const differing = (holder: Holder) => new Holders({ store, persons }).compare(personId, holder);
    const sex = Number(adult.idNumber[16]) % 2 === 1 ? 'male' : 'female';
    expect(
      await differing({ names: ['清和林', '林 清 和'], birthDate: '1980-06-15', sex }),
    ).toEqual([]);
    expect(await differing({})).toEqual([]);
    for (const birthDate of ['1980', '1980-06']) expect(await differing({ birthDate })).toEqual([]);
    for (const birthDate of ['1981', '1980-07'])
      expect(await differing({ birthDate })).toEqual(['birthDate']);
    expect(await differing({ names: ['某人'] })).toEqual(['name']);
    expect(
      await differing({
        names: ['某人'],
        birthDate: '1980-06-16',
        sex: sex === 'male' ? 'female' : 'male',
      }),
    ).toEqual(['name', 'birthDate', 'sex']);
    await expect(new Holders({ store, persons }).compare('p-none', {})).rejects.toThrow(
      'PERSON_UNKNOWN',
    );
  });

  test('another mobile number is not believed, and what is left out stays', async () => {
    const { persons } = identityOn(await open());
    const { personId } = await persons.register(adult);
    await persons.register({ name: adult.name, idNumber: adult.idNumber, mobile: '13957199999' });
    expect(await persons.contact(personId)).toEqual({
      mobile: adult.mobile,
      email: 'qinghe.lin@example.cn',
      language: 'zh',
    });
  });

  test('two who register the same person at once get one person', async () => {
    const { persons, store } = identityOn(await open());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => persons.register(adult)));
    expect(new Set(outcomes.map(({ personId }) => personId)).size).toBe(1);
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
    expect(await outbox(store)).toHaveLength(1);
  });

  test('any credential leads to its person', async () => {
    const { persons } = identityOn(await open());
    const { personId } = await persons.register(adult);
    await persons.register({ ...adult, credentials: [{ type: 'qr', value: 'QR-1234' }] });
    expect(await persons.resolve('id-number', adult.idNumber.toLowerCase())).toBe(personId);
    expect(await persons.resolve('health-card', 'HC-3301-000001')).toBe(personId);
    expect(await persons.resolve('qr', ' QR-1234 ')).toBe(personId);
    await expect(persons.resolve('qr', 'HC-3301-000001')).rejects.toMatchObject({
      code: 'PERSON_UNKNOWN',
      details: { type: 'qr' },
    });
  });

  test("another's credential is a conflict, and nobody is registered", async () => {
    const { persons } = identityOn(await open());
    await persons.register(adult);
    const other = { ...child, credentials: adult.credentials! };
    await expect(persons.register(other)).rejects.toThrow('CREDENTIAL_CONFLICT');
    await expect(persons.resolve('id-number', other.idNumber)).rejects.toThrow('PERSON_UNKNOWN');
  });

  test('a guardian is appointed once; another one only in the place of the one who is named', async () => {
    const { persons, guardianships, store } = identityOn(await open());
    const [{ personId: guardianId }, { personId: otherId }, { personId: childId }] = [
      await persons.register(adult),
      await persons.register({ ...adult, idNumber: idNumberOf('19810101'), credentials: [] }),
      await persons.register(child),
    ];
    await guardianships.appoint(childId, { guardianId, relation: '5' });
    await guardianships.appoint(childId, { guardianId, relation: '5' });
    await expect(
      guardianships.appoint(childId, { guardianId: otherId, relation: '5' }),
    ).rejects.toMatchObject({ code: 'GUARDIAN_CONFLICT' });
    expect(await persons.show(childId)).toMatchObject({ guardianId, minor: true });
    const evidence = { kind: 'agreement', reference: 'A-1' } as const;
    const other = { guardianId: otherId, relation: '6', replaces: guardianId, evidence };
    await expect(guardianships.appoint(childId, other)).rejects.toThrow('APPROVAL_NEEDED');
    expect(await persons.show(childId)).toMatchObject({ guardianId });
    await guardianships.appoint(childId, { ...other, approvedBy: 'op-2' });
    expect(await persons.show(childId)).toMatchObject({ guardianId: otherId });
    expect(
      (await outbox(store)).filter(({ headers }) => headers['ce_type'] === 'GuardianAppointed'),
    ).toHaveLength(2);
  });

  test('an institution is known by its key and its facility; the same details again change nothing', async () => {
    const { institutions, keys, store } = identityOn(await open());
    const first = await institutions.put('H1', {
      name: '市一医院',
      level: 'level-3',
      facility: 'HIS1',
    });
    expect(first).toMatchObject({ created: true, apiKey: expect.stringMatching(/^ctk_/) });
    expect(
      await institutions.put('H1', { name: '市一医院', level: 'level-3', facility: 'HIS1' }),
    ).toEqual({ institutionId: 'H1', name: '市一医院', level: 'level-3', created: false });
    expect(await outbox(store)).toHaveLength(1);
    expect(await institutions.authenticate({ apiKey: first.apiKey! })).toEqual({
      institutionId: 'H1',
      name: '市一医院',
      level: 'level-3',
      scopes: DEFAULT_KEY_SCOPES,
    });
    expect(await institutions.authenticate({ facility: 'HIS1' })).toMatchObject({
      institutionId: 'H1',
    });
    const { apiKey } = await keys.replaceAll('H1');
    await expect(institutions.authenticate({ apiKey: first.apiKey! })).rejects.toThrow(
      'INSTITUTION_UNKNOWN',
    );
    expect(await institutions.authenticate({ apiKey })).toMatchObject({ institutionId: 'H1' });
    await expect(
      institutions.put('H2', { name: '区医院', level: 'level-2', facility: 'HIS1' }),
    ).rejects.toThrow('FACILITY_TAKEN');
    await expect(
      institutions.put('H2', { name: '区医院', level: 'level-2', apiKey }),
    ).rejects.toThrow('API_KEY_TAKEN');
    const details = { name: '市一医院', level: 'level-2', facility: 'HIS1' } as const;
    const webhookUrl = 'http://127.0.0.1:9/hook';
    for (const [field, value] of [
      ['webhookUrl', webhookUrl],
      ['apiKey', 'k'.repeat(24)],
      ['facility', 'HIS2'],
      ['interface', { presence: 'card' }],
      ['interface', { presenceReaders: ['face'] }],
      ['interface', { hl7: false }],
    ] as const)
      await expect(institutions.put('H1', { ...details, [field]: value })).rejects.toThrow(
        'APPROVAL_NEEDED',
      );
    expect(await outbox(store)).toHaveLength(1);
    await institutions.put('H1', { ...details, webhookUrl, approvedBy: 'op-2' });
    expect((await outbox(store)).map(({ value }) => value)).toMatchObject([
      { level: 'level-3' },
      { level: 'level-2', webhookUrl: 'http://127.0.0.1:9/hook' },
    ]);
    await expect(
      institutions.put('H1', { name: '市一医院', level: 'level-2', webhookUrl: 'http://[::1' }),
    ).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: { faults: [expect.objectContaining({ field: '/webhookUrl' })] },
    });
    const refused = institutions.put('H1', {
      name: '市一医院',
      level: 'level-2',
      interface: { ignoredMessages: ['ORU^R01', 'DFT^P03', 'ADT^A03', 'BAR^P01'] },
    });
    await expect(refused).rejects.toMatchObject({
      code: 'MESSAGE_TYPE_NEEDED',
      details: {
        faults: [1, 2, 3].map((at) =>
          expect.objectContaining({ field: `/interface/ignoredMessages/${at}` }),
        ),
      },
    });
    expect(await institutions.list()).toHaveLength(1);
    await expect(keys.replaceAll('H9')).rejects.toThrow('INSTITUTION_UNKNOWN');
  });
};
