import 'reflect-metadata';
import { concernedBy } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { HolderCasesController } from '../src/api/holder-cases.controller';
import { HolderCases } from '../src/intake/holder-cases';
import { answered, charge, gatewayOn, hl7, personIdOf, SPECIMEN } from './gateway';

const START = {
  visitNumber: 'W1',
  visitClass: 'outpatient',
  credential: { type: 'id-number', value: SPECIMEN },
  startedAt: '2024-01-15T09:00:00+08:00',
};
const WRONG = { name: '某人', sex: 'male' };

const doors = (store: Store) => {
  const gateway = gatewayOn(store);
  gateway.partners.differing.set('某人', ['name', 'sex']);
  const profile = (holder: 'refuse' | 'report' | 'ignore'): void => {
    gateway.partners.profiles.set('HZ001', { holder });
    gateway.partners.profiles.set('HZ002', { holder });
  };
  const sent = async (text: string) => {
    const answer = (await gateway.hl7Door.answer(Buffer.from(text, 'utf8')))!;
    const errors = answer
      .toString()
      .split('\r')
      .filter((line) => line.startsWith('ERR'));
    return { ...answered(answer), errors: errors.map((line) => line.split('|').slice(2, 6)) };
  };
  const opens = (holder: object, key = 'key-00000001', more: object = {}) =>
    gateway.httpDoor
      .submit('HZ002', { action: 'start', key, body: { ...START, holder, ...more } })
      .catch((error: object) => error);
  return { ...gateway, profile, sent, opens };
};
const opening = hl7('ADT^A04', { name: '某^人' });
const place = (field: number, severity: string) => [
  `PID^1^${field}`,
  '102^Data type error^HL70357',
  severity,
  'IDENTITY_CONTRADICTS',
];

/** The holder at a visit's opening, on whatever store. */
export const holderSuite = (open: () => Promise<Store>): void => {
  test('over HL7 an unknown code of the sex is a warning, where the profile refuses holders, too', async () => {
    const { sent, profile, published, noted } = doors(await open());
    profile('refuse');
    const pid = { 8: 'X' };
    const unknown = {
      code: 'AA',
      text: 'accepted as 1 event (not understood: PID-8)',
      errors: [['PID^1^8', '103^Table value not found^HL70357', 'W', 'SEX_CODE_UNKNOWN']],
    };
    const opened = hl7('ADT^A04', { name: '周^伟', pid });
    expect(await sent(opened)).toMatchObject(unknown);
    const again = 'accepted before (not understood: PID-8)';
    expect(await sent(opened)).toMatchObject({ ...unknown, text: again });
    expect(noted).toEqual([]);
    expect(await published()).toHaveLength(1);
  });

  test('over HL7 another holder is accepted, the answer says so once, and its repetition again', async () => {
    const { sent, published, noted, partners } = doors(await open());
    const text = 'accepted as 1 event (registered otherwise: PID-5, PID-8)';
    const errors = [place(5, 'W'), place(8, 'W')];
    expect(await sent(opening)).toMatchObject({ code: 'AA', text, errors });
    expect(partners.asked).toEqual(['id-number']);
    const later = { name: '某^人', controlId: 'M2', ft1: [charge('T1')] };
    expect(await sent(hl7('DFT^P03', later))).toMatchObject({ code: 'AA', errors: [] });
    expect(await sent(opening)).toMatchObject({
      text: 'accepted before (registered otherwise: PID-5, PID-8)',
      errors,
    });
    expect(noted).toEqual(['mllp name sex']);
    const events = await published();
    expect(events.map(({ value }) => value['holderDiffers'])).toEqual([['name', 'sex'], undefined]);
    expect(JSON.stringify(events)).not.toContain('某');
  });

  test('a hospital that wants it refused gets the fields; a charge on the open visit is taken', async () => {
    const { sent, profile, quarantine } = doors(await open());
    profile('refuse');
    const errors = [place(5, 'E'), place(8, 'E')];
    expect(await sent(opening)).toMatchObject({ code: 'AE', text: 'IDENTITY_CONTRADICTS', errors });
    expect(await quarantine.list('open')).toHaveLength(1);
    expect(await sent(hl7('ADT^A04', { controlId: 'M2' }))).toMatchObject({ code: 'AA' });
    const later = { name: '某^人', controlId: 'M3', ft1: [charge('T1')] };
    expect(await sent(hl7('DFT^P03', later))).toMatchObject({
      code: 'AA',
      errors: [place(5, 'W'), place(8, 'W')],
    });
  });

  test('PID that is completed between two attempts is the same message', async () => {
    const { sent } = doors(await open());
    await sent(hl7('ADT^A04'));
    expect(await sent(opening)).toMatchObject({ code: 'AA', text: 'accepted before' });
  });

  test('a lost card opens no visit, stops no charge of an open one, and says nothing beside an ID number', async () => {
    const { sent, partners, published } = doors(await open());
    partners.persons.set('C123456', personIdOf(1));
    const card = { 3: 'C123456^^^HZ^HC', 7: '', 8: '' };
    expect(await sent(hl7('ADT^A04', { pid: card }))).toMatchObject({ code: 'AA' });
    partners.lost.add('C123456');
    const later = { controlId: 'M2', pid: card, ft1: [charge('T1')] };
    expect(await sent(hl7('DFT^P03', later))).toMatchObject({ code: 'AA' });
    const elsewhere = { pv1: { 19: 'V0002' }, pid: card };
    expect(
      await sent(hl7('DFT^P03', { ...elsewhere, controlId: 'M3', ft1: [charge('T2')] })),
    ).toMatchObject({ code: 'AE', text: 'CARD_NOT_VALID' });
    expect(await sent(hl7('ADT^A04', { ...elsewhere, controlId: 'M4' }))).toMatchObject({
      code: 'AE',
      text: 'CARD_NOT_VALID',
    });
    const both = { 3: `${SPECIMEN}^^^CN^NI~C123456^^^HZ^HC` };
    expect(await sent(hl7('ADT^A04', { ...elsewhere, pid: both, controlId: 'M5' }))).toMatchObject({
      code: 'AA',
    });
    expect((await published()).map(({ value }) => value['personId'])).toEqual([
      personIdOf(1),
      personIdOf(1),
      personIdOf(1),
    ]);
  });

  test('over HTTP another holder is refused by field, without a value of anyone', async () => {
    const { opens, published, presented } = doors(await open());
    const refused = await opens(WRONG);
    expect(refused).toMatchObject({ code: 'IDENTITY_CONTRADICTS', kind: 'unprocessable' });
    expect(refused).toMatchObject({
      details: { faults: [{ field: '/holder/name' }, { field: '/holder/sex' }] },
    });
    expect(JSON.stringify(refused)).not.toContain('某人');
    expect(await published()).toEqual([]);
    const mended = { credential: undefined, personId: personIdOf(1) };
    await presented.note('HZ002', personIdOf(1), 'typed');
    expect(await opens(WRONG, 'key-00000002', mended)).toMatchObject({
      code: 'IDENTITY_CONTRADICTS',
    });
    expect(await opens({ name: '测试患者' }, 'key-00000003')).toMatchObject({ repeated: false });
    expect(await opens({ name: '别人' }, 'key-00000003')).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test('a profile decides over HTTP too: reported, or not compared', async () => {
    const { opens, profile, noted, sent } = doors(await open());
    profile('report');
    const holderDiffers = ['name', 'sex'];
    expect(await opens(WRONG)).toMatchObject({ holderDiffers, repeated: false });
    expect(await opens(WRONG)).toMatchObject({ holderDiffers, repeated: true });
    profile('ignore');
    const other = await opens(WRONG, 'key-00000002', { visitNumber: 'W2' });
    expect(other).not.toHaveProperty('holderDiffers');
    expect(await sent(opening)).toMatchObject({ text: 'accepted as 1 event', errors: [] });
    expect(noted).toEqual(['http name sex']);
  });

  test('a newborn opens no visit under the number of another, and on an open one it is a case', async () => {
    const { sent, opens, profile, partners, noted, published } = doors(await open());
    partners.differing.set('周某之女', ['name', 'birthDate']);
    const newborn = (controlId: string) => ({
      name: '周某之女',
      controlId,
      pid: { 7: '20240114' },
    });
    expect(await sent(hl7('ADT^A01', { ...newborn('M1'), pv1: { 2: 'I' } }))).toMatchObject({
      code: 'AE',
      errors: [place(5, 'E'), place(7, 'E'), place(3, 'E')],
    });
    expect(await opens({ name: '周某之女', birthDate: '2024-01-14' })).toMatchObject({
      code: 'IDENTITY_CONTRADICTS',
      details: {
        faults: expect.arrayContaining([
          expect.objectContaining({ field: '/holder', remedy: expect.stringMatching(/guardian/) }),
        ]),
      },
    });
    expect(await sent(hl7('ADT^A04', { controlId: 'M2' }))).toMatchObject({ code: 'AA' });
    const late = hl7('DFT^P03', { ...newborn('M3'), ft1: [charge('T1')] });
    expect(await sent(late)).toMatchObject({ code: 'AA' });
    expect(noted).toEqual(['mllp name birthDate newborn']);
    expect((await published()).at(-1)!.value['holderDiffers']).toContain('newborn');
    profile('ignore');
    expect(await sent(hl7('ADT^A04', { ...newborn('M4'), pv1: { 19: 'V2' } }))).toMatchObject({
      code: 'AA',
    });
  });

  test.each([
    ['毛^毛', undefined, 'AE'],
    ['小^明', '19941106', 'AA'],
    ['小周^伟', '19941106', 'AE'],
    ['周伟^毛毛', '19941106', 'AE'],
    ['周^毛毛', '19941106', 'AA'],
    ['周^BABY BOY', '19941106', 'AE'],
    ['某^人', '202401', 'AE'],
    ['某^人', '2024', 'AE'],
    ['某^人', '2022', 'AA'],
    ['某^人', '20991231', 'AA'],
  ])("PID-5 %s with PID-7 %s under 周伟's number is answered %s", async (name, birthDate, code) => {
    const { sent, partners } = doors(await open());
    const registered = { name: '周伟', birthDate: '1994-11-06' };
    partners.register(SPECIMEN, registered);
    const opening = hl7('ADT^A04', { name, pid: { 7: birthDate ?? '', 8: '' } });
    expect(await sent(opening)).toMatchObject({ code });
  });

  test('over HTTP the same names and dates are a newborn', async () => {
    const { opens, profile, partners } = doors(await open());
    profile('report');
    partners.register(SPECIMEN, { name: '周伟', birthDate: '1994-11-06' });
    const newborns = [
      { name: '新生儿' },
      { name: '小周伟', birthDate: '1994-11-06' },
      { name: 'BABY GIRL OF ZHOU' },
      { name: '周毛毛' },
      { birthDate: '2024-01' },
    ];
    for (const [n, holder] of newborns.entries())
      expect(await opens(holder, `key-0000000${n}`)).toMatchObject({
        code: 'IDENTITY_CONTRADICTS',
        details: {
          faults: expect.arrayContaining([expect.objectContaining({ field: '/holder' })]),
        },
      });
    const grown = { name: '小明', birthDate: '1994' };
    expect(await opens(grown, 'key-00000009')).toMatchObject({ holderDiffers: ['name'] });
  });

  test("the mother's own number in PID-21 is a newborn's; PID-24 of a grown twin is none", async () => {
    const { sent } = doors(await open());
    const twin = hl7('ADT^A04', { pid: { 24: 'Y', 25: '2' } });
    expect(await sent(twin)).toMatchObject({ code: 'AA', errors: [] });
    const child = { controlId: 'M2', pid: { 21: `${SPECIMEN}^^^CN^NI` }, pv1: { 19: 'V2' } };
    expect(await sent(hl7('ADT^A04', child))).toMatchObject({ errors: [place(3, 'E')] });
  });

  test('a patient whom the hospital does not know is opened by a credential alone', async () => {
    const { sent, opens, partners } = doors(await open());
    partners.differing.set('无名氏', ['name']);
    const unknown = { name: '无名氏^^^^^^U', pid: { 3: 'P9^^^HZ001^MR', 8: 'U' } };
    const refused = { code: 'AE', text: 'PATIENT_UNIDENTIFIED' };
    expect(await sent(hl7('ADT^A04', unknown))).toMatchObject(refused);
    expect(
      await opens({ name: '无名氏' }, 'key-00000001', { credential: undefined }),
    ).toMatchObject({
      details: { faults: [{ field: '/credential', code: 'PATIENT_UNIDENTIFIED' }] },
    });
    const known = { name: '无名氏', controlId: 'M2', pid: { 7: '', 8: '' } };
    expect(await sent(hl7('ADT^A04', known))).toMatchObject({ code: 'AA', errors: [] });
    expect(await opens({ name: '无名氏' }, 'key-00000002')).not.toHaveProperty('holderDiffers');
  });

  test("a charge by the hospital's own number is compared, and taken while identity is away", async () => {
    const { sent, partners, published } = doors(await open());
    await sent(hl7('ADT^A04'));
    const byNumber = (controlId: string) => ({
      controlId,
      name: '某^人',
      pid: { 3: 'P0001^^^HZ001^MR' },
      ft1: [charge(controlId)],
    });
    const compare = partners.compare.bind(partners);
    partners.compare = () => Promise.reject(new DomainError('IDENTITY_UNAVAILABLE', 'unavailable'));
    expect(await sent(hl7('DFT^P03', byNumber('M2')))).toMatchObject({ code: 'AA', errors: [] });
    partners.compare = compare;
    expect(await sent(hl7('DFT^P03', byNumber('M3')))).toMatchObject({
      errors: [place(5, 'W'), place(8, 'W')],
    });
    expect((await published()).map(({ value }) => value['holderDiffers'])).toEqual([
      undefined,
      undefined,
      ['name', 'sex'],
    ]);
  });

  test('cases are listed by page, and closed by a reason; the same again opens none', async () => {
    const { opens, profile, store, clock, sent } = doors(await open());
    const cases = new HolderCases({ store, clock });
    profile('report');
    for (let n = 0; n < 101; n += 1)
      await opens(WRONG, `key-0000${String(n).padStart(4, '0')}`, { visitNumber: `W${n}` });
    await sent(opening);
    const page = await cases.list({ institutionId: 'HZ002' });
    expect(page.cases).toHaveLength(100);
    const rest = await cases.list({ institutionId: 'HZ002', after: page.next! });
    expect(rest).toMatchObject({ cases: [{ fields: ['name', 'sex'], status: 'open' }] });
    expect(rest).not.toHaveProperty('next');
    const ids = [...page.cases, ...rest.cases].map(({ visitId }) => visitId);
    expect(new Set(ids).size).toBe(101);
    const personId = expect.stringMatching(/^p-/) as string;
    expect(await cases.close('HZ002-W7', 'a slip of the desk')).toEqual({ closed: 1, personId });
    expect(await cases.close('HZ002-W7', 'again')).toEqual({ closed: 0, personId });
    const controller = new HolderCasesController(cases);
    const body = { visitId: 'HZ002-W7', why: 'once more' };
    const closed = await controller.close({ body } as Parameters<typeof controller.close>[0]);
    expect(closed).toEqual({ visitId: 'HZ002-W7', closed: 0 });
    expect(concernedBy(closed)).toEqual([personId]);
    expect(await cases.close('HZ002-W999', 'never opened')).toEqual({ closed: 0, personId: null });
    expect(await cases.list({ institutionId: 'HZ002', status: 'closed' })).toMatchObject({
      cases: [{ visitId: 'HZ002-W7', why: 'a slip of the desk', closedAt: clock.now() }],
    });
    expect((await cases.list({})).cases).toHaveLength(100);
    await expect(cases.list({ after: 'x' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
};
