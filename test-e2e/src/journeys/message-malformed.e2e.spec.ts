import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

const world = new World('message-malformed');
let hospital: Hospital;
let visit: Visit;

beforeAll(async () => {
  hospital = await world.hospital();
  visit = hospital.visitOf(await world.citizen());
  await visit.opens();
});

/** The entry that the operator sees for the hospital's refused messages, newest first. */
const quarantined = async (status = 'open'): Promise<any[]> =>
  (await world.api.get<any[]>(`/gateway/quarantine?status=${status}`)).filter(
    ({ institutionId }) => institutionId === hospital.institutionId,
  );

const withoutField = (message: string, name: string, field: number, text = ''): string =>
  message
    .split('\r')
    .map((line) =>
      line.startsWith(`${name}|`)
        ? line
            .split('|')
            .map((part, index) => (index === field ? text : part))
            .join('|')
        : line,
    )
    .join('\r');

test.each([
  [
    'the transaction type is missing',
    'FIELD_MISSING',
    'FT1^1^6',
    (message: string) => withoutField(message, 'FT1', 6),
  ],
  [
    'the visit number is missing',
    'FIELD_MISSING',
    'PV1^1^19',
    (message: string) => withoutField(message, 'PV1', 19),
  ],
  [
    'the amount is not quantity times price',
    'AMOUNT_MISMATCH',
    'FT1^1^11',
    (message: string) => message.replace('|20.00&CNY|20.00&CNY|', '|9999.00&CNY|20.00&CNY|'),
  ],
  [
    'nothing says who the patient of a visit is that is not open',
    'CREDENTIAL_MISSING',
    'PID^1^3',
    (message: string) => withoutField(withoutField(message, 'PID', 3), 'PV1', 19, 'NOT.OPEN'),
  ],
])(
  'when %s, the message is refused with the reason and its place',
  async (_what, code, location, breaks) => {
    const sound = visit.chargeMessage(visit.numbered([BLOOD_COUNT]));
    const answer = await hospital.sendsHl7(breaks(sound));
    expect(answer.code).toBe('AE');
    expect(answer.errors[0]).toMatchObject({ code, location });
    expect(answer.errors[0]!.remedy).not.toBe('');
  },
);

test.each([
  [
    'a message type that is not served',
    'MESSAGE_TYPE_UNSUPPORTED',
    (message: string) => message.replace('DFT^P03', 'ORU^R01'),
  ],
  [
    'what has other separators',
    'NOT_HL7',
    (message: string) => message.replace('MSH|^~\\&|', 'MSH|^~\\$|'),
  ],
])('%s is rejected for what it is', async (_what, code, breaks) => {
  expect(
    await hospital.sendsHl7(breaks(visit.chargeMessage(visit.numbered([BLOOD_COUNT])))),
  ).toMatchObject({ code: 'AR', errors: [{ code }] });
});

test('the operator mends a quarantined message and replays it; then it counts, once', async () => {
  const another = hospital.visitOf(await world.citizen());
  await another.opens();
  const sound = another.chargeMessage(another.numbered([CONSULTATION]));
  const broken = withoutField(sound, 'FT1', 6);
  expect(await hospital.sendsHl7(broken)).toMatchObject({ code: 'AE' });
  expect(await hospital.sendsHl7(broken)).toMatchObject({ code: 'AE' });
  const [entry] = await quarantined();
  expect(entry).toMatchObject({ reason: 'FIELD_MISSING', timesSeen: 2, status: 'open' });
  expect(JSON.stringify(entry)).not.toContain(another.citizen.idNumber);

  const shown = await world.api.get(`/gateway/quarantine/${entry.id}`);
  expect(shown.message).toBe(broken);
  const asItWas = await world.api.ask('POST', `/gateway/quarantine/${entry.id}/replay`, {});
  expect(asItWas).toMatchObject({ status: 400, body: { code: 'FIELD_MISSING' } });
  const mended = await world.api.doneByTwo('POST', `/gateway/quarantine/${entry.id}/replay`, {
    message: shown.message.replace('||110200001', '|CG|110200001'),
  });
  expect(mended).toMatchObject({ visitId: another.visitId });
  expect(await world.api.ask('POST', `/gateway/quarantine/${entry.id}/replay`, {})).toMatchObject({
    status: 409,
    body: { code: 'QUARANTINE_CLOSED' },
  });
  expect((await quarantined('replayed')).map(({ id }) => id)).toEqual([entry.id]);

  // The hospital's engine retries: its answer is that the message is accepted.
  expect(await hospital.sendsHl7(broken)).toMatchObject({ code: 'AA' });
  await another.ends();
  await world.becomes(another.visitId, {
    status: 'settled',
    chargesDeferred: 1,
    grossFen: sumFen(CONSULTATION),
  });
});

test('the operator gives a quarantined message up, with a reason that is kept', async () => {
  expect(
    await hospital.sendsHl7(
      withoutField(visit.chargeMessage(visit.numbered([BLOOD_COUNT])), 'FT1', 7),
    ),
  ).toMatchObject({ code: 'AE' });
  const [entry] = await quarantined();
  await world.api.done('POST', `/gateway/quarantine/${entry.id}/discard`, {
    why: 'posted again by hand',
  });
  expect(await quarantined('discarded')).toEqual([
    expect.objectContaining({ id: entry.id, why: 'posted again by hand' }),
  ]);
});

test('a person whom no index knows is refused, without saying whom', async () => {
  const stranger = hospital.visitOf({ ...visit.citizen, idNumber: '11010519491231002X' });
  expect(await stranger.opens()).toBe('PERSON_UNKNOWN');
  expect(JSON.stringify(await quarantined())).not.toContain('11010519491231002X');
});

test('none of it reached the visit', async () => {
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 0,
    chargesNotDeferred: 0,
    conflicts: 0,
    grossFen: 0,
  });
});
