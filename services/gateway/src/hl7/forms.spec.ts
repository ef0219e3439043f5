import {
  PLAIN,
  answered,
  charge,
  gatewayOn,
  hl7,
  NO_BUDGET,
  personIdOf,
  SPECIMEN,
  translated,
} from '../../test/gateway';
import { faultsOf } from '../intake/fault';
import { IdentityClient } from '../intake/identity.adapter';
import { twinTokensOf } from '@caretab/host';
import { fixedClock } from '@caretab/doubles';

const sentTo = (gateway = gatewayOn()) => ({
  gateway,
  send: async (text: string | Buffer) => {
    const answer = await gateway.hl7Door.answer(Buffer.isBuffer(text) ? text : Buffer.from(text));
    const errors = (answer?.toString() ?? '').split('\r').filter((line) => line.startsWith('ERR'));
    return { ...answered(answer), errors: errors.map((line) => line.split('|').slice(2)) };
  },
});

describe('forms that engines write', () => {
  const day = { 44: '20240115' };
  test.each([
    [{ pv1: day }, '2024-01-15T09:05:00+08:00', 'EVN-2'],
    [{ pv1: day, evn: { 6: '202401150830' } }, '2024-01-15T08:30:00+08:00', 'EVN-6'],
    [{ pv1: day, evn: { 6: '20240114235959' } }, '2024-01-15T09:05:00+08:00', 'EVN-2'],
    [{ pv1: day, evn: { 2: '20240116000000' } }, '2024-01-15T00:00:00+08:00', 'PV1-44'],
    [{ pv1: day, evn: { 2: '20240115' } }, '2024-01-15T00:00:00+08:00', 'PV1-44'],
    [{ pv1: { 44: '20240115+0900' } }, '2024-01-15T09:05:00+08:00', 'EVN-2'],
    [{ pv1: { 44: '2024011508' } }, '2024-01-15T08:00:00+08:00', 'PV1-44'],
  ])('of %j the start is %s, by %s', (fields, startedAt, momentField) => {
    for (const [type, visitClass] of [
      ['ADT^A04', 'O'],
      ['ADT^A01', 'I'],
    ] as const) {
      const text = hl7(type, { ...fields, pv1: { ...fields.pv1, 2: visitClass } });
      expect(translated(text)).toMatchObject({ momentField, facts: [{ startedAt }] });
    }
  });

  test.each([
    ['PV1-44', hl7('ADT^A04', { pv1: { 44: '202401' } })],
    ['PV1-44', hl7('ADT^A04', { pv1: { 44: '20240231' } })],
    ['EVN-2', hl7('ADT^A04', { pv1: { 44: '' }, evn: { 2: '20240115' } })],
    ['PV1-45', hl7('ADT^A03', { pv1: { 45: '20240115' } })],
  ])('another date alone in %s is no moment', async (field, text) => {
    const { gateway, send } = sentTo();
    expect(await send(text)).toMatchObject({ code: 'AE', text: 'TIME_INVALID' });
    expect(await gateway.quarantine.list('open')).toMatchObject([{ faults: [{ field }] }]);
  });

  test.each([
    ['\\X4943\\U', 'ICU'],
    ['\\X4943\\ \\X2d\\ A\\T\\B\\E\\X41\\E\\', 'IC - A&B\\X41\\'],
    ['\\X7C5e7e\\', '|^~'],
    ['A\\XB9C7\\', 'A\\XB9C7\\'],
    ['A\\X410D\\', 'A\\X410D\\'],
    ['A\\X4\\ \\X\\ \\H\\ \\t\\', 'A\\X4\\ \\X\\ \\H\\ \\t\\'],
  ])('the department %s is %s', async (written, department) => {
    const { gateway, send } = sentTo();
    expect(await send(hl7('ADT^A04', { pv1: { 3: written } }))).toMatchObject({ code: 'AA' });
    expect(await gateway.published()).toMatchObject([{ value: { department } }]);
  });

  test.each(['efbbbf', '84319533', '0d0a0d', 'efbbbf0d0a'])(
    'what stands before MSH (%s) says nothing',
    async (mark) => {
      const { send } = sentTo();
      const bytes = Buffer.concat([Buffer.from(mark, 'hex'), Buffer.from(hl7('ADT^A04'))]);
      expect(await send(bytes)).toMatchObject({ code: 'AA', controlId: 'M0001' });
    },
  );

  test('a byte-order mark before a batch says nothing', async () => {
    const { gateway } = sentTo();
    const batch = `\uFEFFBHS|^~\\&|HIS|HZ001|||||||B1\r${hl7('ADT^A04')}\rBTS|1`;
    const [answer] = await gateway.hl7Door.answers(Buffer.from(batch), PLAIN);
    expect(answer).toContain('MSA|AA|M0001');
  });

  test.each([
    '{9b2f0c1e-7d44-4f0a-8a52-1f2e00000000}',
    '{9B2F0C1E7D444F0A8A521F2E00000000}',
    '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000',
  ])('the GUID %s is the same visit with its braces and without', async (guid) => {
    const { gateway, send } = sentTo();
    expect(await send(hl7('ADT^A04', { pv1: { 19: guid } }))).toMatchObject({ code: 'AA' });
    const [event] = await gateway.published();
    expect(event!.key).toBe(`HZ001-${guid.replace(/[{}]/g, '')}`);
  });

  test.each(['{V0001}', '{9b2f0c1e}', '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000}'])(
    'braces around anything else are no number: %s',
    async (visitNumber) => {
      const { send } = sentTo();
      expect(await send(hl7('ADT^A04', { pv1: { 19: visitNumber } }))).toMatchObject({
        code: 'AE',
        text: 'FIELD_INVALID',
      });
    },
  );

  test('an A06 or A07 that changes the visit number (MRG-5) is refused, one that keeps it is taken', async () => {
    const { send } = sentTo();
    await send(hl7('ADT^A04', { pv1: { 19: 'F1' } }));
    const mrg = (type: 'ADT^A06' | 'ADT^A07', now: string, before: string) => {
      const pv1 = { 2: type === 'ADT^A06' ? 'I' : 'O', 19: now };
      return send(
        `${hl7(type, { controlId: `${type.slice(4)}${before}`, pv1 })}\rMRG|||||${before}`,
      );
    };
    for (const type of ['ADT^A06', 'ADT^A07'] as const) {
      expect(await mrg(type, 'F1I', 'F1')).toMatchObject({
        code: 'AE',
        errors: [expect.arrayContaining(['MRG^1^5', 'FIELD_INVALID'])],
      });
      for (const before of ['F1', '', '""'])
        expect(await mrg(type, 'F1', before)).toMatchObject({ code: 'AA' });
    }
  });

  test.each(['now', 'today', '2024-01-15', '20241315', '15/01/2024', '""now'])(
    'MSH-7 that is no time is named: %s',
    async (sentAt) => {
      const { send } = sentTo();
      expect(await send(hl7('ADT^A04', { sentAt }))).toMatchObject({
        code: 'AE',
        text: 'TIME_INVALID',
        errors: [
          [
            'MSH^1^7',
            '102^Data type error^HL70357',
            'E',
            'TIME_INVALID',
            '',
            expect.anything(),
            expect.anything(),
          ],
        ],
      });
    },
  );

  test.each([
    '',
    '2024',
    '202401',
    '20240115',
    '202401150905',
    '20240115090500.1234+0800',
    '2024+0800',
  ])('MSH-7 is a time of whatever precision: %s', async (sentAt) => {
    const { send } = sentTo();
    expect(await send(hl7('ADT^A04', { sentAt }))).toMatchObject({ code: 'AA' });
  });

  test.each(['20240115092800^20240115100000', '20240115092800&S^20240115100000&S', '202401150928'])(
    'of FT1-4 as a range the start counts: %s',
    async (range) => {
      const { gateway, send } = sentTo();
      await send(hl7('ADT^A04'));
      const ft1 = [charge('T1', { 4: range })];
      expect(await send(hl7('DFT^P03', { controlId: 'M2', ft1 }))).toMatchObject({ code: 'AA' });
      const [, posted] = await gateway.published();
      expect(posted!.value).toMatchObject({ charge: { occurredAt: '2024-01-15T09:28:00+08:00' } });
    },
  );

  test('FT1-4 twice is refused, and a range without a start', async () => {
    const { send } = sentTo();
    const ft1 = [
      charge('T1', { 4: '20240115092800~20240115093000' }),
      charge('T2', { 4: '^20240115093000' }),
    ];
    const { errors } = await send(hl7('DFT^P03', { ft1 }));
    expect(errors.map(([place, , , code]) => [place, code])).toEqual([
      ['FT1^1^4', 'FIELD_REPEATED'],
      ['FT1^2^4', 'FIELD_MISSING'],
    ]);
  });
});

describe('fields that an engine leaves out, or fills otherwise', () => {
  const opened = async () => {
    const door = sentTo();
    await door.send(hl7('ADT^A04', { controlId: 'M0' }));
    return door;
  };

  test.each(['\r  \r', '\r\n \r\n', '\r\t'])('lines of blanks are no segments', async (end) => {
    const { send } = await opened();
    const text = hl7('DFT^P03', { ft1: [charge('T1')] });
    expect(await send(text.replace('\rPV1', '\r \rPV1') + end)).toMatchObject({ code: 'AA' });
  });

  test.each(['', '""', 'N', 'R', 'P'])(
    'PV1-2 %s is not read of a charge or an end',
    async (code) => {
      const { send } = await opened();
      const pv1 = { 2: code };
      expect(await send(hl7('DFT^P03', { pv1, ft1: [charge('T1')] }))).toMatchObject({
        code: 'AA',
      });
      for (const type of ['ADT^A02', 'ADT^A03', 'ADT^A13', 'ADT^A11'])
        expect(await send(hl7(type, { controlId: type.slice(4), pv1 }))).toMatchObject({
          code: 'AA',
        });
    },
  );

  test('of an A08 an empty class and department stay as they were; a class is not deleted', async () => {
    const { gateway, send } = await opened();
    expect(await send(hl7('ADT^A08', { pv1: { 2: '', 3: '""' } }))).toMatchObject({ code: 'AA' });
    const { value } = (await gateway.published()).at(-1)!;
    expect(value).not.toHaveProperty('visitClass');
    expect(value).not.toHaveProperty('department');
    for (const code of ['""', 'N'])
      expect(
        await send(hl7('ADT^A08', { controlId: `M${code.length}`, pv1: { 2: code } })),
      ).toMatchObject({
        code: 'AE',
        errors: [expect.arrayContaining(['PV1^1^2'])],
      });
  });

  test.each(['CHN', 'CN', '156', ''])('the country %s has our currency', async (country) => {
    const { send } = await opened();
    const ft1 = [charge('T1', { 11: '20.00', 12: ' 20.00 & CNY ' })];
    expect(await send(hl7('DFT^P03', { country, ft1 }))).toMatchObject({ code: 'AA' });
  });
});

describe('what a refusal says to do', () => {
  test('where the own number never is enough, every message needs a credential', async () => {
    const { gateway, send } = sentTo();
    gateway.partners.profiles.set('HZ001', { patientNumbers: false });
    await send(hl7('ADT^A04'));
    const pid = { 3: 'P0001^^^HZ001^MR' };
    const { errors } = await send(hl7('DFT^P03', { controlId: 'M2', pid, ft1: [charge('T1')] }));
    expect(errors).toHaveLength(1);
    expect(errors[0]!.at(-1)).toMatch(/NI .* in every message/);
    expect(errors[0]!.at(-1)).not.toMatch(/open the visit/);
  });

  test('a type that cannot be ignored is not said to be', async () => {
    const { send } = sentTo();
    const remedyOf = async (type: string) => (await send(hl7(type))).errors[0]!.at(-1);
    expect(await remedyOf('ORU^R01')).toMatch(/ignore this type/);
    for (const type of ['DFT^P11', 'BAR^P01', 'ADT^A45'])
      expect(await remedyOf(type)).not.toMatch(/ignore/);
  });

  const unregistered = async (value: string) => {
    const gateway = gatewayOn();
    const { send } = sentTo(gateway);
    const identity = new IdentityClient(
      {
        url: 'http://identity',
        asked: 'identity',
        tokens: twinTokensOf('gateway'),
        timers: { sleep: async () => undefined },
        fetch: async () => Response.json({ code: 'PERSON_UNKNOWN' }, { status: 404 }),
      },
      fixedClock('2024-01-15T01:05:00Z'),
      NO_BUDGET,
    );
    gateway.partners.personOf = identity.personOf.bind(identity);
    const [error] = (await send(hl7('ADT^A04', { pid: { 3: `${value}^^^CN^NI` } }))).errors;
    const body = {
      visitNumber: 'W1',
      visitClass: 'outpatient',
      credential: { type: 'id-number', value },
      startedAt: '2024-01-15T09:00:00+08:00',
    };
    const [fault] = await gateway.httpDoor
      .submit('HZ002', { action: 'start', key: 'key-00000001', body })
      .then(() => [], faultsOf);
    return { error: error!, fault: fault! };
  };

  test.each([
    ['110105194912310021', 'CREDENTIAL_INVALID', /check digit/],
    ['110105194913310021', 'CREDENTIAL_INVALID', /birth date/],
    ['990105194912310021', 'CREDENTIAL_INVALID', /area/],
    [SPECIMEN, 'PERSON_UNKNOWN', /no person is registered/],
  ])(
    'an ID number that was misread is not one that is not registered: %s',
    async (value, code, why) => {
      const { error, fault } = await unregistered(value);
      expect([error[0], error[3]]).toEqual(['PID^1^3', code]);
      expect(error[5]).toMatch(why);
      expect(fault).toMatchObject({ field: '/credential/value', code });
      expect(fault.why).toMatch(why);
      expect(JSON.stringify([error, fault])).not.toContain(value);
    },
  );

  test('no refusal over HTTP names an HL7 field', async () => {
    const { gateway } = sentTo();
    const start = {
      visitNumber: 'W1',
      visitClass: 'outpatient',
      credential: { type: 'id-number', value: '110105194912310038' },
      startedAt: '2024-01-15T09:00:00+08:00',
    };
    const told: string[] = [];
    const submit = (action: 'start' | 'charges' | 'returns' | 'end', body: object) =>
      gateway.httpDoor
        .submit('HZ002', { action, visitNumber: 'W1', key: `key-0000${told.length}`, body })
        .catch((error) => told.push(JSON.stringify(faultsOf(error))));
    await submit('start', start);
    await submit('start', { ...start, credential: undefined, personId: personIdOf(1) });
    await submit('start', { ...start, credential: { type: 'qr', value: SPECIMEN } });
    await submit('charges', { charges: [] });
    await submit('end', { endedAt: '2020-01-15T09:00:00+08:00' });
    await submit('returns', { returnId: 'R', chargeId: 'T', returnedAt: start.startedAt });
    expect(told.length).toBeGreaterThan(3);
    expect(told.join()).not.toMatch(/\b(MSH|EVN|PID|PV1|FT1|ORC|MRG)\b/);
  });
});
