import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { eventTable } from '../src/intake/intake.table';
import { mergedNumberTable } from '../src/intake/merged-numbers';
import { answered, charge, CHILD, gatewayOn, hl7, type MessageFields } from './gateway';
import { personIdOf, SPECIMEN } from './gateway';

const NI = `${SPECIMEN}^^^CN^NI`;
const CHILDS = `${CHILD}^^^CN^NI`;
const mr = (number: string): string => `${number}^^^HZ001^MR`;

/** Gateways of one institution on one store, each store fresh. */
const feed = async (open: () => Promise<Store>) => {
  const gateway = gatewayOn(await open());
  let sent = 0;
  const send = async (text: string) =>
    answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));
  const id = (): string => `S${(sent += 1)}`;
  const a40 = (pid: string, mrg: string, more: MessageFields = {}): string =>
    `${hl7('ADT^A40', { controlId: id(), ...more, pid: { 3: pid } })}\rMRG|${mrg}`;
  const merges = (surviving: string, former: string) => send(a40(mr(surviving), mr(former)));
  const opens = (number: string, visitNumber: string, credential = NI) =>
    send(
      hl7('ADT^A04', {
        controlId: id(),
        pid: { 3: number === '' ? credential : `${credential}~${mr(number)}` },
        pv1: { 19: visitNumber },
      }),
    );
  const charging = (pid: string, visitNumber = 'V1') =>
    send(
      hl7('DFT^P03', {
        controlId: id(),
        pid: { 3: pid },
        pv1: { 19: visitNumber },
        ft1: [charge(id())],
      }),
    );
  const charges = (number: string, visitNumber: string) => charging(mr(number), visitNumber);
  const noted = () =>
    gateway.store.transact((transaction) => transaction.rows(mergedNumberTable).find({}));
  const cancelled = (visitNumber: string) =>
    gateway.store.transact(async (transaction) => {
      const rows = transaction.rows(eventTable);
      const visitId = `HZ001-${visitNumber}`;
      const [row] = await rows.find({ visitId, type: 'VisitWithdrawn' });
      await rows.save({ ...row!, fate: 'applied', fateAt: gateway.clock.now() });
    });
  return { ...gateway, send, a40, merges, opens, charging, charges, noted, cancelled };
};

const taken = { code: 'AA' };
const merged = { code: 'AA', text: expect.stringMatching(/^merged: /) };
const refused = (code: string) => ({ code: 'AE', text: code, errors: [code] });

/** Merges of patient numbers (A40), on whatever store. */
export const mergesSuite = (open: () => Promise<Store>): void => {
  test('after a merge either number names the patient; the same merge again changes nothing', async () => {
    const { merges, opens, charges, published, noted } = await feed(open);
    await opens('P1', 'V1');
    expect(await charges('P2', 'V1')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await merges('P2', 'P1')).toMatchObject(merged);
    expect(await merges('P2', 'P1')).toMatchObject(merged);
    expect(await noted()).toHaveLength(1);
    expect(await charges('P2', 'V1')).toMatchObject(taken);
    expect(await charges('P1', 'V1')).toMatchObject(taken);
    const persons = (await published()).map(({ value }) => value['personId']);
    expect(new Set(persons)).toEqual(new Set([personIdOf(1)]));
  });

  test('a chain is looked at as a whole: each number of it names the patient', async () => {
    const { merges, opens, charges } = await feed(open);
    await opens('P1', 'V1');
    for (const [surviving, former] of [
      ['P2', 'P1'],
      ['P3', 'P2'],
      ['P4', 'P1'], // The first number once more: all of them are one patient's.
      ['P4', 'P5'],
      ['P6', 'P4'],
    ] as const)
      expect(await merges(surviving, former)).toMatchObject(merged);
    for (const number of ['P1', 'P2', 'P3', 'P4', 'P5', 'P6'])
      expect(await charges(number, 'V1')).toMatchObject(taken);
  });

  test('a merge back is refused, and so is one of a number into itself', async () => {
    const { merges, opens, charges, noted } = await feed(open);
    await opens('P1', 'V1');
    await merges('P2', 'P1');
    await merges('P3', 'P2');
    for (const [surviving, former] of [
      ['P1', 'P2'],
      ['P1', 'P3'],
      ['P9', 'P9'],
    ] as const)
      expect(await merges(surviving, former)).toMatchObject(refused('MERGE_CIRCULAR'));
    expect(await noted()).toHaveLength(2);
    expect(await charges('P3', 'V1')).toMatchObject(taken);
  });

  test('numbers of two persons are not merged, nor by a third number', async () => {
    const { merges, opens, charges, quarantine } = await feed(open);
    await opens('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    expect(await merges('P2', 'P1')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await merges('P3', 'P1')).toMatchObject(merged);
    expect(await merges('P3', 'P2')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await merges('P4', 'P3')).toMatchObject(merged);
    expect(await merges('P2', 'P4')).toMatchObject(refused('PERSON_DIFFERS'));
    for (const number of ['P1', 'P3', 'P4'])
      expect(await charges(number, 'V2')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await charges('P2', 'V1')).toMatchObject(refused('PERSON_DIFFERS'));
    const [kept] = await quarantine.list('open');
    expect(JSON.stringify(kept!.faults)).not.toMatch(/P1|P2|110105/);
  });

  test('a number under which a visit was only charged is known for its person, too', async () => {
    const { merges, opens, charges } = await feed(open);
    await opens('', 'V1');
    await charges('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    expect(await merges('P2', 'P1')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await charges('P2', 'V1')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await charges('P3', 'V1')).toMatchObject(taken);
  });

  test('merges that came before the openings: whose visits contradict each other share no number', async () => {
    const { merges, opens, charges } = await feed(open);
    expect(await merges('P3', 'P1')).toMatchObject(merged);
    expect(await merges('P3', 'P2')).toMatchObject(merged);
    await opens('P1', 'V1');
    expect(await charges('P3', 'V1')).toMatchObject(taken);
    await opens('P2', 'V2', CHILDS);
    for (const [number, visit] of [
      ['P3', 'V1'],
      ['P2', 'V1'],
      ['P3', 'V2'],
      ['P1', 'V2'],
    ] as const)
      expect(await charges(number, visit)).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await charges('P1', 'V1')).toMatchObject(taken);
    expect(await charges('P2', 'V2')).toMatchObject(taken);
    expect(await merges('P3', 'P1')).toMatchObject(refused('PERSON_DIFFERS'));
  });

  test('once the visit that was opened for another person is cancelled, the merge is taken', async () => {
    const { merges, opens, charges, send, cancelled } = await feed(open);
    await opens('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    await merges('P2', 'P1');
    const a11 = { controlId: 'W1', pid: { 3: mr('P2') }, pv1: { 19: 'V2' } };
    expect(await send(hl7('ADT^A11', a11))).toMatchObject(taken);
    expect(await merges('P2', 'P1')).toMatchObject(refused('PERSON_DIFFERS'));
    await cancelled('V2');
    expect(await merges('P2', 'P1')).toMatchObject(merged);
    expect(await charges('P2', 'V1')).toMatchObject(taken);
  });

  test('NI and HC of a merge are compared with each other and with whose visits there are', async () => {
    const { a40, opens, send, partners, noted } = await feed(open);
    partners.persons.set('CARD1', personIdOf(1));
    partners.persons.set('CARD2', personIdOf(2));
    await opens('P1', 'V1');
    const unknown = '110101199003070011^^^CN^NI';
    const contradicts = refused('IDENTITY_CONTRADICTS');
    for (const [pid, mrg] of [
      [`${mr('P2')}~${CHILDS}`, mr('P1')],
      [mr('P2'), `${mr('P1')}~${CHILDS}`],
      [`${mr('P2')}~${unknown}`, mr('P1')],
      [`${mr('P8')}~${NI}`, `${mr('P9')}~${CHILDS}`],
      [`${mr('P8')}~${NI}~CARD2^^^CN^HC`, mr('P9')],
      [`${mr('P8')}~${NI}~${unknown}`, mr('P9')],
    ] as const)
      expect(await send(a40(pid, mrg))).toMatchObject(contradicts);
    expect(await noted()).toEqual([]);
    for (const [pid, mrg] of [
      [`${mr('P2')}~${NI}~CARD1^^^CN^HC`, `${mr('P1')}~${NI}`],
      [`${mr('P3')}~CARD9^^^CN^HC`, `${mr('P2')}~${unknown}`],
    ] as const)
      expect(await send(a40(pid, mrg))).toMatchObject(merged);
  });

  test('an identifier that identity cannot read is no one’s: a slip in PID-3, nothing in MRG-1', async () => {
    const { a40, opens, send, partners } = await feed(open);
    await opens('P1', 'V1');
    const unreadable = '110101199003070018';
    const personOf = partners.personOf.bind(partners);
    partners.personOf = (credential, options) =>
      credential.value === unreadable
        ? Promise.reject(new DomainError('CREDENTIAL_INVALID', 'invalid', { field: 'PID-3' }))
        : personOf(credential, options);
    const slip = `${unreadable}^^^CN^NI`;
    expect(await send(a40(`${mr('P2')}~${slip}`, mr('P1')))).toMatchObject(
      refused('IDENTITY_CONTRADICTS'),
    );
    expect(await send(a40(mr('P2'), `${mr('P1')}~${slip}`))).toMatchObject(merged);
  });

  test('whom a merge names is known of its numbers, also where no visit is', async () => {
    const { a40, opens, merges, send, noted } = await feed(open);
    expect(await merges('P2', 'P1')).toMatchObject(merged);
    expect(await send(a40(`${mr('P2')}~${NI}`, mr('P1')))).toMatchObject(merged);
    await opens('P5', 'V5', CHILDS);
    expect(await merges('P5', 'P2')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await noted()).toMatchObject([{ personId: personIdOf(1), known: true }]);
  });

  test('merges at once are noted one after the other: none is lost, and they form no circle', async () => {
    const { merges, opens, charges, noted } = await feed(open);
    await opens('P1', 'V1');
    const codes = await Promise.all([merges('P2', 'P1'), merges('P1', 'P2'), merges('P3', 'P2')]);
    expect(codes.filter(({ code }) => code === 'AA')).toHaveLength(2);
    expect(codes.flatMap(({ errors }) => errors)).toEqual(['MERGE_CIRCULAR']);
    expect(await noted()).toHaveLength(2);
    for (const number of ['P1', 'P2', 'P3'])
      expect(await charges(number, 'V1')).toMatchObject(taken);
  });

  test('of two merges at once that join two persons one is refused', async () => {
    const { merges, opens } = await feed(open);
    await opens('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    const codes = await Promise.all([merges('P3', 'P1'), merges('P3', 'P2')]);
    expect(codes.map(({ code }) => code).sort()).toEqual(['AA', 'AE']);
  });

  test('a merge while a visit is opened by the number that goes away is not lost', async () => {
    const { merges, opens, charges } = await feed(open);
    await Promise.all([opens('P1', 'V1'), merges('P2', 'P1')]);
    expect(await charges('P2', 'V1')).toMatchObject(taken);
  });

  test('the same control id with other content conflicts, with the same it is the repetition', async () => {
    const { a40, send, quarantine, partners, noted } = await feed(open);
    const text = a40(`${mr('P2')}~${NI}`, mr('P1'), { controlId: 'M1' });
    expect(await send(text)).toMatchObject(merged);
    partners.persons.clear();
    expect(await send(text)).toMatchObject({ code: 'AA', text: 'accepted before' });
    const reused = refused('MESSAGE_ID_REUSED');
    expect(await send(a40(mr('P3'), mr('P1'), { controlId: 'M1' }))).toMatchObject(reused);
    expect(await send(hl7('ADT^A04', { controlId: 'M1' }))).toMatchObject({ code: 'AE' });
    partners.persons.set(SPECIMEN, personIdOf(1));
    expect(await send(hl7('ADT^A04', { controlId: 'M1' }))).toMatchObject(reused);
    expect(await send(hl7('ADT^A04', { controlId: 'M2' }))).toMatchObject(taken);
    expect(await send(a40(mr('P3'), mr('P1'), { controlId: 'M2' }))).toMatchObject(reused);
    // Another program counts its own.
    const other = { controlId: 'M1', application: 'LIS' };
    expect(await send(a40(mr('P3'), mr('P2'), other))).toMatchObject(merged);
    expect(await noted()).toHaveLength(2);
    expect(await quarantine.list('open')).not.toEqual([]);
  });

  test('a refused merge is replayed: as it was, or corrected', async () => {
    const { a40, send, opens, charges, hl7Door, quarantine, noted } = await feed(open);
    await opens('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    await send(a40(mr('P2'), mr('P1')));
    const { id } = (await quarantine.list('open'))[0]!;
    const { entry, raw } = await quarantine.show(id);
    const again = () => hl7Door.replay(entry, raw, undefined);
    await expect(again()).rejects.toMatchObject({ code: 'PERSON_DIFFERS' });
    const text = raw.toString('utf8').replaceAll('P2', 'P3');
    const receipt = { merged: true, events: [], repeated: false };
    expect(await hl7Door.replay(entry, raw, text)).toEqual(receipt);
    expect(await quarantine.list('replayed')).toMatchObject([{ id }]);
    expect(await charges('P3', 'V1')).toMatchObject(taken);
    await expect(hl7Door.replay(entry, raw, text)).rejects.toMatchObject({
      code: 'QUARANTINE_CLOSED',
    });
    expect(await noted()).toHaveLength(1);
  });

  test('a test is judged fully and notes nothing', async () => {
    const { a40, send, opens, noted, passedOver, quarantine, partners } = await feed(open);
    await opens('P1', 'V1');
    await opens('P2', 'V2', CHILDS);
    const asTest = (text: string): string => text.replace('|P|2.5.1', '|T|2.5.1');
    const sound = asTest(a40(mr('P3'), mr('P1'), { controlId: 'M1' }));
    const text = 'test: acceptable as a merge, applied to nothing';
    expect(await send(sound)).toMatchObject({ code: 'AA', text });
    expect(passedOver).toEqual(['test accepted']);
    expect(await send(asTest(a40(mr('P2'), mr('P1'))))).toMatchObject({
      code: 'AE',
      text: 'test: PERSON_DIFFERS, not kept',
    });
    expect(await quarantine.list('open')).toEqual([]);
    expect(await noted()).toEqual([]);
    partners.profiles.set('HZ001', { mode: 'test' });
    expect(await send(a40(mr('P3'), mr('P1'), { controlId: 'M1' }))).toMatchObject({ text });
    partners.profiles.delete('HZ001');
    // The same control id is still free.
    expect(await send(a40(mr('P3'), mr('P1'), { controlId: 'M1' }))).toMatchObject(merged);
  });

  test('where the institution’s numbers are not used, or the message has none, nothing is needed', async () => {
    const { a40, send, partners, noted } = await feed(open);
    const ignored = { code: 'AA', text: 'ignored: ADT\\S\\A40 is not needed' };
    for (const profile of [{ patientNumbers: false }, { ignoredMessages: ['ADT^A40'] }]) {
      partners.profiles.set('HZ001', profile);
      expect(await send(a40(mr('P2'), mr('P1')))).toMatchObject(ignored);
    }
    partners.profiles.delete('HZ001');
    for (const [pid, mrg] of [
      [mr('P2'), 'P1^^^HZ009^MR'],
      [NI, NI],
    ] as const)
      expect(await send(a40(pid, mrg))).toMatchObject(ignored);
    expect(await noted()).toEqual([]);
  });

  const OTHER_FORMS = ['P7^^^HZ001^MR', 'P7^^^HZ001^PI', 'P7^^^HZ001^PT', 'P7^^^HZ001', 'P7'];

  test.each(OTHER_FORMS)(
    'another patient’s number %s is refused, whatever its type',
    async (other) => {
      const { opens, charging } = await feed(open);
      await opens('P1', 'V1');
      expect(await charging(other)).toMatchObject(refused('PERSON_DIFFERS'));
      expect(await charging(other.replace('P7', 'P1'))).toMatchObject(taken);
    },
  );

  test('of several numbers each opens and names the visit, in whatever order', async () => {
    const { opens, charging } = await feed(open);
    await opens('P1', 'V1', `${NI}~P3~P2^^^HZ001^MR`);
    for (const number of ['P1', 'P2', 'P3'])
      for (const type of ['^^^HZ001^MR', '^^^^PI', '']) {
        expect(await charging(`${number}${type}`)).toMatchObject(taken);
        expect(await charging(`X9^^^HZ001^MR~${number}${type}`)).toMatchObject(taken);
      }
    expect(await charging(`${mr('X9')}~X8`)).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await charging(`Z9^^^&1.2.156.1&ISO^MR~${mr('P1')}`)).toMatchObject(taken);
    // Numbers of others alone are none of the hospital's own.
    expect(await charging('Z9^^^&1.2.156.1&ISO^MR')).toMatchObject(taken);
  });

  test('a further number of the opening is merged, and a visit opened by PI is held to it', async () => {
    const { opens, charging, send, a40 } = await feed(open);
    await opens('P1', 'V1', `${NI}~P2^^^HZ001^PI`);
    expect(await send(a40('P5^^^HZ001^PI', 'P2'))).toMatchObject(merged);
    expect(await charging('P5')).toMatchObject(taken);
    await opens('', 'V2', `${CHILDS}~Q1^^^HZ001^PI`);
    expect(await charging('Q7^^^HZ001^PI', 'V2')).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await send(a40('P5', 'Q1'))).toMatchObject(refused('PERSON_DIFFERS'));
  });

  test('numbers of different types stay beside each other in a merge', async () => {
    const { opens, charging, send, a40 } = await feed(open);
    await opens('P1', 'V1', NI);
    const both = `X3^^^HZ001^PI~${mr('P3')}`;
    expect(await send(a40(both, `X1^^^HZ001^PI~${mr('P1')}`))).toMatchObject(merged);
    for (const number of ['P3', 'X3', 'X1', 'P1'])
      expect(await charging(number)).toMatchObject(taken);
    expect(await send(a40('X3~X4', 'X1'))).toMatchObject(refused('FIELD_REPEATED'));
  });

  test('one message may merge several numbers, and those of several patients: all or none', async () => {
    const { a40, send, opens, charges, noted } = await feed(open);
    await opens('P1', 'V1');
    await opens('Q1', 'V2', CHILDS);
    const two = (pid: string, mrg: string) =>
      `${a40(mr('P3'), `${mr('P1')}~${mr('P2')}`)}\rPID|2||${pid}\rMRG|${mrg}`;
    expect(await send(two(mr('Q1'), mr('P2')))).toMatchObject(refused('PERSON_DIFFERS'));
    expect(await noted()).toEqual([]);
    expect(await send(two(mr('Q2'), mr('Q1')))).toMatchObject(merged);
    expect(await charges('P2', 'V1')).toMatchObject(taken);
    expect(await charges('Q2', 'V2')).toMatchObject(taken);
    expect(await send(a40(`${mr('P3')}~${mr('P4')}`, mr('P1')))).toMatchObject(
      refused('FIELD_REPEATED'),
    );
  });
};
