import { DomainError } from '@caretab/kernel';
import { charge, CHILD, hl7, SPECIMEN, takeBack, translated } from '../../test/gateway';
import { faultsOf } from '../intake/fault';

const refusalOf = (text: string): { code: string; places: string[] } => {
  try {
    translated(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return {
      code: error.code,
      places: faultsOf(error).map(({ field, code }) => `${field} ${code}`),
    };
  }
  throw new Error('the message was accepted');
};

describe('what a message says', () => {
  test('A04 opens an outpatient visit for the holder of the ID number, at PV1-44', () =>
    expect(translated(hl7('ADT^A04^ADT_A01'))).toEqual({
      door: 'mllp',
      facility: 'HZ001',
      application: 'HIS',
      messageId: 'M0001',
      momentField: 'PV1-44',
      visitNumber: 'V0001',
      person: { type: 'id-number', value: SPECIMEN },
      patientNumbers: ['P0001'],
      holder: { names: ['测试患者', '患者测试'], birthDate: '1949-12-31', sex: 'female' },
      facts: [
        {
          type: 'VisitStarted',
          visitClass: 'outpatient',
          department: 'OPD',
          startedAt: '2024-01-15T09:00:00+08:00',
        },
      ],
    }));

  test('A04 opens an emergency visit, A01 an inpatient stay', () => {
    expect(translated(hl7('ADT^A04', { pv1: { 2: 'E' } })).facts).toMatchObject([
      { visitClass: 'emergency' },
    ]);
    expect(translated(hl7('ADT^A01', { pv1: { 2: 'I' } })).facts).toMatchObject([
      { type: 'VisitStarted', visitClass: 'inpatient' },
    ]);
  });

  test('a visit without PV1-44 began when its event happened, or else was recorded', () => {
    expect(
      translated(hl7('ADT^A04', { pv1: { 44: '' }, evn: { 6: '20240115085900' } })).facts,
    ).toMatchObject([{ startedAt: '2024-01-15T08:59:00+08:00' }]);
    expect(translated(hl7('ADT^A04', { pv1: { 44: '' } })).facts).toMatchObject([
      { startedAt: '2024-01-15T09:05:00+08:00' },
    ]);
  });

  test('A08 changes department and class, A11 cancels, A03 ends at PV1-45', () => {
    expect(translated(hl7('ADT^A08', { pv1: { 3: 'SURG' } })).facts).toEqual([
      {
        type: 'VisitUpdated',
        visitClass: 'outpatient',
        department: 'SURG',
        updatedAt: '2024-01-15T09:05:00+08:00',
      },
    ]);
    expect(translated(hl7('ADT^A11^ADT_A09')).facts).toEqual([
      { type: 'VisitWithdrawn', withdrawnAt: '2024-01-15T09:05:00+08:00' },
    ]);
    expect(translated(hl7('ADT^A03^ADT_A03', { pv1: { 45: '20240115100000' } })).facts).toEqual([
      { type: 'VisitEnded', endedAt: '2024-01-15T10:00:00+08:00' },
    ]);
    expect(translated(hl7('ADT^A03^ADT_A03')).facts).toEqual([
      { type: 'VisitEnded', endedAt: '2024-01-15T09:05:00+08:00' },
    ]);
  });

  test('P03 posts one charge per FT1, in their order', () =>
    expect(
      translated(
        hl7('DFT^P03', {
          ft1: [charge('T1'), charge('T2', { 10: '1.5', 11: '0.50&CNY', 12: '0.333333&CNY' })],
        }),
      ).facts,
    ).toEqual([
      {
        type: 'ChargePosted',
        charge: {
          chargeId: 'T1',
          itemCode: 'LAB001',
          quantity: '1',
          unitPriceYuan: '20.00',
          amountFen: 2000,
          occurredAt: '2024-01-15T09:28:00+08:00',
          department: 'LAB',
        },
      },
      {
        type: 'ChargePosted',
        charge: {
          chargeId: 'T2',
          itemCode: 'LAB001',
          quantity: '1.5',
          unitPriceYuan: '0.333333',
          amountFen: 50,
          occurredAt: '2024-01-15T09:28:00+08:00',
          department: 'LAB',
        },
      },
    ]));

  test.each([
    ['-1', '-20.00&CNY'],
    ['1', '20.00&CNY'],
  ])('a CD of quantity %s takes back the charge that FT1-31 names', (quantity, amount) =>
    expect(
      translated(hl7('DFT^P03', { ft1: [takeBack('T2', 'T1', { 10: quantity, 11: amount })] }))
        .facts,
    ).toEqual([
      {
        type: 'ChargeReturned',
        returnId: 'T2',
        chargeId: 'T1',
        itemCode: 'LAB001',
        quantity: '1',
        amountFen: 2000,
        returnedAt: '2024-01-15T09:40:00+08:00',
      },
    ]),
  );

  test.each([
    ['by quantity alone', { 10: '-2', 11: '', 12: '' }, { quantity: '2' }],
    ['by amount alone', { 10: '', 11: '-7.50&CNY', 12: '' }, { amountFen: 750 }],
    ['by both', { 10: '2', 11: '', 12: '3.75&CNY' }, { quantity: '2', amountFen: 750 }],
  ])('a CD takes a part of a charge back: %s', (_, fields, part) => {
    const [taken] = translated(
      hl7('DFT^P03', { ft1: [takeBack('T2', 'T1', fields as Record<number, string>)] }),
    ).facts;
    expect(taken).toEqual({
      type: 'ChargeReturned',
      returnId: 'T2',
      chargeId: 'T1',
      itemCode: 'LAB001',
      ...part,
      returnedAt: '2024-01-15T09:40:00+08:00',
    });
  });

  test('a CD that says neither how many nor how much is refused', () =>
    expect(
      refusalOf(hl7('DFT^P03', { ft1: [takeBack('T2', 'T1', { 10: '', 11: '', 12: '' })] })).places,
    ).toContain('FT1[1]-10 FIELD_MISSING'));

  test('a CD may take back a charge of the same message', () =>
    expect(
      translated(hl7('DFT^P03', { ft1: [charge('T1'), takeBack('T2', 'T1')] })).facts.map(
        ({ type }) => type,
      ),
    ).toEqual(['ChargePosted', 'ChargeReturned']));

  test('the ID number goes before the health card, wherever it stands; a hospital’s own number is nobody’s', () => {
    const pid = (three: string) => hl7('ADT^A04', { pid: { 3: three } });
    expect(translated(pid(`C123456^^^HZ^HC~${SPECIMEN}^^^CN^NI`)).person).toEqual({
      type: 'id-number',
      value: SPECIMEN,
    });
    expect(translated(pid('P1^^^HZ001^MR~C123456^^^HZ^HC')).person).toEqual({
      type: 'health-card',
      value: 'C123456',
    });
    expect(refusalOf(pid('P1^^^HZ001^MR')).places).toEqual(['PID-3 CREDENTIAL_MISSING']);
    expect(refusalOf(pid('12345^^^CN^NI')).places).toEqual(['PID-3 CREDENTIAL_INVALID']);
  });

  test('a moment keeps its own zone; without one it is China’s', () => {
    const at = (text: string) => translated(hl7('ADT^A04', { pv1: { 44: text } })).facts;
    expect(at('20240115090000.1234-0330')).toMatchObject([
      { startedAt: '2024-01-15T09:00:00.123-03:30' },
    ]);
    expect(at('202401150900')).toMatchObject([{ startedAt: '2024-01-15T09:00:00+08:00' }]);
  });

  test('a moment without a zone is in that of MSH-7, and may stop at the hour', () => {
    const started = (sentAt: string) =>
      translated(hl7('ADT^A04', { sentAt, pv1: { 44: '2024011509' } })).facts;
    expect(started('20240115090500+0900')).toMatchObject([
      { startedAt: '2024-01-15T09:00:00+09:00' },
    ]);
    expect(started('20240115090500')).toMatchObject([{ startedAt: '2024-01-15T09:00:00+08:00' }]);
  });

  test.each([
    ['1.00000', '20.00&CNY', '20.00&CNY', { quantity: '1', amountFen: 2000 }],
    ['.5', '10&CNY', '20.00&CNY', { quantity: '0.5', amountFen: 1000 }],
    ['00000000001', '+20.&CNY', '020.0000000&CNY', { quantity: '1', unitPriceYuan: '20' }],
    ['+002.50', '50.00&CNY', '0020.00&CNY', { quantity: '2.50', unitPriceYuan: '20.00' }],
    ['1', '20.00', '20.00', { unitPriceYuan: '20.00', amountFen: 2000 }],
    ['2', '20.00&CNY', '', { quantity: '2', unitPriceYuan: '10.00', amountFen: 2000 }],
    ['3', '1&CNY', '', { quantity: '1', unitPriceYuan: '1', amountFen: 100 }],
    ['8', '0.01&CNY', '', { quantity: '8', unitPriceYuan: '0.00125', amountFen: 1 }],
    ['2', '', '10.00&CNY', { quantity: '2', unitPriceYuan: '10.00', amountFen: 2000 }],
    ['1.5', '', '0.333333&CNY', { quantity: '1.5', amountFen: 50 }],
    ['2', '20.00&CNY^TP', '10.00&CNY^UP', { quantity: '2', amountFen: 2000 }],
    ['2', '', '10.00&CNY^ UP', { quantity: '2', amountFen: 2000 }],
  ])('FT1-10 %j, FT1-11 %j, FT1-12 %j is one sum', (quantity, amount, unitPrice, sum) =>
    expect(
      translated(
        hl7('DFT^P03', {
          ft1: [charge('T1', { 1: '00001', 10: quantity, 11: amount, 12: unitPrice })],
        }),
      ).facts,
    ).toMatchObject([{ charge: sum }]),
  );

  test.each([
    ['', '20.00&CNY^TP', 'FT1[1]-12'],
    ['10.00&CNY^UP', '', 'FT1[1]-11'],
    ['20.00&CNY^AP', '10.00&CNY', 'FT1[1]-11'],
    ['20.00&CNY', '10.00&CNY^DC', 'FT1[1]-12'],
    ['20.00&CNY^total', '', 'FT1[1]-11'],
  ])('FT1-11 %j, FT1-12 %j: a price of another type is refused', (amount, unitPrice, place) => {
    const prices = { 10: '2', 11: amount, 12: unitPrice };
    for (const ft1 of [charge('T1', prices), takeBack('T2', 'T1', prices)])
      expect(refusalOf(hl7('DFT^P03', { ft1: [ft1] })).places).toEqual([`${place} AMOUNT_INVALID`]);
  });

  test('a return needs one of the two prices as well, with the sign of its quantity', () => {
    const taken = (more: Readonly<Record<number, string>>) =>
      translated(hl7('DFT^P03', { ft1: [takeBack('T2', 'T1', more)] })).facts;
    expect(taken({ 11: '' })).toMatchObject([{ amountFen: 2000 }]);
    expect(taken({ 12: '' })).toMatchObject([{ amountFen: 2000 }]);
    expect(taken({ 10: '-3', 12: '' })).toMatchObject([{ amountFen: 2000 }]);
  });

  test('NNCHN is the national number, and the same number from two authorities is one', () => {
    const person = (three: string) => translated(hl7('ADT^A04', { pid: { 3: three } })).person;
    const holder = { type: 'id-number', value: SPECIMEN };
    expect(person(`${SPECIMEN}^^^CN^NNCHN`)).toEqual(holder);
    expect(person(`${SPECIMEN}^^^CN^NI~${SPECIMEN.toLowerCase()}^^^HZ001^NI`)).toEqual(holder);
  });

  test('a control id may have 199 characters', () => {
    const controlId = 'a1'.repeat(99) + 'z';
    expect(translated(hl7('ADT^A04', { controlId })).messageId).toBe(controlId);
    expect(refusalOf(hl7('ADT^A04', { controlId: `${controlId}z` })).places).toEqual([
      'MSH-10 FIELD_INVALID',
    ]);
  });

  test('segments may be parted by CR, LF or both', () =>
    expect(translated(`${hl7('ADT^A04').replaceAll('\r', '\r\n')}\r\n`).visitNumber).toBe('V0001'));
});

describe('what is refused, and where', () => {
  test.each<[string, string, string]>([
    ['another message type', hl7('ORU^R01'), 'MESSAGE_TYPE_UNSUPPORTED'],
    [
      'a debugging message',
      hl7('ADT^A04').replace('|P|2.5.1', '|D|2.5.1'),
      'PROCESSING_ID_UNSUPPORTED',
    ],
    ['version 3', hl7('ADT^A04').replace('|P|2.5.1', '|P|3.0'), 'VERSION_UNSUPPORTED'],
    ['other separators', hl7('ADT^A04').replace('MSH|^~\\&', 'MSH|^~\\$'), 'NOT_HL7'],
    ['XML', '<charge/>', 'NOT_HL7'],
    [
      'a line break inside a field',
      hl7('ADT^A04').replace('OPD', 'OP\rdepartment'),
      'MESSAGE_UNREADABLE',
    ],
    [
      'two messages in one',
      `${hl7('ADT^A04')}\r${hl7('ADT^A04', { controlId: 'M2' })}`,
      'MESSAGE_UNREADABLE',
    ],
    ['no PID', hl7('ADT^A04').replace(/PID[^\r]*\r/, ''), 'SEGMENT_MISSING'],
    ['no EVN', hl7('ADT^A04').replace(/EVN[^\r]*\r/, ''), 'SEGMENT_MISSING'],
    ['two PV1', `${hl7('ADT^A04')}\rPV1|2|O`, 'SEGMENT_REPEATED'],
    ['a P03 without FT1', hl7('DFT^P03'), 'SEGMENT_MISSING'],
    [
      'a message cut off inside PV1',
      hl7('DFT^P03', { ft1: [charge('T1')] }).split('PV1|1|O')[0]! + 'PV1|1|O|OP',
      'SEGMENT_MISSING',
    ],
    [
      '501 FT1',
      hl7('DFT^P03', { ft1: Array.from({ length: 501 }, (_, index) => charge(`T${index}`)) }),
      'TRANSACTIONS_TOO_MANY',
    ],
  ])('%s', (_, text, code) => expect(refusalOf(text).code).toBe(code));

  test.each<[string, Parameters<typeof hl7>[1], string, string]>([
    ['no control id', { controlId: '' }, 'ADT^A04', 'MSH-10 FIELD_MISSING'],
    ['no facility', { facility: '' }, 'ADT^A04', 'MSH-4 FIELD_MISSING'],
    ['no patient class', { pv1: { 2: '' } }, 'ADT^A04', 'PV1-2 FIELD_MISSING'],
    ['an unknown patient class', { pv1: { 2: 'P' } }, 'ADT^A04', 'PV1-2 FIELD_INVALID'],
    [
      'an inpatient registered by A04',
      { pv1: { 2: 'I' } },
      'ADT^A04',
      'PV1-2 PATIENT_CLASS_MISMATCH',
    ],
    ['an outpatient admitted by A01', {}, 'ADT^A01', 'PV1-2 PATIENT_CLASS_MISMATCH'],
    ['no visit number', { pv1: { 19: '' } }, 'ADT^A04', 'PV1-19 FIELD_MISSING'],
    ['two visit numbers', { pv1: { 19: 'V1~V2' } }, 'ADT^A04', 'PV1-19 FIELD_REPEATED'],
    ['a visit number with a blank', { pv1: { 19: 'V 1' } }, 'ADT^A04', 'PV1-19 FIELD_INVALID'],
    ['the 30th of February', { pv1: { 44: '20240230090000' } }, 'ADT^A04', 'PV1-44 TIME_INVALID'],
    [
      'a date where a moment is wanted',
      { pv1: { 45: '20240115' } },
      'ADT^A03',
      'PV1-45 TIME_INVALID',
    ],
    ['a zone that is none', { pv1: { 44: '202401150900+9900' } }, 'ADT^A04', 'PV1-44 TIME_INVALID'],
    ['another event in EVN', { evn: { 1: 'A08' } }, 'ADT^A04', 'EVN-1 EVENT_MISMATCH'],
    ['charges in an ADT', { ft1: [charge('T1')] }, 'ADT^A04', 'FT1 SEGMENT_UNEXPECTED'],
    ['a too long department', { pv1: { 3: 'x'.repeat(41) } }, 'ADT^A04', 'PV1-3 FIELD_INVALID'],
    ['no transaction id', { ft1: [charge('')] }, 'DFT^P03', 'FT1[1]-2 FIELD_MISSING'],
    [
      'the same transaction id twice',
      { ft1: [charge('T1'), charge('T1')] },
      'DFT^P03',
      'FT1[2]-2 TRANSACTION_ID_REPEATED',
    ],
    [
      'no transaction date',
      { ft1: [charge('T1', { 4: '' })] },
      'DFT^P03',
      'FT1[1]-4 FIELD_MISSING',
    ],
    [
      'no transaction type',
      { ft1: [charge('T1', { 6: '' })] },
      'DFT^P03',
      'FT1[1]-6 FIELD_MISSING',
    ],
    [
      'a payment',
      { ft1: [charge('T1', { 6: 'PY' })] },
      'DFT^P03',
      'FT1[1]-6 TRANSACTION_TYPE_UNSUPPORTED',
    ],
    ['no item code', { ft1: [charge('T1', { 7: '' })] }, 'DFT^P03', 'FT1[1]-7 FIELD_MISSING'],
    [
      'neither amount nor unit price',
      { ft1: [charge('T1', { 11: '', 12: '' })] },
      'DFT^P03',
      'FT1[1]-11 FIELD_MISSING',
    ],
    [
      'an amount with blanks in place of a separator',
      { ft1: [charge('T1', { 11: '20.00 CNY' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_INVALID',
    ],
    ['a date with a zone', { pv1: { 45: '20240115+0800' } }, 'ADT^A03', 'PV1-45 TIME_INVALID'],
    [
      'two different ID numbers',
      { pid: { 3: `${SPECIMEN}^^^CN^NI~${CHILD}^^^CN^NNCHN` } },
      'ADT^A04',
      'PID-3 FIELD_REPEATED',
    ],
    ['no quantity', { ft1: [charge('T1', { 10: '' })] }, 'DFT^P03', 'FT1[1]-10 FIELD_MISSING'],
    ['quantity zero', { ft1: [charge('T1', { 10: '0.0' })] }, 'DFT^P03', 'FT1[1]-10 FIELD_INVALID'],
    [
      'no currency in a message from abroad',
      { country: 'USA', ft1: [charge('T1', { 11: '20.00' })] },
      'DFT^P03',
      'FT1[1]-11 CURRENCY_MISSING',
    ],
    [
      'dollars',
      { ft1: [charge('T1', { 12: '20.00&USD' })] },
      'DFT^P03',
      'FT1[1]-12 CURRENCY_UNSUPPORTED',
    ],
    [
      'an amount by tenths of a fen',
      { ft1: [charge('T1', { 11: '20.001&CNY' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_INVALID',
    ],
    [
      'an amount with grouping',
      { ft1: [charge('T1', { 11: '2,000.00&CNY' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_INVALID',
    ],
    [
      'two amounts',
      { ft1: [charge('T1', { 11: '20.00&CNY~30.00&CNY' })] },
      'DFT^P03',
      'FT1[1]-11 FIELD_REPEATED',
    ],
    [
      'an amount that is not quantity times price',
      { ft1: [charge('T1', { 10: '2' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_MISMATCH',
    ],
    [
      'a negative charge',
      { ft1: [charge('T1', { 10: '-1', 11: '-20.00&CNY' })] },
      'DFT^P03',
      'FT1[1]-10 AMOUNT_INVALID',
    ],
    [
      'a negative amount of a positive quantity',
      { ft1: [takeBack('T2', 'T1', { 10: '1' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_MISMATCH',
    ],
    [
      'an amount beyond any charge',
      { ft1: [charge('T1', { 10: '999999999', 11: '999999999.00&CNY', 12: '999999999&CNY' })] },
      'DFT^P03',
      'FT1[1]-11 AMOUNT_INVALID',
    ],
    [
      'a return that names no charge',
      { ft1: [takeBack('T2', '')] },
      'DFT^P03',
      'FT1[1]-31 FIELD_MISSING',
    ],
    ['a return of itself', { ft1: [takeBack('T2', 'T2')] }, 'DFT^P03', 'FT1[1]-31 FIELD_INVALID'],
  ])('%s', (_, told, type, place) => expect(refusalOf(hl7(type, told)).places).toContain(place));

  test('all faults of a message are told at once, and none of its values', () => {
    const text = hl7('DFT^P03', {
      pid: { 3: '12345^^^CN^NI' },
      pv1: { 19: '' },
      ft1: [charge('T1', { 6: '' }), charge('T2', { 11: '1.23&CNY' })],
    });
    expect(refusalOf(text).places).toEqual([
      'PID-3 CREDENTIAL_INVALID',
      'PV1-19 FIELD_MISSING',
      'FT1[1]-6 FIELD_MISSING',
      'FT1[2]-11 AMOUNT_MISMATCH',
    ]);
    try {
      translated(text);
    } catch (error) {
      expect(JSON.stringify((error as DomainError).details)).not.toMatch(/P1|1\.23|测试/);
    }
  });
});

describe('FT1 in the orders that public sample messages have', () => {
  const ft1 = (line: string): string => `${hl7('DFT^P03')}\r${line}`;
  test.each<[string, string, string]>([
    [
      'type in FT1-2',
      'FT1|1|CG|T1|20240115|20240115||LAB001|||1|20.00&CNY|20.00&CNY',
      'FT1[1]-6 FIELD_MISSING',
    ],
    [
      'code in FT1-5',
      'FT1|1|T1||20240115|LAB001|CG||||1|20.00&CNY|20.00&CNY',
      'FT1[1]-7 FIELD_MISSING',
    ],
    ['amount in FT1-7', 'FT1|1|T1||20240115||CG|20.00&CNY|LAB001||1', 'FT1[1]-7 FIELD_INVALID'],
    ['amount in FT1-8', 'FT1|1|T1||20240115||CG|LAB001|20.00&CNY||1', 'FT1[1]-11 FIELD_MISSING'],
    [
      'no type at all',
      'FT1|1|T1||20240115|20240115||LAB001|||1|20.00&CNY|20.00&CNY',
      'FT1[1]-6 FIELD_MISSING',
    ],
    [
      'the date in FT1-3',
      'FT1|1|T1|20240115|||CG|LAB001|||1|20.00&CNY|20.00&CNY',
      'FT1[1]-4 FIELD_MISSING',
    ],
    [
      'everything one place early',
      'FT1|T1||20240115|20240115|CG|LAB001|||1|20.00&CNY|20.00&CNY',
      'FT1[1]-1 FIELD_INVALID',
    ],
    [
      'everything one place late',
      'FT1|1||T1||20240115|20240115|CG|LAB001|||1|20.00&CNY|20.00&CNY',
      'FT1[1]-2 FIELD_MISSING',
    ],
    [
      'quantity and amount changed about',
      'FT1|1|T1||20240115||CG|LAB001|||20.00|1&CNY|20.00&CNY',
      'FT1[1]-11 AMOUNT_MISMATCH',
    ],
  ])('%s is refused, not guessed', (_, line, place) =>
    expect(refusalOf(ft1(line)).places).toContain(place),
  );

  test('the usable ones are read: a date, or a range whose start counts', () => {
    expect(
      translated(ft1('FT1|1|T1||20240115|20240116|CG|99201|||1|125.10&CNY|125.10&CNY')).facts,
    ).toMatchObject([{ charge: { occurredAt: '2024-01-15T00:00:00+08:00', amountFen: 12510 } }]);
    expect(
      translated(ft1('FT1|1|T1||20240115^20240116||CG|99201|||1|125.10&CNY|125.10&CNY')).facts,
    ).toMatchObject([{ charge: { occurredAt: '2024-01-15T00:00:00+08:00' } }]);
  });
});

test.each([
  ['PV1-3', () => hl7('ADT^A04', { pv1: { 3: `${SPECIMEN}^001` } })],
  ['FT1[1]-13', () => hl7('DFT^P03', { ft1: [charge('T1', { 13: `郑丽 ${SPECIMEN}` })] })],
])('an ID number in %s is refused, without being repeated', (field, text) => {
  const { places } = refusalOf(text());
  expect(places).toEqual([`${field} ID_NUMBER_FORBIDDEN`]);
  expect(JSON.stringify(places)).not.toContain(SPECIMEN);
});
