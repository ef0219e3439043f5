import { DomainError } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { intakeTable } from '../intake/intake.table';
import { NO_APPLICATION } from '../intake/submission';
import { unescapeText } from './segment';
import {
  PLAIN,
  answered,
  CHILD,
  charge,
  gatewayOn,
  hl7,
  personIdOf,
  takeBack,
} from '../../test/gateway';

const sent = async (gateway: ReturnType<typeof gatewayOn>, text: string) =>
  answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));

describe('what is accepted', () => {
  test('a message becomes contract events that name their source message, and no personal data leaves', async () => {
    const gateway = gatewayOn();
    expect(await sent(gateway, hl7('ADT^A04'))).toEqual({
      code: 'AA',
      controlId: 'M0001',
      text: 'accepted as 1 event',
      errors: [],
    });
    const [event] = await gateway.published();
    expect(event).toMatchObject({
      type: 'VisitStarted',
      key: 'HZ001-V0001',
      cause: 'hl7/HZ001.HIS/M0001',
      source: 'hospital/HZ001',
      value: { personId: personIdOf(1), visitClass: 'outpatient' },
    });
    expect(JSON.stringify(await gateway.published())).not.toMatch(/11010519491231002X|测试|患者/);
  });

  test('charges are accepted before the visit’s opening: putting them in order is the ledger’s work', async () => {
    const gateway = gatewayOn();
    expect(
      await sent(gateway, hl7('DFT^P03', { ft1: [charge('T1'), takeBack('T2', 'T1')] })),
    ).toMatchObject({ code: 'AA', text: 'accepted as 2 events' });
    expect((await gateway.published()).map(({ type }) => type)).toEqual([
      'ChargePosted',
      'ChargeReturned',
    ]);
  });

  test(
    'the same message again gets the first answer and does nothing, even while ' +
      'identity is away or no longer knows the person',
    async () => {
      const gateway = gatewayOn();
      await sent(gateway, hl7('ADT^A04'));
      expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
        code: 'AA',
        text: 'accepted before',
      });
      gateway.partners.persons.clear();
      expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
        code: 'AA',
        text: 'accepted before',
      });
      expect(await gateway.published()).toHaveLength(1);
    },
  );

  test.each([
    ['says something else', hl7('ADT^A04', { pv1: { 3: 'SURG' } })],
    ['cannot be read', hl7('ADT^A04', { pv1: { 19: '' } })],
  ])(
    'the same control id on a message that %s is a conflict, and changes nothing',
    async (_, other) => {
      const gateway = gatewayOn();
      await sent(gateway, hl7('ADT^A04'));
      expect(await sent(gateway, other)).toMatchObject({
        code: 'AE',
        text: 'MESSAGE_ID_REUSED',
        errors: ['MESSAGE_ID_REUSED'],
      });
      expect(await gateway.published()).toHaveLength(1);
      expect(await gateway.quarantine.list('open')).toMatchObject([
        { reason: 'MESSAGE_ID_REUSED', institutionId: 'HZ001' },
      ]);
    },
  );

  test.each([
    ['Q', 'Q^2', 'FIELD_INVALID'],
    ['Q', 'Q^', 'FIELD_INVALID'],
    ['Q', 'Q&2', 'FIELD_INVALID'],
    ['Q', 'Q~2', 'FIELD_REPEATED'],
    ['a'.repeat(199), 'a'.repeat(200), 'FIELD_INVALID'],
  ])(
    'after the control id %s another that begins like it is named: %s',
    async (id, other, code) => {
      const gateway = gatewayOn();
      expect(await sent(gateway, hl7('ADT^A04', { controlId: id }))).toMatchObject({ code: 'AA' });
      const dft = hl7('DFT^P03', { controlId: other, ft1: [charge('T1')] });
      expect(await sent(gateway, dft)).toMatchObject({ code: 'AE', controlId: other, text: code });
      expect(await gateway.quarantine.list('open')).toMatchObject([
        { faults: [{ field: 'MSH-10', code }] },
      ]);
      expect(await gateway.published()).toHaveLength(1);
    },
  );

  test('two programs of one institution may use the same control id', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    const of = (application: string, chargeId: string) =>
      hl7('DFT^P03', { application, controlId: '1', ft1: [charge(chargeId)] });
    for (const text of [of('LIS', 'lab1'), of('PHARM', 'ph1'), of('', 'none')])
      expect(await sent(gateway, text)).toMatchObject({ code: 'AA', text: 'accepted as 1 event' });
    expect(await sent(gateway, of('LIS', 'lab1'))).toMatchObject({ text: 'accepted before' });
    expect(await sent(gateway, of('LIS', 'ph1'))).toMatchObject({ text: 'MESSAGE_ID_REUSED' });
    expect(new Set((await gateway.published()).map(({ id }) => id)).size).toBe(4);
    expect((await gateway.published()).map(({ cause }) => cause)).toEqual([
      'hl7/HZ001.HIS/M0001',
      'hl7/HZ001.LIS/1',
      'hl7/HZ001.PHARM/1',
      'hl7/HZ001/1',
    ]);
  });

  test('a message that was accepted before programs were told apart is the same message still', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    await gateway.store.transact(async (transaction) => {
      const rows = transaction.rows(intakeTable);
      const [row] = await rows.find({});
      await rows.delete({ messageId: 'M0001' });
      await rows.insert({ ...row!, application: NO_APPLICATION });
    });
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({ text: 'accepted before' });
    expect(await sent(gateway, hl7('ADT^A04', { pv1: { 3: 'SURG' } }))).toMatchObject({
      text: 'MESSAGE_ID_REUSED',
    });
    expect(await gateway.published()).toHaveLength(1);
  });

  test('a source message of any length has a name that fits its header', async () => {
    const gateway = gatewayOn();
    const long = { application: '检验'.repeat(20), controlId: 'a'.repeat(199) };
    expect(await sent(gateway, hl7('ADT^A04', long))).toMatchObject({ code: 'AA' });
    expect((await gateway.published())[0]!.cause).toMatch(/^hl7\/HZ001\/~[\w-]{43}$/);
  });

  test('two institutions may use the same control id', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    expect(await sent(gateway, hl7('ADT^A04', { facility: 'HZ002' }))).toMatchObject({
      code: 'AA',
      text: 'accepted as 1 event',
    });
    expect(new Set((await gateway.published()).map(({ id }) => id)).size).toBe(2);
  });
});

describe('what is refused', () => {
  test('all charges of a message are refused with one of them', async () => {
    const gateway = gatewayOn();
    expect(
      await sent(
        gateway,
        hl7('DFT^P03', { ft1: [charge('T1'), charge('T2', { 11: '9.99&CNY' })] }),
      ),
    ).toMatchObject({ code: 'AE', errors: ['AMOUNT_MISMATCH'] });
    expect(await gateway.published()).toEqual([]);
  });

  test('the answer says where and what to do, not what stood there', async () => {
    const gateway = gatewayOn();
    const answer = await gateway.hl7Door.answer(
      Buffer.from(hl7('DFT^P03', { ft1: [charge('T1'), charge('T2', { 11: '9.99&CNY' })] })),
    );
    expect(answer!.toString().split('\r')[2]).toBe(
      'ERR||FT1^2^11|102^Data type error^HL70357|E|AMOUNT_MISMATCH||FT1[2]-11 the amount is ' +
        'not quantity (FT1-10) times unit price (FT1-12), rounded half up to the ' +
        'fen|correct FT1-10, FT1-11 or FT1-12',
    );
    expect(answer!.toString()).toMatch(
      /^MSH\|\^~\\&\|CARETAB\|CITY\|HIS\|HZ001\|20240115090500\+0800\|\|ACK\^P03\^ACK\|/,
    );
  });

  test.each([
    ['2.1', 'ACK^P03', 'FT1^2^11^102&Data type error&HL70357'],
    ['2.3', 'ACK^P03', 'FT1^2^11^102&Data type error&HL70357'],
    ['2.3.1', 'ACK^P03^ACK', 'FT1^2^11^102&Data type error&HL70357'],
    ['2.4^CHN', 'ACK^P03^ACK', 'FT1^2^11^102&Data type error&HL70357'],
    ['2.5', 'ACK^P03^ACK', ''],
    ['2.8.2', 'ACK^P03^ACK', ''],
    ['3', 'ACK^P03^ACK', ''],
  ])('to a sender of %s the answer is %s, and ERR-1 %s', async (version, type, first) => {
    const text = hl7('DFT^P03', { ft1: [charge('T1'), charge('T2', { 11: '9.99&CNY' })] });
    const bytes = Buffer.from(text.replace('|2.5.1|', `|${version}|`));
    const [msh, , err] = (await gatewayOn().hl7Door.answer(bytes))!.toString().split('\r');
    expect(msh!.split('|')[8]).toBe(type);
    expect(err!.split('|')[1]).toBe(first);
  });

  test('what has no place is in ERR-1 by its condition alone', async () => {
    const gateway = gatewayOn();
    gateway.partners.away = true;
    const bytes = Buffer.from(hl7('ADT^A04').replace('|2.5.1|', '|2.4|'));
    expect((await gateway.hl7Door.answer(bytes))!.toString()).toContain(
      '\rERR|^^^207&Application internal error&HL70357||207^Application internal error^HL70357|E|',
    );
  });

  test('a remedy with separators is escaped, and read back it can be followed', async () => {
    const gateway = gatewayOn();
    const answer = await gateway.hl7Door.answer(
      Buffer.from(hl7('DFT^P03', { ft1: [charge('T1', { 11: '20.00 CNY' })] })),
    );
    const remedy = answer!.toString().split('\r')[2]!.split('|')[8]!;
    expect(remedy).toBe('send price\\T\\currency, such as 20.00\\T\\CNY');
    expect(unescapeText(remedy)).toBe('send price&currency, such as 20.00&CNY');
  });

  test('the answer has the version and the processing id of the message', async () => {
    const said = async (processingId: string, version: string, more = {}) => {
      const text = hl7('ADT^A04', more).replace('|P|2.5.1|', `|${processingId}|${version}|`);
      const answer = (await gatewayOn().hl7Door.answer(Buffer.from(text)))!.toString();
      const [msh, msa] = answer.split('\r');
      return [...msh!.split('|').slice(10, 12), msa!.split('|')[3]!.split(':')[0]];
    };
    expect(await said('P^T', '2.4')).toEqual(['P^T', '2.4', 'accepted as 1 event']);
    expect(await said('P', '2.4^CHN')).toEqual(['P', '2.4^CHN', 'accepted as 1 event']);
    expect(await said('T^', ' 2.4^CHN&中国&ISO3166')).toEqual(['T^', '2.4', 'test']);
    expect(await said(' T ', '2.4 ')).toEqual(['T', '2.4', 'test']);
    expect(await said('T^中', '2.x')).toEqual(['T', '2.5.1', 'test']);
    expect(await said('T ^A', '2.4', { pv1: { 19: '' } })).toEqual(['T ^A', '2.4', 'test']);
  });

  test.each([
    ['AR', 'NOT_HL7', hl7('ADT^A04').replace('MSH|^~\\&', 'MSH|^~\\$')],
    ['AR', 'MESSAGE_TYPE_UNSUPPORTED', hl7('ORU^R01')],
    ['AR', 'INSTITUTION_UNKNOWN', hl7('ADT^A04', { facility: 'XX999' })],
    ['AE', 'PERSON_UNKNOWN', hl7('ADT^A04', { pid: { 3: '110105194912310038^^^CN^NI' } })],
  ])('%s %s', async (code, reason, text) => {
    const gateway = gatewayOn();
    expect(await sent(gateway, text)).toMatchObject({ code, errors: [reason] });
    expect(await gateway.quarantine.list('open')).toMatchObject([{ reason, timesSeen: 1 }]);
  });

  test('bytes without a control id are kept and never answered; an empty frame is not kept', async () => {
    const gateway = gatewayOn();
    for (const text of ['<charge/>', hl7('ADT^A04', { controlId: '  ' }), ''])
      expect(await gateway.hl7Door.answer(Buffer.from(text))).toBeUndefined();
    expect(await gateway.hl7Door.answerBroken(Buffer.from('x'), 'FRAME_START_MISSING', PLAIN)).toBe(
      undefined,
    );
    expect(gateway.unanswered).toEqual([
      'no control id',
      'no control id',
      'empty frame',
      'no control id',
    ]);
    expect((await gateway.quarantine.list('open')).map(({ reason }) => reason).sort()).toEqual([
      'FIELD_MISSING',
      'FRAME_START_MISSING',
      'NOT_HL7',
    ]);
  });

  test('a charge for another person than the visit’s is refused', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    expect(
      await sent(
        gateway,
        hl7('DFT^P03', { controlId: 'M2', pid: { 3: `${CHILD}^^^CN^NI` }, ft1: [charge('T1')] }),
      ),
    ).toMatchObject({ code: 'AE', errors: ['PERSON_DIFFERS'] });
    expect(await gateway.published()).toHaveLength(1);
  });

  test(
    'an acknowledgement is kept but never acknowledged: two engines must not thank ' +
      'each other for ever',
    async () => {
      const gateway = gatewayOn();
      expect(
        await gateway.hl7Door.answer(
          Buffer.from('MSH|^~\\&|HIS|HZ001|||20240115||ACK^A04|M1|P|2.5.1\rMSA|AA|M0'),
        ),
      ).toBeUndefined();
    },
  );
});

describe('what is neither', () => {
  test('while identity is away the sender is asked to try again, and nothing is kept', async () => {
    const gateway = gatewayOn();
    gateway.partners.away = true;
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
      code: 'AR',
      text: 'IDENTITY_UNAVAILABLE try again later',
    });
    expect(await gateway.quarantine.list('open')).toEqual([]);
    gateway.partners.away = false;
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
      code: 'AA',
      text: 'accepted as 1 event',
    });
  });

  test.each([
    ['a message that can be read', hl7('ADT^A04')],
    ['one that is to be quarantined', hl7('ADT^A04', { pv1: { 19: '' } })],
  ])('while the database is away the sender of %s is asked to try again', async (_, text) => {
    let away = true;
    const gateway = gatewayOn(
      new MemoryStore({
        at: () => {
          if (away)
            throw new DomainError('DATABASE_UNAVAILABLE', 'unavailable', {
              remedy: 'try again later',
            });
        },
      }),
    );
    expect(await sent(gateway, text)).toMatchObject({
      code: 'AR',
      text: 'DATABASE_UNAVAILABLE try again later',
      errors: ['DATABASE_UNAVAILABLE'],
    });
    expect(gateway.failures).toEqual([]);
    away = false;
    expect(await gateway.quarantine.list('open')).toEqual([]);
    expect(await gateway.published()).toEqual([]);
  });

  test.each([
    ['', '', 'AR'],
    ['AL', 'NE', 'CR'],
  ])(
    'by MSH-15 "%s" and MSH-16 "%s" it is %s, for no fault of the message',
    async (accept, application, code) => {
      const gateway = gatewayOn();
      gateway.partners.profiles.set('HZ001', { acknowledgement: 'enhanced' });
      gateway.partners.personOf = () =>
        Promise.reject(new DomainError('DATABASE_BUSY', 'unavailable'));
      const text = hl7('ADT^A04').replace('|AL|NE|', `|${accept}|${application}|`);
      const answers = await gateway.hl7Door.answers(Buffer.from(text), PLAIN);
      expect(answers.map((answer) => answered(answer).code)).toEqual([code]);
      expect(answers[0]).toContain(
        '\rERR|||207^Application internal error^HL70357|E|DATABASE_BUSY|',
      );
      expect(await gateway.quarantine.list('open')).toEqual([]);
    },
  );

  test('a store that fails is our fault: the sender is asked to try again and operators hear of it', async () => {
    let failing = false;
    const gateway = gatewayOn(
      new MemoryStore({
        at: (point) => {
          if (failing && point === 'commit') throw new Error('disk full');
        },
      }),
    );
    failing = true;
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
      code: 'AR',
      text: 'INTERNAL try again later',
    });
    expect(gateway.failures).toHaveLength(1);
    failing = false;
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
      code: 'AA',
      text: 'accepted as 1 event',
    });
    expect(await gateway.published()).toHaveLength(1);
  });

  test('a process that dies after storing and before answering repeats the answer when asked again', async () => {
    let dying = true;
    const gateway = gatewayOn(
      new MemoryStore({
        at: (point) => {
          if (dying && point === 'committed') throw new Error('killed');
        },
      }),
    );
    await sent(gateway, hl7('ADT^A04'));
    dying = false;
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({
      code: 'AA',
      text: 'accepted before',
    });
    expect(await gateway.published()).toHaveLength(1);
  });
});

describe('quarantine', () => {
  const broken = hl7('DFT^P03', { ft1: [charge('T1', { 11: '9.99&CNY' })] });

  test('the same broken message sent again is the same entry', async () => {
    const gateway = gatewayOn();
    await sent(gateway, broken);
    gateway.clock.advance(1000);
    await sent(gateway, broken);
    expect(await gateway.quarantine.list('open')).toMatchObject([
      {
        timesSeen: 2,
        receivedAt: '2024-01-15T01:05:00.000Z',
        lastSeenAt: '2024-01-15T01:05:01.000Z',
        faults: [{ field: 'FT1[1]-11', code: 'AMOUNT_MISMATCH' }],
      },
    ]);
  });

  test(
    'an operator mends and replays it; the hospital that still sends the broken one ' +
      'is told that it is done',
    async () => {
      const gateway = gatewayOn();
      await sent(gateway, broken);
      const { id } = (await gateway.quarantine.list('open'))[0]!;
      const { entry, raw } = await gateway.quarantine.show(id);
      expect(raw.toString('utf8')).toBe(broken);
      expect(
        await gateway.hl7Door.replay(
          entry,
          raw,
          broken.replace('9.99', '20.00').replaceAll('\r', '\n'),
        ),
      ).toMatchObject({ visitId: 'HZ001-V0001', repeated: false });
      expect(await gateway.quarantine.list('replayed')).toHaveLength(1);
      expect(await sent(gateway, broken)).toMatchObject({
        code: 'AA',
        text: 'accepted before as mended by an operator',
      });
      expect(await gateway.published()).toMatchObject([
        { type: 'ChargePosted', cause: 'hl7/HZ001.HIS/M0001' },
      ]);
    },
  );

  test('an unknown person’s message is replayed as it was once the person is registered', async () => {
    const gateway = gatewayOn();
    const stranger = '110105194912310038';
    await sent(gateway, hl7('ADT^A04', { pid: { 3: `${stranger}^^^CN^NI` } }));
    const { id } = (await gateway.quarantine.list('open'))[0]!;
    const { entry, raw } = await gateway.quarantine.show(id);
    await expect(gateway.hl7Door.replay(entry, raw, undefined)).rejects.toMatchObject({
      code: 'PERSON_UNKNOWN',
    });
    expect(await gateway.quarantine.list('open')).toHaveLength(1);
    gateway.partners.persons.set(stranger, personIdOf(9));
    await gateway.hl7Door.replay(entry, raw, undefined);
    expect(await gateway.published()).toMatchObject([{ value: { personId: personIdOf(9) } }]);
    await expect(gateway.hl7Door.replay(entry, raw, undefined)).rejects.toMatchObject({
      code: 'QUARANTINE_CLOSED',
    });
  });

  test('mending must not move a message to another institution', async () => {
    const gateway = gatewayOn();
    await sent(gateway, broken);
    const { id } = (await gateway.quarantine.list('open'))[0]!;
    const { entry, raw } = await gateway.quarantine.show(id);
    await expect(
      gateway.hl7Door.replay(
        entry,
        raw,
        broken.replace('|HZ001|CARETAB', '|HZ002|CARETAB').replace('9.99', '20.00'),
      ),
    ).rejects.toMatchObject({ code: 'REPLAY_INSTITUTION_DIFFERS' });
  });

  test('it is given up with a reason, once; another reason is a conflict', async () => {
    const gateway = gatewayOn();
    await sent(gateway, broken);
    const { id } = (await gateway.quarantine.list('open'))[0]!;
    await gateway.quarantine.discard(id, 'posted again by hand');
    await gateway.quarantine.discard(id, 'posted again by hand');
    await expect(gateway.quarantine.discard(id, 'another reason')).rejects.toMatchObject({
      code: 'QUARANTINE_CLOSED',
    });
    await expect(gateway.quarantine.discard('nobody', 'why not')).rejects.toThrow(DomainError);
    expect(await sent(gateway, broken)).toMatchObject({ code: 'AE' });
  });
});

test.each([
  ['says that it sends no HL7', false],
  ['does not say that it sends HL7', undefined],
])(
  'no one speaks over a plain line for who %s, and what came so is not replayed',
  async (_what, speaks) => {
    const gateway = gatewayOn();
    gateway.partners.profiles.set('HZ001', { hl7: speaks as false, presence: 'card' });
    const opening = hl7('ADT^A04');
    expect(await sent(gateway, opening)).toMatchObject({ code: 'AR', text: 'SENDER_FORBIDDEN' });
    const [kept] = await gateway.quarantine.list('open');
    expect(kept).toMatchObject({ institutionId: null, reason: 'SENDER_FORBIDDEN' });
    const replayed = gateway.hl7Door.replay(kept as never, Buffer.from(opening), undefined);
    await expect(replayed).rejects.toMatchObject({ code: 'SENDER_FORBIDDEN' });
    expect(await gateway.published()).toEqual([]);
  },
);
