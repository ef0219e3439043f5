import { type InterfaceProfile, mayIgnore } from '@caretab/contracts';
import { encode } from 'iconv-lite';
import {
  PLAIN,
  answered,
  charge,
  CHILD,
  gatewayOn,
  hl7,
  personIdOf,
  SPECIMEN,
} from '../../test/gateway';
import { MESSAGE_TYPES } from './header';

type Gateway = ReturnType<typeof gatewayOn>;

const send = async (gateway: Gateway, text: string | Buffer) =>
  answered(await gateway.hl7Door.answer(Buffer.isBuffer(text) ? text : Buffer.from(text)));
const speaking = (profile: InterfaceProfile): Gateway => {
  const gateway = gatewayOn();
  gateway.partners.profiles.set('HZ001', profile);
  return gateway;
};
const types = async (gateway: Gateway) => (await gateway.published()).map(({ type }) => type);
const MRN_ONLY = { 3: 'P0001^^^HZ001^MR' };

describe('visit numbers', () => {
  test.each(['ZY0012345-2', '2026/0012', '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000'])(
    'the number %s is taken as the hospital writes it',
    async (visitNumber) => {
      const gateway = gatewayOn();
      expect(await send(gateway, hl7('ADT^A04', { pv1: { 19: visitNumber } }))).toMatchObject({
        code: 'AA',
      });
      expect(await gateway.published()).toMatchObject([
        { key: `HZ001-${visitNumber}`, value: { visitNumber } },
      ]);
    },
  );

  test('a number without a form of the hospital is refused at once, on a visit that is open it is not', async () => {
    const gateway = gatewayOn();
    await send(gateway, hl7('ADT^A04'));
    gateway.partners.profiles.set('HZ001', { visitNumbers: ['ZY###'] });
    const posted = (controlId: string, visitNumber: string) =>
      send(gateway, hl7('DFT^P03', { controlId, pv1: { 19: visitNumber }, ft1: [charge('T1')] }));
    expect(await posted('M2', 'V0002')).toMatchObject({
      code: 'AE',
      errors: ['VISIT_NUMBER_INVALID'],
    });
    expect(await posted('M3', 'ZY123')).toMatchObject({ code: 'AA' });
    expect(await posted('M4', 'V0001')).toMatchObject({ code: 'AA' });
  });
});

describe('the hospital’s own patient number', () => {
  const mrn = (controlId: string, three = MRN_ONLY[3]) =>
    hl7('DFT^P03', { controlId, pid: { 3: three }, ft1: [charge('T1')] });

  test('is enough for a charge on a visit that is open, and the charge is its person’s', async () => {
    const gateway = gatewayOn();
    await send(gateway, hl7('ADT^A04'));
    expect(await send(gateway, mrn('M2'))).toMatchObject({ code: 'AA' });
    expect(await send(gateway, mrn('M3', ''))).toMatchObject({ code: 'AA' });
    expect(await types(gateway)).toEqual(['VisitStarted', 'ChargePosted', 'ChargePosted']);
  });

  test('never opens a visit, and is nobody’s before one is open', async () => {
    const gateway = gatewayOn();
    const missing = { code: 'AE', errors: ['CREDENTIAL_MISSING'] };
    expect(await send(gateway, hl7('ADT^A04', { pid: MRN_ONLY }))).toMatchObject(missing);
    expect(await send(gateway, mrn('M2'))).toMatchObject(missing);
    expect(await types(gateway)).toEqual([]);
  });

  test('of another patient is refused, as is a national number that does not fit', async () => {
    const gateway = gatewayOn();
    await send(gateway, hl7('ADT^A04'));
    const differs = { code: 'AE', errors: ['PERSON_DIFFERS'] };
    expect(await send(gateway, mrn('M2', 'P0002^^^HZ001^MR'))).toMatchObject(differs);
    expect(await send(gateway, mrn('M3', `P0001^^^HZ001^MR~${CHILD}^^^CN^NI`))).toMatchObject(
      differs,
    );
    expect(await types(gateway)).toEqual(['VisitStarted']);
  });

  test('is not enough where the profile says so', async () => {
    const gateway = speaking({ patientNumbers: false });
    await send(gateway, hl7('ADT^A04'));
    expect(await send(gateway, mrn('M2'))).toMatchObject({ errors: ['CREDENTIAL_MISSING'] });
  });
});

describe('how an institution speaks', () => {
  const gbk = (charset: string) => encode(hl7('ADT^A04', { charset, pv1: { 3: '骨科' } }), 'gbk');

  test('bytes of a message that names no character set are read in the institution’s', async () => {
    expect(await send(gatewayOn(), gbk(''))).toMatchObject({
      code: 'AR',
      errors: ['CHARSET_BROKEN'],
    });
    const gateway = speaking({ characterSet: 'GBK' });
    expect(await send(gateway, gbk(''))).toMatchObject({ code: 'AA' });
    expect(await gateway.published()).toMatchObject([{ value: { department: '骨科' } }]);
    expect(await send(gateway, gbk('UNICODE UTF-8'))).toMatchObject({ errors: ['CHARSET_BROKEN'] });
  });

  test('a name whose GBK bytes happen to be UTF-8 is read in the institution’s character set', async () => {
    const gateway = speaking({ characterSet: 'GB18030' });
    const text = hl7('ADT^A04', { charset: '', pv1: { 3: '联通' } });
    expect(await send(gateway, encode(text, 'gb18030'))).toMatchObject({ code: 'AA' });
    expect(await gateway.published()).toMatchObject([{ value: { department: '联通' } }]);
  });

  test('an amount without a currency is in the institution’s, where its country is not known', async () => {
    const text = hl7('DFT^P03', {
      country: 'ZZZ',
      ft1: [charge('T1', { 11: '20.00', 12: '20.00' })],
    });
    expect(await send(gatewayOn(), text)).toMatchObject({
      errors: expect.arrayContaining(['CURRENCY_MISSING']),
    });
    expect(await send(speaking({ currency: 'CNY' }), text)).toMatchObject({ code: 'AA' });
    expect(await send(speaking({ currency: 'USD' }), text)).toMatchObject({ code: 'AE' });
  });

  test.each(['USA', 'US', '840', 'HKG'])(
    'an amount without a currency is in none of the profile’s, where its country %s is another',
    async (country) => {
      const prices = { 11: '20.00', 12: '20.00' };
      const text = hl7('DFT^P03', { country, ft1: [charge('T1', prices)] });
      expect(await send(speaking({ currency: 'CNY' }), text)).toMatchObject({
        errors: expect.arrayContaining(['CURRENCY_MISSING']),
      });
      const stated = { 11: '20.00&CNY', 12: '20.00&CNY' };
      expect(
        await send(
          speaking({ currency: 'CNY' }),
          hl7('DFT^P03', { country, ft1: [charge('T1', stated)] }),
        ),
      ).toMatchObject({ code: 'AA' });
    },
  );

  test('only the programs of the profile may send', async () => {
    const gateway = speaking({ applications: ['HIS', 'LIS'] });
    expect(await send(gateway, hl7('ADT^A04'))).toMatchObject({ code: 'AA' });
    expect(
      await send(gateway, hl7('ADT^A04', { controlId: 'M2', application: 'TOY' })),
    ).toMatchObject({ code: 'AR', errors: ['APPLICATION_UNKNOWN'] });
  });

  test('types that the profile ignores are answered, counted and not kept', async () => {
    const gateway = speaking({ ignoredMessages: ['ORU^R01', 'SIU^S12'] });
    expect(await send(gateway, hl7('ORU^R01'))).toMatchObject({ code: 'AA' });
    expect(await send(gateway, hl7('SIU^S12', { controlId: 'M2' }))).toMatchObject({ code: 'AA' });
    expect(gateway.passedOver).toEqual(['ignored ORU^R01', 'ignored SIU^S12']);
    expect(await types(gateway)).toEqual([]);
    expect(await gateway.quarantine.list('open')).toEqual([]);
  });

  test('of a type that is ignored only the header must be in its character set', async () => {
    const gateway = speaking({ ignoredMessages: ['ORU^R01'] });
    const inGbk = (type: string, more: object) =>
      send(gateway, encode(hl7(type, { charset: '', pv1: { 3: '骨科' }, ...more }), 'gbk'));
    expect(await inGbk('ORU^R01', {})).toMatchObject({ code: 'AA' });
    expect(await inGbk('ADT^A31', { controlId: 'M2' })).toMatchObject({ code: 'AA' });
    expect(gateway.passedOver).toEqual(['ignored ORU^R01', 'ignored ADT^A31']);
    const broken = { code: 'AR', errors: ['CHARSET_BROKEN'] };
    expect(await inGbk('ADT^A40', { controlId: 'M3' })).toMatchObject(broken);
    expect(await inGbk('ADT^A08', { controlId: 'M4' })).toMatchObject(broken);
    expect(await inGbk('ORU^R01', { controlId: 'M5', application: '检验' })).toMatchObject(broken);
  });

  test('a message behind one that is ignored does not go missing in its frame', async () => {
    const gateway = speaking({ ignoredMessages: ['ORU^R01'] });
    const charged = { charset: '', pv1: { 3: '骨科' }, ft1: [charge('T1')] };
    const both = `${hl7('ORU^R01', { charset: '' })}\r${hl7('DFT^P03', charged)}`;
    expect(await send(gateway, encode(both, 'gbk'))).toMatchObject({
      errors: ['MESSAGE_UNREADABLE'],
    });
  });

  test('no profile makes a charge or a visit go missing, one of an earlier release included', async () => {
    const stored = { ignoredMessages: ['DFT^P03', 'DFT^P11', ...MESSAGE_TYPES] };
    const gateway = speaking(stored);
    await send(gateway, hl7('ADT^A04'));
    const ft1 = [charge('T1')];
    expect(await send(gateway, hl7('DFT^P03', { controlId: 'M2', ft1 }))).toMatchObject({
      code: 'AA',
      text: 'accepted as 1 event',
    });
    expect(await send(gateway, hl7('DFT^P11', { controlId: 'M3', ft1 }))).toMatchObject({
      code: 'AR',
      errors: ['MESSAGE_TYPE_UNSUPPORTED'],
    });
    expect(await send(gateway, hl7('ADT^A03', { controlId: 'M4' }))).toMatchObject({ code: 'AA' });
    expect(await types(gateway)).toEqual(['VisitStarted', 'ChargePosted', 'VisitEnded']);
    expect(MESSAGE_TYPES.filter(mayIgnore)).toEqual([]);
  });
});

describe('the messages of a usual feed', () => {
  const feed = async (...messages: readonly string[]): Promise<Gateway> => {
    const gateway = gatewayOn();
    for (const message of messages)
      expect(await send(gateway, message)).toMatchObject({ code: 'AA' });
    return gateway;
  };

  test('a transfer and its cancellation change the department', async () => {
    const gateway = await feed(
      hl7('ADT^A02', { controlId: 'M1', pv1: { 3: 'ICU' } }),
      hl7('ADT^A12', { controlId: 'M2', pv1: { 3: 'SURG' } }),
    );
    expect(await gateway.published()).toMatchObject([
      { type: 'VisitUpdated', value: { department: 'ICU', updatedAt: expect.any(String) } },
      { type: 'VisitUpdated', value: { department: 'SURG' } },
    ]);
    expect((await gateway.published())[0]!.value).not.toHaveProperty('visitClass');
  });

  test('an outpatient becomes an inpatient, and the other way round', async () => {
    const gateway = await feed(
      hl7('ADT^A06', { controlId: 'M1', pv1: { 2: 'I' } }),
      hl7('ADT^A07', { controlId: 'M2', pv1: { 2: 'E' } }),
    );
    expect(await gateway.published()).toMatchObject([
      { type: 'VisitUpdated', value: { visitClass: 'inpatient' } },
      { type: 'VisitUpdated', value: { visitClass: 'emergency' } },
    ]);
    expect(await send(gateway, hl7('ADT^A06', { controlId: 'M3' }))).toMatchObject({
      errors: ['PATIENT_CLASS_MISMATCH'],
    });
  });

  test('a discharge that is cancelled takes the end back', async () => {
    const gateway = await feed(hl7('ADT^A13'));
    expect(await gateway.published()).toMatchObject([
      { type: 'VisitReopened', value: { reopenedAt: '2024-01-15T09:05:00+08:00' } },
    ]);
  });

  test.each(['A05', 'A28', 'A31', 'A40'])('%s is answered AA and not kept', async (trigger) => {
    const gateway = await feed(hl7(`ADT^${trigger}`));
    expect(gateway.passedOver).toEqual([`ignored ADT^${trigger}`]);
    expect(await types(gateway)).toEqual([]);
    expect(await gateway.quarantine.list('open')).toEqual([]);
  });
});

describe('credentials of two persons in one PID-3', () => {
  const pid = (card: string) => ({ 3: `${SPECIMEN}^^^CN^NI~${card}^^^CN^HC~P0001^^^HZ001^MR` });

  test('are refused in every message, by field and without a value', async () => {
    const gateway = gatewayOn();
    gateway.partners.persons.set('CARD1', personIdOf(1));
    gateway.partners.persons.set('CARD2', personIdOf(2));
    expect(await send(gateway, hl7('ADT^A04', { pid: pid('CARD1') }))).toMatchObject({
      code: 'AA',
    });
    for (const [controlId, text] of [
      ['M2', hl7('ADT^A04', { controlId: 'M2', pid: pid('CARD2'), pv1: { 19: 'V2' } })],
      ['M3', hl7('DFT^P03', { controlId: 'M3', pid: pid('CARD2'), ft1: [charge('T1')] })],
      ['M4', hl7('ADT^A08', { controlId: 'M4', pid: pid('CARD2') })],
    ] as const)
      expect(await send(gateway, text)).toMatchObject({
        code: 'AE',
        controlId,
        errors: ['IDENTITY_CONTRADICTS'],
      });
    const kept = await gateway.quarantine.list('open');
    expect(kept.flatMap(({ faults }) => faults.map(({ field }) => field))).toEqual(
      Array(3).fill('PID-3'),
    );
    expect(JSON.stringify(kept)).not.toMatch(/CARD|110105/);
    expect(await types(gateway)).toEqual(['VisitStarted']);
  });

  test('a card that is not registered says nothing, and completes no other message', async () => {
    const gateway = gatewayOn();
    expect(await send(gateway, hl7('ADT^A04', { pid: pid('CARD9') }))).toMatchObject({
      code: 'AA',
    });
    expect(await send(gateway, hl7('ADT^A04'))).toMatchObject({ text: 'accepted before' });
  });
});

describe('tests', () => {
  const asTest = (text: string): string => text.replace('|P|2.5.1', '|T|2.5.1');

  test('a test message is judged fully, applied to nothing, and the answer says so', async () => {
    const gateway = gatewayOn();
    const sound = await send(gateway, asTest(hl7('ADT^A04')));
    expect(sound).toMatchObject({ code: 'AA', text: expect.stringMatching(/^test: /) });
    const broken = await send(
      gateway,
      asTest(hl7('ADT^A04', { controlId: 'M2', pv1: { 19: '' } })),
    );
    expect(broken).toMatchObject({ code: 'AE', errors: ['FIELD_MISSING'] });
    expect(await types(gateway)).toEqual([]);
    expect(await gateway.quarantine.list('open')).toEqual([]);
    // The same control id is still free.
    expect(await send(gateway, hl7('ADT^A04'))).toMatchObject({ text: 'accepted as 1 event' });
    expect(
      await send(
        gateway,
        asTest(
          hl7('DFT^P03', { controlId: 'M3', pid: { 3: `${CHILD}^^^CN^NI` }, ft1: [charge('T1')] }),
        ),
      ),
    ).toMatchObject({ code: 'AE', errors: ['PERSON_DIFFERS'] });
  });

  test('an institution in test mode changes nothing at either door', async () => {
    const gateway = speaking({ mode: 'test' });
    gateway.partners.profiles.set('HZ002', { mode: 'test' });
    expect(await send(gateway, hl7('ADT^A04'))).toMatchObject({
      text: expect.stringMatching(/^test: /),
    });
    expect(
      await gateway.httpDoor.submit('HZ002', {
        action: 'start',
        key: 'key-00000001',
        body: {
          visitNumber: 'W1',
          visitClass: 'outpatient',
          credential: { type: 'id-number', value: SPECIMEN },
          startedAt: '2024-01-15T09:00:00+08:00',
        },
      }),
    ).toMatchObject({ visitId: 'HZ002-W1', test: true });
    expect(await types(gateway)).toEqual([]);
  });
});

describe('enhanced acknowledgement', () => {
  const asked = (accept: string, application: string, more = {}) =>
    hl7('ADT^A04', more).replace('|AL|NE|', `|${accept}|${application}|`);
  const codes = async (gateway: Gateway, text: string): Promise<string[]> =>
    (await gateway.hl7Door.answers(Buffer.from(text), PLAIN)).map(
      (answer) => answered(answer).code,
    );

  test.each([
    ['AL', 'NE', ['CA'], ['CE']],
    ['NE', 'AL', ['AA'], ['AE']],
    ['AL', 'AL', ['CA', 'AA'], ['CE']],
    ['ER', 'ER', [], ['CE']],
    ['SU', 'AL', ['CA', 'AA'], ['AE']],
    ['', '', ['AA'], ['AE']],
  ])('MSH-15 %s and MSH-16 %s are honoured', async (accept, application, taken, refused) => {
    const gateway = speaking({ acknowledgement: 'enhanced' });
    expect(await codes(gateway, asked(accept, application))).toEqual(taken);
    const broken = { controlId: 'M2', pv1: { 19: '' } };
    expect(await codes(gateway, asked(accept, application, broken))).toEqual(refused);
  });

  test.each([
    ['XX', 'AL', ['CE'], ['MSH^1^15']],
    ['al', '', ['CE'], ['MSH^1^15']],
    ['NE', 'al', ['AE'], ['MSH^1^16']],
    ['XX', 'al', ['CE'], ['MSH^1^15', 'MSH^1^16']],
  ])('MSH-15 %s and MSH-16 %s are refused by field', async (accept, application, code, places) => {
    const gateway = speaking({ acknowledgement: 'enhanced' });
    const answers = await gateway.hl7Door.answers(Buffer.from(asked(accept, application)), PLAIN);
    expect(answers.map((answer) => answered(answer).code)).toEqual(code);
    expect([...answers[0]!.matchAll(/ERR\|\|([^|]*)/g)].map(([, at]) => at)).toEqual(places);
    expect(await types(gateway)).toEqual([]);
    expect(await codes(gatewayOn(), asked(accept, application))).toEqual(['AA']);
  });

  test('MSH-16 waits for the decision, and the application acknowledgement says it', async () => {
    const gateway = speaking({ acknowledgement: 'enhanced' });
    await codes(gateway, asked('AL', 'NE'));
    gateway.decided.set('T1', { decision: 'deferred' });
    gateway.decided.set('T2', { decision: 'not-deferred', reason: 'OVER_LINE' });
    const texts = async (controlId: string, application: string, chargeId: string) =>
      (
        await gateway.hl7Door.answers(
          Buffer.from(
            hl7('DFT^P03', { controlId, ft1: [charge(chargeId)] }).replace(
              '|AL|NE|',
              `|AL|${application}|`,
            ),
          ),
          PLAIN,
        )
      ).map((answer) => /(?:^|\r)MSA\|([^|]*)\|[^|]*\|([^|\r]*)/.exec(answer)!.slice(1, 3));
    expect(await texts('M2', 'AL', 'T1')).toEqual([
      ['CA', 'accepted as 1 event'],
      ['AA', 'accepted as 1 event, deferred'],
    ]);
    expect((await texts('M3', 'AL', 'T2')).at(-1)).toEqual([
      'AA',
      'accepted as 1 event, not-deferred: T2 OVER_LINE',
    ]);
    // Not asked for, it is not waited for.
    expect(await texts('M4', 'NE', 'T3')).toEqual([['CA', 'accepted as 1 event']]);
    expect(gateway.asked.map(({ charges }) => charges)).toHaveLength(2);
  });

  test('without the profile every message has its one answer', async () => {
    expect(await codes(gatewayOn(), asked('AL', 'NE'))).toEqual(['AA']);
  });
});

describe('batches', () => {
  const batch = (messages: readonly string[], count = messages.length) =>
    [
      'FHS|^~\\&|HIS|HZ001|CARETAB|CITY|20240115090500||||F1',
      'BHS|^~\\&|HIS|HZ001|CARETAB|CITY|20240115090500||||B1',
      ...messages,
      `BTS|${count}`,
      'FTS|1',
    ].join('\r');
  const opened = hl7('ADT^A04', { controlId: 'M1' });
  const posted = hl7('DFT^P03', { controlId: 'M2', ft1: [charge('T1')] });
  const broken = hl7('DFT^P03', { controlId: 'M3' });

  test('each message of a batch is answered in a batch of answers', async () => {
    const gateway = gatewayOn();
    const [answer, ...more] = await gateway.hl7Door.answers(
      Buffer.from(batch([opened, posted, broken])),
      PLAIN,
    );
    expect(more).toEqual([]);
    const lines = answer!.split('\r').map((line) => line.split('|'));
    expect(lines.filter(([name]) => name === 'MSA').map(([, code, id]) => [code, id])).toEqual([
      ['AA', 'M1'],
      ['AA', 'M2'],
      ['AE', 'M3'],
    ]);
    expect(lines[0]!.slice(0, 6)).toEqual(['FHS', '^~\\&', 'CARETAB', 'CITY', 'HIS', 'HZ001']);
    expect(lines[1]!.at(-1)).toBe('B1');
    expect(lines.slice(-2)).toEqual([
      ['BTS', '3'],
      ['FTS', '1'],
    ]);
    expect(await types(gateway)).toEqual(['VisitStarted', 'ChargePosted']);
    expect(gateway.partners.persons.get(SPECIMEN)).toBe(personIdOf(1));
  });

  test('a batch that lacks a message is not begun', async () => {
    const gateway = gatewayOn();
    const [answer] = await gateway.hl7Door.answers(Buffer.from(batch([opened, posted], 3)), PLAIN);
    const codes = answer!.split('\r').filter((line) => line.startsWith('MSA'));
    expect(codes.map((line) => line.split('|').slice(1, 3))).toEqual([
      ['AR', 'M1'],
      ['AR', 'M2'],
    ]);
    expect(await types(gateway)).toEqual([]);
    expect(await gateway.quarantine.list('open')).toMatchObject([{ reason: 'BATCH_INCOMPLETE' }]);
  });

  test.each([
    ['a batch that is cut', 'BTS|3\rFTS|1', 'BTS^1^1'],
    ['a file that is cut', 'BTS|2\rFTS|2', 'FTS^1^1'],
    ['a batch that is cut in a file that is cut', 'BTS|3\rFTS|2', 'BTS^1^1'],
  ])('%s is refused where it is cut', async (_what, trailers, place) => {
    const gateway = gatewayOn();
    const whole = batch([opened, posted], 2).replace(/BTS\|2.*$/s, trailers);
    const [answer] = await gateway.hl7Door.answers(
      Buffer.from(`FHS|^~\\&|HIS|HZ001\r${whole}`),
      PLAIN,
    );
    const errors = answer!.split('\r').filter((line) => line.startsWith('ERR'));
    expect(errors.map((line) => line.split('|')[2])).toEqual([place, place]);
    expect(await types(gateway)).toEqual([]);
  });

  test('a batch that nobody could know again is not answered', async () => {
    const gateway = gatewayOn();
    expect(await gateway.hl7Door.answers(Buffer.from('BHS|^~\\&|HIS\rBTS|0'), PLAIN)).toEqual([]);
    expect(gateway.unanswered).toEqual(['no control id']);
  });
});
