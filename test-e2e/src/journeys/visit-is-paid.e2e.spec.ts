import { COLONOSCOPY, HEART_ULTRASOUND, REGISTRATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { eventually } from '@caretab/hospital';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

/**
 * CNY 401.00: the registration fee is the patient's alone, 400.00 are in scope. The resident plan
 * (level 3) pays 40 % above its deductible of 300.00, the supplement 60 % of what is left of the
 * scope above its own 300.00.
 */
const GROSS_FEN = 40_100;
const RESIDENT_FEN = 4_000;
const SUPPLEMENT_FEN = 3_600;
const DUE_FEN = GROSS_FEN - RESIDENT_FEN - SUPPLEMENT_FEN;

const yuan = (fen: number): string => (fen / 100).toFixed(2);

const world = new World('visit-is-paid');
let hospital: Hospital;
let citizen: Citizen;
let visit: Visit;

beforeAll(async () => {
  hospital = await world.hospital({ level: 'level-3' });
  citizen = await world.citizen({ name: '司马听雪', insurance: 'resident and supplement' });
  visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(REGISTRATION)).toBe('accepted');
  expect(await visit.charges(COLONOSCOPY, HEART_ULTRASOUND)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  await world.becomes(visit.visitId, { status: 'settled' });
});

test('the insurers bear their parts and the patient pays the rest', async () => {
  expect(sumFen(REGISTRATION, COLONOSCOPY, HEART_ULTRASOUND)).toBe(GROSS_FEN);
  const settled = await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 3,
    chargesNotDeferred: 0,
    grossFen: GROSS_FEN,
    patientDueFen: DUE_FEN,
    paidFen: DUE_FEN,
    refundedFen: 0,
  });
  expect(settled.payers).toEqual(
    expect.arrayContaining([
      { payerId: 'city-resident', amountFen: RESIDENT_FEN },
      { payerId: 'evergreen-health', amountFen: SUPPLEMENT_FEN },
    ]),
  );
  expect(settled.payers).toHaveLength(2);
});

test('what the ledger published of it is what its log says, message by message', async () => {
  await world.quiet();
  const { status, text } = await world.api.ask('GET', '/visit-ledger/topics/proof');
  expect(status).toBe(200);
  const report = JSON.parse(text.trim().split('\n').at(-1)!) as {
    readonly messages: number;
    readonly facts: number;
    readonly faults: readonly { readonly visitId: string }[];
  };
  expect(report.messages).toBeGreaterThan(5);
  expect(report.facts).toBeGreaterThan(5);
  expect(report.faults.filter(({ visitId }) => visitId === visit.visitId)).toEqual([]);
});

test('the verdict explains every line', async () => {
  const claim = await world.api.get(`/adjudication/claims/${visit.visitId}`);
  expect(claim).toMatchObject({ visitId: visit.visitId, patientDueFen: DUE_FEN });
  expect(claim.lines).toHaveLength(3);
  expect(claim.lines.every((line: { reasons: string[] }) => line.reasons.length > 0)).toBe(true);
});

test('the bank was asked once and the line is free again', async () => {
  const payment = await world.paymentOf(visit.visitId);
  expect(payment).toMatchObject({
    status: 'paid',
    dueFen: DUE_FEN,
    paidFen: DUE_FEN,
    owedFen: 0,
    refunds: [],
  });
  expect(payment.orders).toHaveLength(1);
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 0, outstandingFen: 0 }),
  );
});

test('the citizen is told by e-mail once, the hospital by its webhook once', async () => {
  await eventually(() =>
    expect(
      world
        .mailsTo(citizen)
        .filter(({ source }) => source.includes(`for questions there): ${visit.visitNumber}`)),
    ).toHaveLength(1),
  );
  const [mail] = world
    .mailsTo(citizen)
    .filter(({ source }) => source.includes(`for questions there): ${visit.visitNumber}`));
  expect(mail!.source).toContain('is settled');
  expect(mail!.source).toContain(`insurers pay ${yuan(RESIDENT_FEN + SUPPLEMENT_FEN)} CNY`);
  expect(mail!.source).not.toContain('counter');
  await eventually(() =>
    expect(
      world
        .webhooksTo(hospital)
        .filter(({ body }) => JSON.stringify(body).includes('VisitSettled')),
    ).toHaveLength(1),
  );
  await world.quiet();
  expect(
    world
      .mailsTo(citizen)
      .filter(({ source }) => source.includes(`for questions there): ${visit.visitNumber}`)),
  ).toHaveLength(1);
  expect(world.webhooksTo(hospital)).toHaveLength(1);
});

test('the history shows each fact with its time, its cause and the hospital’s own message', async () => {
  const facts = await world.historyOf(visit.visitId);
  expect(facts.map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      'VisitOpened',
      'CreditAuthorized',
      'CoverageDetermined',
      'ChargeDeferred',
      'VisitClosed',
      'VisitAdjudicated',
      'PaymentRecorded',
      'VisitSettled',
    ]),
  );
  expect(facts.filter(({ type }) => type === 'ChargeDeferred')).toHaveLength(3);
  expect(facts.filter(({ type }) => type === 'PaymentRecorded')).toHaveLength(1);
  expect(facts.map(({ revision }) => revision)).toEqual(facts.map((_, index) => index));
  for (const fact of facts)
    expect(fact).toMatchObject({
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      causationId: expect.any(String),
    });
  const opened = facts.find(({ type }) => type === 'VisitOpened');
  expect(opened.source).toMatch(new RegExp(`^hl7/${hospital.institutionId}\\.HIS/`));
  const proof = await world.api.get(`/visit-ledger/visits/${visit.visitId}/proof`);
  expect(proof).toMatchObject({ intact: true, events: facts.length });
});

test('the person’s visits list it', async () => {
  const { visits } = await world.api.get(`/v1/persons/${citizen.personId}/visits`);
  expect(visits).toEqual([
    expect.objectContaining({ visitId: visit.visitId, status: 'settled', owedFen: 0 }),
  ]);
});

test('debits equal credits, and the day clears to zero', async () => {
  expect(await world.api.get('/visit-ledger/trial-balance')).toMatchObject({ differenceFen: 0 });
  expect((await world.api.get('/payment/summary')).trialBalance).toMatchObject({
    differenceFen: 0,
  });
});

test('no name, ID number or mobile number is told anywhere', async () => {
  for (const path of [
    `/v1/visits/${visit.visitId}`,
    `/visit-ledger/visits/${visit.visitId}`,
    `/payment/visits/${visit.visitId}`,
    `/notification/visits/${visit.visitId}`,
    `/adjudication/claims/${visit.visitId}`,
    `/identity/persons/${citizen.personId}`,
    `/credit/accounts/${citizen.personId}`,
    '/gateway/quarantine',
    '/visit-ledger/parked',
    '/gateway/summary',
    '/metrics',
  ])
    await world.api.ask('GET', path);
  const told = {
    'an HTTP answer': world.api.answers.join('\n'),
    'the log': world.log(),
    'the webhooks': world.journalText('webhooks'),
    'the acquirer’s book': world.journalText('acquirer'),
    'the mails': world.journalText('mail'),
  };
  expect(told['the log'].length).toBeGreaterThan(0);
  expect(told['the webhooks']).toContain(visit.visitId);
  for (const [where, text] of Object.entries(told)) {
    for (const secret of [citizen.name, citizen.idNumber, citizen.mobile, citizen.name.slice(2)]) {
      if (text.includes(secret)) throw new Error(`${where} tells personal data`);
    }
    if (where !== 'the mails' && text.includes(citizen.email))
      throw new Error(`${where} tells an e-mail address`);
  }
});
