import { hospitalReports, read } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Message } from '@caretab/bus';
import { gatewayOn, personIdOf } from '../../test/gateway';
import { charged, onTopicOf, reported } from '../../test/own-topic';
import type { Report } from './report';
import { ReportDoor, type Taken } from './report-door';

const PERSON = personIdOf(1);
const STARTED = {
  personId: PERSON,
  visitClass: 'outpatient',
  startedAt: '2024-01-15T09:00:00+08:00',
};
const started = (more: object = {}, as: Parameters<typeof reported>[2] = {}) =>
  reported('VisitStarted', { ...STARTED, ...more }, as);

const world = (admit?: (institutionId: string) => Promise<() => void>) => {
  const gateway = gatewayOn();
  const counted: Taken[] = [];
  const door = new ReportDoor({
    intake: gateway.intake,
    admit: admit ?? (async () => () => undefined),
    counted: (taken) => void counted.push(taken),
  });
  const take = (...messages: readonly Message[]): Promise<void> =>
    door.takeOver(
      messages.map((one) => {
        const message = onTopicOf('HZ003', one);
        return { message, report: read(hospitalReports('HZ003'), message) as Report };
      }),
    );
  const shown = () => gateway.presented.note('HZ003', PERSON, 'card');
  const said = async () =>
    (await gateway.published()).map(({ type, source, value }) => ({ type, source, value }));
  return { ...gateway, counted, take, shown, said };
};
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DomainError);
  return (error as DomainError).code;
};

test('each report becomes what its hospital would have said over HTTP, in order', async () => {
  const { take, shown, said, counted } = world();
  await shown();
  await take(
    started({ identifier: 'id-number:0123456789abcdef', holderDiffers: ['name'] }),
    reported('ChargePosted', charged('C1'), { id: 'c1' }),
    reported(
      'ChargeReturned',
      { returnId: 'R1', chargeId: 'C1', quantity: '1', returnedAt: '2024-01-15T09:20:00+08:00' },
      { id: 'r1' },
    ),
    reported('VisitUpdated', { department: 'EYE', updatedAt: '2024-01-15T09:21:00+08:00' }),
    reported('VisitEnded', { endedAt: '2024-01-15T09:30:00+08:00' }),
    reported('VisitReopened', { reopenedAt: '2024-01-15T09:31:00+08:00' }),
    reported('VisitWithdrawn', { withdrawnAt: '2024-01-15T09:32:00+08:00' }),
  );
  const events = await said();
  expect(events.map(({ type }) => type)).toEqual([
    ...['VisitStarted', 'ChargePosted', 'ChargeReturned', 'VisitUpdated'],
    ...['VisitEnded', 'VisitReopened', 'VisitWithdrawn'],
  ]);
  expect(new Set(events.map(({ source }) => source))).toEqual(new Set(['hospital/HZ003']));
  // What the gateway finds itself is never another's word.
  expect(events[0]!.value).toEqual({
    ...{ visitId: 'HZ003-V1', institutionId: 'HZ003', visitNumber: 'V1' },
    ...STARTED,
    presence: 'card',
  });
  expect(counted).toEqual(events.map(() => 'accepted'));
});

test('a patient whom no one knows is opened by two of the staff here too', async () => {
  const { take, said } = world();
  const data = {
    ...{ visitClass: 'emergency', startedAt: STARTED.startedAt, reason: 'unconscious' },
    openedBy: ['nurse-1', 'doctor-2'],
  };
  await take(reported('UnidentifiedVisitStarted', data));
  expect(await said()).toMatchObject([{ type: 'UnidentifiedVisitStarted', value: data }]);
  const alone = { ...data, openedBy: ['nurse-1', 'nurse-1'] };
  const other = { id: 'alone', visitNumber: 'V2' };
  expect(await refusal(take(reported('UnidentifiedVisitStarted', alone, other)))).toBe(
    'STAFF_NOT_TWO',
  );
});

test('a return of a whole charge in the word of before is a return', async () => {
  const { take, said } = world();
  const at = '2024-01-15T09:20:00+08:00';
  await take(
    reported('ChargeCredited', {
      creditId: 'R1',
      chargeId: 'C1',
      amountFen: 2_000,
      creditedAt: at,
    }),
  );
  expect(await said()).toMatchObject([
    {
      type: 'ChargeReturned',
      value: { returnId: 'R1', chargeId: 'C1', amountFen: 2_000, returnedAt: at },
    },
  ]);
});

test('a repetition changes nothing; the same id with another content is refused', async () => {
  const { take, said, counted } = world();
  const charge = reported('ChargePosted', charged('C1'), { id: 'c1' });
  await take(charge);
  await take(charge);
  const other = reported('ChargePosted', charged('C1', { department: 'EYE' }), { id: 'c1' });
  expect(await refusal(take(other))).toBe('MESSAGE_ID_REUSED');
  expect(await said()).toHaveLength(1);
  expect(counted).toEqual(['accepted', 'repeated', 'refused']);
});

test('a bare personId opens no visit, until its hospital has shown the person', async () => {
  const { take, shown, said } = world();
  expect(await refusal(take(started()))).toBe('CREDENTIAL_MISSING');
  await shown();
  await take(started());
  expect(await said()).toMatchObject([{ type: 'VisitStarted' }]);
});

test('another report may name its person, and is held against the visit’s', async () => {
  const { take, shown, said } = world();
  await shown();
  await take(started());
  const ended = { endedAt: '2024-01-15T09:30:00+08:00' };
  const other = reported('VisitEnded', { ...ended, personId: personIdOf(2) }, { id: 'other' });
  expect(await refusal(take(other))).toBe('PERSON_DIFFERS');
  await take(reported('VisitEnded', { ...ended, personId: PERSON }));
  expect((await said()).map(({ type }) => type)).toEqual(['VisitStarted', 'VisitEnded']);
});

test.each<[string, Message, string]>([
  [
    'of another institution',
    reported('VisitEnded', { endedAt: STARTED.startedAt }, { institutionId: 'HZ001' }),
    'AUTHOR_FORBIDDEN',
  ],
  [
    'whose ids do not fit',
    {
      ...reported('VisitEnded', { endedAt: STARTED.startedAt, visitId: 'HZ001-V1' }),
      key: 'HZ001-V1',
    },
    'VISIT_ID_MISMATCH',
  ],
  ['of no sum', reported('ChargePosted', charged('C1', { amountFen: 1 })), 'AMOUNT_MISMATCH'],
  [
    'of nothing',
    reported('ChargeReturned', { returnId: 'R', chargeId: 'C', returnedAt: STARTED.startedAt }),
    'FIELD_MISSING',
  ],
  [
    'of a time that cannot be',
    reported('VisitEnded', { endedAt: '2034-01-15T09:30:00+08:00' }),
    'TIME_IN_FUTURE',
  ],
])('a report %s is refused, and nothing goes on', async (_, message, code) => {
  const { take, said, counted } = world();
  expect(await refusal(take(message))).toBe(code);
  expect(await said()).toEqual([]);
  expect(counted).toEqual(['refused']);
});

test('visits go side by side: one that is refused keeps none of the others back', async () => {
  const { take, shown, said } = world();
  await shown();
  const visits = Array.from({ length: 40 }, (_, index) => `V${index + 10}`);
  const bad = reported('ChargePosted', charged('C1', { amountFen: 1 }), { visitNumber: 'V1' });
  const all = visits.flatMap((visitNumber) => [
    started({}, { visitNumber }),
    reported('VisitEnded', { endedAt: '2024-01-15T09:30:00+08:00' }, { visitNumber }),
  ]);
  expect(await refusal(take(bad, ...all))).toBe('AMOUNT_MISMATCH');
  // As the bus does it: given again alone.
  await take(...all);
  const events = await said();
  for (const visitNumber of visits)
    expect(
      events.filter(({ value }) => value['visitNumber'] === visitNumber).map(({ type }) => type),
    ).toEqual(['VisitStarted', 'VisitEnded']);
});

test('where the gateway takes nothing in, a report stays on its topic and is no refusal', async () => {
  const { take, counted } = world(() =>
    Promise.reject(new DomainError('OVERLOADED', 'overloaded', {})),
  );
  expect(await refusal(take(started()))).toBe('OVERLOADED');
  expect(counted).toEqual([]);
});
