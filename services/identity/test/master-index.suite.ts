import type { Registration } from '@caretab/contracts';
import { derivedId, type Ids } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { masterIndexOn } from '../src/master-index/master-index.module';
import { Matching } from '../src/master-index/matching';
import { matchWeights } from '../src/master-index/weights';
import { matchCaseTable } from '../src/master-index/match-case.table';
import {
  matchKeyTable,
  recordLinkTable,
  sourceRecordTable,
} from '../src/master-index/source-record.table';
import type { Said } from '../src/master-index/source-records';
import { personKeyTable } from '../src/person/person.table';
import { adult, child, identityOn, idNumberOf } from './persons.suite';

export const H1 = { kind: 'medical-record', authority: 'H1' };
export const H2 = { kind: 'medical-record', authority: 'H2' };
const BUREAU = { kind: 'insurance', authority: 'CN-330100' };
const { name, idNumber, mobile } = adult;
const said = (identifier: string, person: Said['person']): Said => ({ identifier, person });
const full = { name, idNumber };
const unnumbered = { name, birthDate: '1980-06-15', sex: 'male' as const };
const nameOf = (number: number): string =>
  [...'王李张刘陈杨赵黄周吴'][number % 10]! +
  [...'伟娜敏洋静磊军'][number % 7]! +
  [...'芳强杰涛明超兰霞平刚桂'][(number * 3) % 11]!;
const TWO = { why: 'looked at both', by: 'desk-1', approvedBy: 'desk-2' };

export const indexOn = (store: Store, ids?: Ids) => {
  const identity = identityOn(store);
  const index = masterIndexOn({ ...identity, ids: ids ?? identity.ids });
  const open = async () => (await index.list.list('open')).cases;
  const settle = async (): Promise<void> => {
    while ((await index.indexing.runOnce()) > 0);
  };
  /** A person who registered, in the index. */
  const registered = async (registration: Registration): Promise<string> => {
    const { personId } = await identity.persons.register(registration);
    await settle();
    return personId;
  };
  return { ...identity, ...index, open, settle, registered };
};

/** Persons across domains, held by both stores. */
export const masterIndexSuite = (open: () => Promise<Store>): void => {
  const begin = async () => indexOn(await open());

  test('the same again changes nothing; other content changes the same record', async () => {
    const { records } = await begin();
    const first = await records.register(H1, said('MR 001', full));
    expect(first.created).toBe(true);
    expect(await records.register(H1, said('mr001', full))).toEqual({ ...first, created: false });
    const changed = await records.register(H1, said('MR001', { ...full, mobile }));
    expect(changed.record).toMatchObject({ recordId: first.record.recordId, linkedBy: 'none' });
    expect(await records.find(H1, 'MR001')).toEqual(changed.record);
    await expect(records.find(H2, 'MR001')).rejects.toThrow('SOURCE_RECORD_UNKNOWN');
  });

  test('weights are fitted to the records that there are, and to no fewer than say something', async () => {
    const { records, fitting, settle } = await begin();
    const register = (source: typeof H1, number: number) =>
      records.register(
        source,
        said(`F${number}`, {
          ...{ name: nameOf(number), sex: 'male' as const },
          birthDate: `19${60 + (number % 40)}-0${1 + (number % 9)}-1${number % 10}`,
          mobile: `139${String(10_000_000 + number * 7)}`,
        }),
      );
    await register(H1, 0);
    await expect(fitting.fit(matchWeights, 20)).rejects.toThrow('MATCH_PAIRS_TOO_FEW');
    for (let number = 1; number < 60; number += 1) await register(H1, number);
    for (let number = 0; number < 60; number += 1) await register(H2, number);
    await settle();
    const { weights, candidates, random, share } = await fitting.fit(matchWeights, 120);
    expect([candidates >= 60, random, share > 0.3]).toEqual([true, 7140, true]);
    // Two sources agree on each of these persons, mobile number and all.
    expect(weights.fields.mobile[0]!.m).toBeGreaterThan(0.8);
    expect(weights.fields.sex[0]!.u).toBeGreaterThan(0.95);
    expect(() => new Matching(weights)).not.toThrow();
  });

  test('what a source recorded earlier does not overwrite what it recorded later', async () => {
    const { records, settle, registered } = await begin();
    const personId = await registered(adult);
    const late = { ...said('1', full), recordedAt: '2026-03-01T10:00:00Z' };
    await records.register(H1, late);
    const early = { ...said('1', { name: '王五' }), recordedAt: '2026-03-01T09:00:00Z' };
    expect((await records.register(H1, early)).record.personId).toBe(personId);
    await settle();
    expect((await records.find(H1, '1')).linkedBy).toBe('rule');
  });

  test('one ID number and one name are one person, in whatever order they come', async () => {
    const { records, registered, settle } = await begin();
    const one = await records.register(H1, said('1', full));
    const two = await records.register(H2, said('A', { ...full, name: 'LIN Qinghe' }));
    expect(two.record).toMatchObject({ personId: one.record.personId, linkedBy: 'rule' });
    const personId = await registered(adult);
    expect(personId).not.toBe(one.record.personId);
    await settle();
    for (const [domain, identifier] of [[H1, '1'] as const, [H2, 'A'] as const])
      expect(await records.find(domain, identifier)).toMatchObject({ personId, linkedBy: 'rule' });
    const three = await records.register(BUREAU, said('3301', full));
    expect(three.record.personId).toBe(personId);
  });

  test('sources that register one person at the same moment find each other', async () => {
    const { records, settle } = await begin();
    await Promise.all([
      ...['1', '1'].map((identifier) => records.register(H1, said(identifier, full))),
      records.register(H2, said('A', full)),
      records.register(BUREAU, said('3301', full)),
    ]);
    await settle();
    const found = await Promise.all([
      ...[records.find(H1, '1'), records.find(H2, 'A'), records.find(BUREAU, '3301')],
    ]);
    expect(new Set(found.map(({ personId }) => personId)).size).toBe(1);
  });

  test('who is not registered is found by no credential, and shown to no one', async () => {
    const { records, persons, guardianships } = await begin();
    const { record } = await records.register(H1, said('1', full));
    await expect(persons.resolve('id-number', idNumber)).rejects.toThrow('PERSON_UNKNOWN');
    await expect(persons.show(record.personId)).rejects.toThrow('PERSON_UNKNOWN');
    const { personId: guardianId } = await persons.register({
      ...{ name: '王芳', idNumber: idNumberOf('19820101', 321), mobile },
    });
    await expect(
      guardianships.appoint(record.personId, { guardianId, relation: '5' }),
    ).rejects.toThrow('PERSON_UNKNOWN');
  });

  test('what is similar waits for two persons, with levels and weights and no value', async () => {
    const { records, registered, cases, open: openCases } = await begin();
    const personId = await registered(adult);
    const { record } = await records.register(H1, said('1', { ...unnumbered, mobile }));
    expect(record).toMatchObject({ linkedBy: 'none', similar: 1 });
    expect(record.personId).not.toBe(personId);
    const [found] = await openCases();
    expect(found).toMatchObject({ personId, recordId: record.recordId, likely: true });
    expect(found!.evidence.map(({ field, level }) => `${field} ${level}`)).toEqual([
      ...['name equal', 'birthDate equal', 'sex equal', 'mobile equal'],
    ]);
    const { caseId } = found!;
    const { approvedBy: _, ...alone } = TWO;
    await expect(cases.decide({ personId, caseId }, 'same', alone)).rejects.toThrow(
      'APPROVAL_NEEDED',
    );
    await expect(cases.decide({ personId: 'p-x', caseId }, 'same', TWO)).rejects.toThrow(
      'MATCH_CASE_UNKNOWN',
    );
    const { linkId } = await cases.decide({ personId, caseId }, 'same', TWO);
    expect(await records.find(H1, '1')).toMatchObject({ personId, linkedBy: 'review', similar: 0 });
    expect(await records.ofPerson(personId, 9)).toMatchObject([
      { recordId: record.recordId, linkId },
    ]);
    await expect(cases.decide({ personId, caseId }, 'different', TWO)).rejects.toThrow(
      'MATCH_CASE_DECIDED',
    );
  });

  test('a link is taken back exactly, and no rule makes it again', async () => {
    const { records, registered, cases, settle, store } = await begin();
    const personId = await registered(adult);
    const other = await records.register(H2, said('A', { name: '王五', birthDate: '1990-01-01' }));
    const { record } = await records.register(H1, said('1', full));
    expect(record).toMatchObject({ personId, linkedBy: 'rule' });
    const [brought] = await records.ofPerson(personId, 9);
    const linkId = brought!.linkId!;
    await expect(cases.undo(other.record.personId, linkId, TWO)).rejects.toThrow(
      'RECORD_LINK_UNKNOWN',
    );
    await cases.undo(personId, linkId, TWO);
    await settle();
    const alone = await records.find(H1, '1');
    expect(alone).toMatchObject({ linkedBy: 'none', similar: 0 });
    expect(alone.personId).not.toBe(personId);
    expect(await records.ofPerson(personId, 9)).toEqual([]);
    // It opens with the key of the person that it went back to.
    await records.register(H1, said('1', { ...full, mobile: '13800000000' }));
    expect((await records.find(H1, '1')).personId).toBe(alone.personId);
    await expect(cases.undo(personId, linkId, TWO)).rejects.toThrow('RECORD_LINK_UNKNOWN');
    const links = await store.transact((transaction) => transaction.rows(recordLinkTable).find({}));
    expect(links).toMatchObject([{ by: 'id-number', undoneBy: 'desk-1', undoneWhy: TWO.why }]);
  });

  test('what people said are two stays two, whatever a source says later', async () => {
    const { records, registered, cases, open: openCases, settle } = await begin();
    const personId = await registered(adult);
    await records.register(H1, said('1', unnumbered));
    const [found] = await openCases();
    await cases.decide({ personId, caseId: found!.caseId }, 'different', TWO);
    await records.register(H1, said('1', { ...unnumbered, idNumber }));
    await settle();
    expect(await records.find(H1, '1')).toMatchObject({ linkedBy: 'none', similar: 0 });
  });

  test('a link goes no further back than its turn', async () => {
    const { records, registered, cases, open: openCases } = await begin();
    const first = await records.register(H1, said('1', { ...unnumbered, mobile }));
    await records.register(H2, said('A', { ...unnumbered, mobile }));
    const [found] = await openCases();
    const { linkId } = await cases.decide(found!, 'same', TWO);
    expect((await records.find(H2, 'A')).personId).toBe(first.record.personId);
    const personId = await registered(adult);
    await cases.decide((await openCases())[0]!, 'same', TWO);
    expect(await openCases()).toEqual([]);
    expect((await records.ofPerson(personId, 9)).map(({ domain }) => domain)).toEqual([H1, H2]);
    await expect(cases.undo(first.record.personId, linkId!, TWO)).rejects.toThrow(
      'RECORD_LINK_SUPERSEDED',
    );
    const [later] = await records.ofPerson(personId, 9);
    await cases.undo(personId, later!.linkId!, TWO);
    await cases.undo(first.record.personId, linkId!, TWO);
    expect((await records.find(H2, 'A')).personId).not.toBe(first.record.personId);
    expect((await records.find(H1, '1')).personId).toBe(first.record.personId);
  });

  test('a record that a rule linked goes back when its source corrects it', async () => {
    const { records, registered } = await begin();
    const personId = await registered(adult);
    const wrong = await records.register(H1, said('1', full));
    expect(wrong.record.personId).toBe(personId);
    const right = { name: child.name, idNumber: child.idNumber };
    const { record } = await records.register(H1, said('1', right));
    expect(record).toMatchObject({ linkedBy: 'none', similar: 0 });
    expect(record.personId).not.toBe(personId);
    const childId = await registered(child);
    expect(await records.find(H1, '1')).toMatchObject({ personId: childId, linkedBy: 'rule' });
  });

  test('one number under two names is a question for people', async () => {
    const { records, registered, open: openCases } = await begin();
    const personId = await registered(adult);
    const { record } = await records.register(H1, said('1', { name: '王五', idNumber }));
    expect(record).toMatchObject({ linkedBy: 'none', similar: 1 });
    expect(await openCases()).toMatchObject([{ personId }]);
  });

  test('a newborn under its mother’s number is not its mother, and becomes one with its own', async () => {
    const { records, registered, open: openCases, settle } = await begin();
    const mother = { name: '王芳', idNumber: idNumberOf('19930204', 562), mobile };
    const motherId = await registered(mother);
    const newborn = { name: '王芳之子', birthDate: '2026-02-20', sex: 'male' as const };
    const one = await records.register(H1, said('N1', { ...newborn, idNumber: mother.idNumber }));
    expect(one.record).toMatchObject({ linkedBy: 'none', similar: 0 });
    const motherIdNumber = mother.idNumber;
    await records.register(H2, said('N2', { ...newborn, newborn: { motherIdNumber } }));
    expect(await openCases()).toMatchObject([{ personId: one.record.personId }]);
    const own = { name: '王小宝', idNumber: idNumberOf('20260220', 557), mobile };
    const babyId = await registered(own);
    await records.register(H1, said('N1', { name: own.name, idNumber: own.idNumber }));
    await settle();
    expect(await records.find(H1, 'N1')).toMatchObject({ personId: babyId, linkedBy: 'rule' });
    expect(babyId).not.toBe(motherId);
  });

  test('an erasure takes all that the index has of a person, and leaves others theirs', async () => {
    const { records, registered, destruction, cases, open: openCases, store } = await begin();
    const personId = await registered(adult);
    const alone = await records.register(H1, said('1', { ...unnumbered, mobile }));
    await records.register(H2, said('A', { ...full, birthDate: '1980-06-15' }));
    await cases.decide((await openCases())[0]!, 'same', TWO);
    const otherId = await registered(child);
    await records.register(H1, said('2', { name: child.name, idNumber: child.idNumber }));
    const destroyed = await store.transact((transaction) =>
      destruction.destroy(
        transaction,
        { personId, erasureId: `e-${derivedId('erasure')}` },
        new Date('2029-03-02'),
      ),
    );
    expect(destroyed).toEqual(
      expect.arrayContaining([
        { service: 'identity', table: 'source_record', rows: 2 },
        { service: 'identity', table: 'record_link', rows: 2 },
        { service: 'identity', table: 'match_case', rows: 1 },
      ]),
    );
    const left = await store.transact(async (transaction) => ({
      records: await transaction.rows(sourceRecordTable).find({}),
      keys: await transaction.rows(matchKeyTable).find({}),
      links: await transaction.rows(recordLinkTable).find({}),
      cases: await transaction.rows(matchCaseTable).find({}),
      origins: await transaction
        .rows(personKeyTable)
        .find({ personId: { in: [personId, alone.record.personId] } }),
    }));
    expect(left.records.map((record) => record.personId)).toEqual([otherId]);
    expect(new Set(left.keys.map((key) => key.personId))).toEqual(new Set([otherId]));
    expect(left.links.map((link) => link.toPersonId)).toEqual([otherId]);
    expect([left.cases, left.origins]).toEqual([[], []]);
    await expect(records.find(H1, '1')).rejects.toThrow('SOURCE_RECORD_UNKNOWN');
  });

  test('who never registered is erased as well', async () => {
    const { records, erasures, store } = await begin();
    const { record } = await records.register(H1, said('1', full));
    const { erasureId } = await erasures.request(record.personId, 'op-2');
    await expect(records.register(H1, said('1', { ...full, mobile }))).rejects.toThrow(
      'ERASURE_UNDER_WAY',
    );
    await store.transact((transaction) =>
      erasures.noticeEnded(
        {
          type: 'ClosingNoticeEnded',
          data: { erasureId, personId: record.personId, outcome: 'skipped' },
        },
        transaction,
      ),
    );
    await expect(records.find(H1, '1')).rejects.toThrow('SOURCE_RECORD_UNKNOWN');
    const again = await records.register(H1, said('1', full));
    expect(again.record.personId).not.toBe(record.personId);
  });
};
