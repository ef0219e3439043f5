import type { Store } from '@caretab/store';
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
  '102^Data type error',
  severity,
  'IDENTITY_CONTRADICTS',
];

/** The holder at a visit's opening, on whatever store. */
export const holderSuite = (open: () => Promise<Store>): void => {
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
    expect(JSON.stringify(await published())).not.toMatch(/某|holder/);
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

  test('over HTTP another holder is refused by field, without a value of anyone', async () => {
    const { opens, published } = doors(await open());
    const refused = await opens(WRONG);
    expect(refused).toMatchObject({ code: 'IDENTITY_CONTRADICTS', kind: 'unprocessable' });
    expect(refused).toMatchObject({
      details: { faults: [{ field: '/holder/name' }, { field: '/holder/sex' }] },
    });
    expect(JSON.stringify(refused)).not.toContain('某人');
    expect(await published()).toEqual([]);
    const mended = { credential: undefined, personId: personIdOf(1) };
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
};
