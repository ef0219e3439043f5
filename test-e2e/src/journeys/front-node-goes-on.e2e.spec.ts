import { codeOf, eventually } from '@caretab/hospital';
import { amountFenOf, BLOOD_COUNT, CONSULTATION, type Item, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { FrontNode, Hl7Cable, Line } from '../front-node';
import { Hospital } from '../hospital';
import { mllpOf } from '../platform';
import { World } from '../world';

const world = new World('front-node-goes-on');
const line = new Line(world.address.url);
const cable = new Hl7Cable(mllpOf(world.address));
let hl7Platform: Awaited<ReturnType<Hl7Cable['open']>>;
const nodes: FrontNode[] = [];
let hospital: Hospital;
let node: FrontNode;
let other: FrontNode;
let signIns = 0;

/** A citizen's application after a sign-in by password and one-time code: it shows codes. */
const appOf = async ({ personId }: Citizen) => {
  const subjectId = `e2e-front-node-${(signIns += 1)}`;
  const path = `/identity/subjects/${subjectId}`;
  await world.api.doneByTwo('PUT', path, { roles: [{ kind: 'Citizen', person: personId }] });
  const { password, totpUri } = await world.api.doneByTwo('POST', `${path}/sign-in`);
  const { access_token } = await world.api.done('POST', '/identity/token', {
    ...{ grant_type: 'password', username: subjectId, password, otp: codeOf(totpUri) },
  });
  const headers = { authorization: `Bearer ${access_token}` };
  return async (): Promise<string> => {
    const codes = `/identity/persons/${personId}/codes`;
    const { status, body } = await world.api.askAs(headers, 'POST', codes, { kind: 'dynamic' });
    expect(status).toBe(200);
    return body.code;
  };
};

const startedNode = async (lineUrl: string, of: Hospital): Promise<FrontNode> => {
  const started = new FrontNode(of, lineUrl, hl7Platform);
  nodes.push(started);
  await started.start();
  return started;
};

const visitIdOf = (visitNumber: string): string => `${hospital.institutionId}-${visitNumber}`;
const opening = (visitNumber: string, type: string, value: string) => ({
  ...{ visitNumber, visitClass: 'outpatient', startedAt: hospital.now() },
  credential: { type, value },
});
const charged = (chargeId: string, item: Item) => ({
  charges: [
    {
      ...{ chargeId, itemCode: item.itemCode, quantity: '1' },
      ...{
        unitPriceYuan: item.priceYuan,
        amountFen: amountFenOf(item),
        occurredAt: hospital.now(),
      },
    },
  ],
});
let lineUrl: string;

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http', presenceReaders: ['code'] });
  lineUrl = await line.open();
  hl7Platform = await cable.open();
  node = await startedNode(lineUrl, hospital);
  other = await startedNode(
    lineUrl,
    await world.hospital({ door: 'http', presenceReaders: ['code'] }),
  );
});
afterAll(async () => {
  for (const one of nodes) await one.kills();
  await line.close();
  await cable.close();
});
afterEach(() => void (line.isCut = cable.isCut = false));

test('a visit that is opened by a code and charged while the line is cut is settled once it is back', async () => {
  const shows = await appOf(await world.citizen());
  const code = await shows();
  line.isCut = true;
  expect((await node.reads(code, 'V0001')).body).toMatchObject({ verified: true, offline: true });
  expect((await node.reads(code)).body.code).toBe('CODE_USED');
  await node.kills();
  await node.start();
  expect((await node.reads(code, 'V0002')).body.code).toBe('CODE_USED');
  const visit = `/v1/visits/${visitIdOf('V0001')}`;
  for (const [path, body, key] of [
    ['/v1/visits', opening('V0001', 'qr', code), 'front-node-1-open'],
    [`${visit}/charges`, charged('C1', CONSULTATION), 'front-node-1-c1'],
    [`${visit}/charges`, charged('C2', BLOOD_COUNT), 'front-node-1-c2'],
    [`${visit}/end`, { endedAt: hospital.now() }, 'front-node-1-end'],
  ] as const) {
    expect(await node.asks('POST', path, body, key)).toMatchObject({
      status: 202,
      body: { kept: true },
    });
    expect(await node.asks('POST', path, body, key)).toMatchObject({
      status: 202,
      body: { kept: true },
    });
  }
  await node.kills();
  await node.start();
  expect(await node.status()).toMatchObject({ status: 'degraded', messages: { waiting: 4 } });
  line.isCut = false;
  await world.becomes(visitIdOf('V0001'), {
    status: 'settled',
    grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
    chargesDeferred: 2,
  });
  expect(await node.status()).toMatchObject({ messages: { waiting: 0, refused: 0 } });
});

test('one code at two hospitals while the line is cut: who synchronises later learns that it was copied', async () => {
  const shows = await appOf(await world.citizen());
  const code = await shows();
  line.isCut = true;
  for (const one of [node, other])
    expect((await one.reads(code)).body).toMatchObject({ verified: true, offline: true });
  line.isCut = false;
  const counts = async () =>
    Promise.all([node, other].map(async (one) => (await one.status()).codes));
  const [first, second] = await eventually(async () => {
    const all = await counts();
    expect(all.map(({ pending }) => pending)).toEqual([0, 0]);
    return all;
  }, 60_000);
  expect([first.usedElsewhere + second.usedElsewhere]).toEqual([1]);
  const late = first.usedElsewhere === 1 ? node : other;
  const { body } = await late.asks('GET', '/front-node/codes/used-elsewhere');
  expect(body.reads).toMatchObject([{ answer: { code: 'CODE_USED' } }]);
  expect((await late.status()).faults.join()).toContain('shown elsewhere');
});

test('the code of a card that was lost is refused, also while the line is cut', async () => {
  const citizen = await world.citizen();
  const shows = await appOf(citizen);
  const [online, offline] = [await shows(), await shows()];
  const own = `/identity/persons/${citizen.personId}/cards`;
  const { cards } = await world.api.done('GET', own);
  await world.api.done('POST', `${own}/${cards[0].cardId}/loss`);
  expect((await other.reads(online)).body.code).toBe('CARD_NOT_VALID');
  // The list comes with the start, and every minute after it.
  await node.kills();
  await node.start();
  line.isCut = true;
  expect((await node.reads(offline)).body.code).toBe('CARD_NOT_VALID');
});

test('what the platform refuses after it was kept is shown with its reason', async () => {
  line.isCut = true;
  const sent = ['/v1/visits', opening('V0009', 'id-number', '110101190001010009')] as const;
  expect((await node.asks('POST', ...sent, 'front-node-refused')).body.kept).toBe(true);
  line.isCut = false;
  const refused = await eventually(async () => {
    const { body } = await node.asks('GET', '/front-node/messages/front-node-refused');
    expect(body.state).toBe('refused');
    return body;
  }, 60_000);
  expect(refused.answer.code).toMatch(/^(PERSON_UNKNOWN|CREDENTIAL_INVALID)$/);
  expect(JSON.stringify(refused)).not.toContain('110101190001010009');
});

test('a code that another issuer made opens one visit; a lie and a second use open none', async () => {
  const { name, idNumber } = await world.citizen();
  await world.issues('T-GOOD', { name, idNumber });
  await world.issues('T-LIES', { name, idNumber, behaviour: 'other-person' });
  await world.issues('T-ELSEWHERE', { name, idNumber, institutionId: 'ANOTHER1' });
  let numbers = 100;
  const opens = (token: string, visitNumber = `V0${(numbers += 1)}`) =>
    hospital.posts('/v1/visits', opening(visitNumber, 'insurance-code', token));
  expect((await opens('T-GOOD', 'V0100')).status).toBe(202);
  await world.becomes(visitIdOf('V0100'), { status: 'open' });
  expect((await opens('T-GOOD')).body.code).toBe('CODE_USED');
  const lookup = { type: 'insurance-code', value: 'T-GOOD' };
  expect((await hospital.posts('/v1/persons/resolve', lookup)).body.code).toBe('CODE_USED');
  expect((await opens('T-LIES')).body.code).toBe('CODE_HOLDER_DIFFERS');
  expect((await opens('T-ELSEWHERE')).body.code).toBe('CODE_OF_ANOTHER_INSTITUTION');
  expect((await opens('T-NEVER')).body.code).toBe('CODE_UNKNOWN');
});

test('an engine that speaks HL7 to its front node goes on while the line is cut, and loses nothing', async () => {
  const own = await world.hospital({ door: 'hl7' });
  const gate = await startedNode(lineUrl, own);
  const { institutionId, key } = own;
  const engine = new Hospital(
    { institutionId, apiKey: key, door: 'hl7' },
    { api: world.api, address: { ...world.address, mllpPort: gate.hl7Port } },
  );
  const visit = engine.visitOf(await world.citizen());
  await visit.opens();
  await world.becomes(visit.visitId, { status: 'open' });
  cable.cut();
  await visit.charges(CONSULTATION);
  await visit.charges(BLOOD_COUNT);
  expect((await gate.status()).messages).toMatchObject({ waiting: 2, held: 1 });
  await gate.kills();
  cable.isCut = false;
  await gate.start();
  await world.becomes(visit.visitId, { chargesDeferred: 2 });
  expect((await gate.status()).messages).toMatchObject({ waiting: 0, refused: 0 });
});
