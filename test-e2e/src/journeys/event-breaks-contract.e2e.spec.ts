import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

const world = new World('event-breaks-contract');
let hospital: Hospital;
let visit: Visit;

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http' });
  visit = hospital.visitOf(await world.citizen());
  expect(await visit.opens()).toBe('accepted');
});

const post = (charges: unknown, key?: string): ReturnType<Hospital['posts']> =>
  hospital.posts(`/v1/visits/${visit.visitId}/charges`, charges, key);
const body = (...charges: object[]): object => ({ charges });
const sound = (): any => visit.body(visit.numbered([BLOOD_COUNT])[0]!);

test.each([
  ['a field is missing', () => body({ chargeId: 'x' })],
  ['an amount is negative', () => body({ ...sound(), amountFen: -5 })],
  ['a field is not of the contract', () => body({ ...sound(), patientName: 'somebody' })],
  ['the body is empty', () => ({})],
])(
  'when %s, the request is refused with the place of each fault and without its value',
  async (_what, make) => {
    const answer = await post(make());
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'REQUEST_INVALID',
        status: 400,
        type: expect.stringContaining('REQUEST_INVALID'),
        title: expect.any(String),
      },
    });
    expect(answer.text).not.toContain('somebody');
    expect(answer.body.details.length).toBeGreaterThan(0);
  },
);

test('an amount that is not quantity times price is refused at its place', async () => {
  const answer = await post(body({ ...sound(), amountFen: 1 }));
  expect(answer).toMatchObject({ status: 400, body: { code: 'AMOUNT_MISMATCH' } });
  expect(answer.body.details[0]).toMatchObject({ field: '/charges/0/amountFen' });
});

test('one broken charge refuses the whole request', async () => {
  const answer = await post(body(sound(), { ...sound(), quantity: 'two' }));
  expect(answer.status).toBe(400);
});

test('what is no JSON is told so', async () => {
  const answer = await post('{"charges": [');
  expect(answer.status).toBe(400);
  expect(answer.body.code).toMatch(/NOT_JSON|REQUEST_UNREADABLE/);
});

test('the same key with the same body gets the first answer; with another body it is refused', async () => {
  const key = hospital.nextMessageId();
  const charges = body(visit.body(visit.numbered([CONSULTATION])[0]!));
  const first = await post(charges, key);
  expect(first.status).toBe(202);
  const again = await post(charges, key);
  expect(again).toMatchObject({ status: 202, body: first.body });
  const other = await post(body(sound()), key);
  expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

test('without a key of its own, or with a wrong one of the institution, nothing is taken', async () => {
  expect(await post(body(sound()), 'short')).toMatchObject({
    status: 400,
    body: { code: 'IDEMPOTENCY_KEY_MISSING' },
  });
  const stranger = await world.api.ask(
    'POST',
    `/v1/visits/${visit.visitId}/charges`,
    body(sound()),
    {
      authorization: 'Bearer 0123456789abcdef0123456789abcdef',
      'idempotency-key': 'stranger-0001',
    },
  );
  expect(stranger.status).toBe(401);
});

test('the operator sees the refused requests, and a mended one counts', async () => {
  const another = sound();
  await post(body({ ...another, amountFen: 1 }));
  const refused = (await world.api.get<any[]>('/gateway/quarantine')).filter(
    ({ institutionId }) => institutionId === hospital.institutionId,
  );
  expect(refused.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['REQUEST_INVALID', 'AMOUNT_MISMATCH', 'IDEMPOTENCY_KEY_REUSED']),
  );
  const [latest] = refused;
  await world.api.doneByTwo('POST', `/gateway/quarantine/${latest.id}/replay`, {
    message: JSON.stringify(body(another)),
  });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 2,
    conflicts: 0,
    grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
  });
});

test('a question about a visit that is not there is answered as a problem', async () => {
  expect(await world.api.ask('GET', `/v1/visits/${hospital.institutionId}-NOTTHERE`)).toMatchObject(
    { status: 404, body: { code: 'VISIT_UNKNOWN' } },
  );
  expect((await world.api.ask('GET', '/v1/visits/not%20an%20id')).status).toBe(400);
});
