import { approvalIdOf, eventually, hospitalHeaders } from '@caretab/hospital';
import { amountFenOf, BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { deskOf } from '../desk';
import type { Hospital } from '../hospital';
import { World } from '../world';

const world = new World('unidentified-patient');
const CHARGED_FEN = sumFen(CONSULTATION, BLOOD_COUNT);
const { api } = world;

/** A patient whom no one knows is treated, and the stay ends. */
const treated = async (hospital: Hospital, visitNumber: string): Promise<string> => {
  const opened = await hospital.posts('/v1/unidentified-visits', {
    ...{ visitNumber, visitClass: 'emergency', startedAt: hospital.now() },
    ...{ openedBy: ['N-17', 'D-4'], reason: 'unconscious' },
  });
  expect(opened).toMatchObject({ status: 202, body: { visitId: expect.any(String) } });
  const charges = [CONSULTATION, BLOOD_COUNT].map((item, index) => ({
    ...{ chargeId: `C${index}`, itemCode: item.itemCode, quantity: item.quantity ?? '1' },
    ...{ unitPriceYuan: item.priceYuan, amountFen: amountFenOf(item), occurredAt: hospital.now() },
  }));
  const { visitId } = opened.body;
  const path = `/v1/visits/${visitId}`;
  expect((await hospital.posts(`${path}/charges`, { charges })).status).toBe(202);
  expect((await hospital.posts(`${path}/end`, { endedAt: hospital.now() })).status).toBe(202);
  await world.becomes(visitId, {
    ...{ status: 'unknown', unidentified: 'open', unidentifiedFen: CHARGED_FEN, personId: null },
    ...{ closedAt: expect.any(String), heldFen: 0, chargesWaiting: 2 },
  });
  return visitId;
};

/** One of the desk says who it is, the other approves, the first says it once more. */
const identified = async (hospital: Hospital, visitId: string, { idNumber }: Citizen) => {
  const [first, second] = await deskOf(api, hospital.institutionId);
  const path = `/gateway/visits/${visitId}/identification`;
  const body = { credential: { type: 'id-number', value: idNumber } };
  const asked = await api.askAs(first!, 'POST', path, body);
  expect(asked).toMatchObject({ status: 409, body: { code: 'APPROVAL_NEEDED' } });
  const approval = approvalIdOf(asked)!;
  const give = `/gateway/approvals/${approval}`;
  const alone = await api.askAs(first!, 'POST', give, { decision: 'give' });
  expect(alone.body).toMatchObject({ code: 'APPROVAL_SAME_SUBJECT' });
  expect((await api.askAs(second!, 'POST', give, { decision: 'give' })).status).toBe(200);
  return api.askAs({ ...first!, approval }, 'POST', path, body);
};
const codeIn = (citizen: Citizen): Promise<string> =>
  eventually(() => {
    const codes = world
      .mailsTo(citizen)
      .flatMap(({ source }) => /^Your code: (\S{22})\s*$/m.exec(source)?.[1] ?? []);
    expect(codes).toHaveLength(1);
    return codes[0]!;
  });
const answer = async (code: string, agree: boolean): Promise<string> => {
  const { status, body } = await api.ask('POST', '/v1/agreements', { code, agree });
  return `${status} ${status === 200 ? body.agreed : body.code}`;
};
const listed = async (hospital: Hospital): Promise<object[]> => {
  const { authorization } = hospitalHeaders(hospital.key, '');
  const headers = { authorization: authorization! };
  return (await api.askAs(headers, 'GET', '/v1/unidentified-visits')).body.visits;
};

test('an unidentified patient is treated on no one’s line, and pays once they say that it was them', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const citizen = await world.citizen();
  const visitId = await treated(hospital, 'U1');
  await world.quiet();
  expect(await listed(hospital)).toMatchObject([
    { visitId, state: 'open', owedFen: CHARGED_FEN, charges: 2 },
  ]);
  const byCredential = await hospital.posts('/v1/visits', {
    ...{ visitNumber: 'U1', visitClass: 'emergency', startedAt: hospital.now() },
    credential: { type: 'id-number', value: citizen.idNumber },
  });
  expect(byCredential.body).toMatchObject({ code: 'VISIT_UNIDENTIFIED' });

  const proposed = await identified(hospital, visitId, citizen);
  expect(proposed).toMatchObject({ status: 202, body: { visitId } });
  const { records } = await api.get(`/gateway/access-records?person=${citizen.personId}`);
  expect(records).toMatchObject([{ action: 'visits.identify', thing: visitId }]);
  const code = await codeIn(citizen);
  await world.becomes(visitId, { unidentified: 'asked', personId: null });
  await world.quiet();
  expect((await world.lineOf(citizen)).entries.filter(isOf(visitId))).toEqual([]);

  expect(await answer(code, true)).toBe('200 true');
  await world.becomes(visitId, {
    ...{ status: 'settled', personId: citizen.personId, paidFen: CHARGED_FEN },
    ...{ unidentified: null, unidentifiedFen: 0, visitClass: 'emergency' },
  });
  expect(await answer(code, true)).toBe('200 true');
  expect(await answer(code, false)).toBe('404 AGREEMENT_UNKNOWN');
  expect(await listed(hospital)).toEqual([]);
  const types = (await world.historyOf(visitId)).map(({ type }: { type: string }) => type);
  expect(types.indexOf('PatientIdentified')).toBeGreaterThan(types.indexOf('PatientProposed'));
  expect(types.indexOf('VisitOpened')).toBe(types.indexOf('PatientIdentified') + 1);
  expect(types.indexOf('CreditAuthorized')).toBeGreaterThan(types.indexOf('VisitOpened'));
});

test('who says that it was not them pays nothing; it stays no one’s, and its hospital learns so', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const citizen = await world.citizen();
  const visitId = await treated(hospital, 'U2');
  await identified(hospital, visitId, citizen);
  expect(await answer(await codeIn(citizen), false)).toBe('200 false');
  await world.becomes(visitId, { unidentified: 'refused', unidentifiedFen: CHARGED_FEN });
  await eventually(() =>
    expect(
      world.webhooksTo(hospital).filter(({ body }) => body.reason === 'IDENTIFICATION_REFUSED'),
    ).toHaveLength(1),
  );
  await world.quiet();
  expect(await listed(hospital)).toMatchObject([{ visitId, state: 'refused' }]);
  expect((await world.lineOf(citizen)).entries.filter(isOf(visitId))).toEqual([]);
});

test('one is opened by two, for an emergency alone, and becomes no one’s who has not the service', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const said = { visitNumber: 'U3', visitClass: 'emergency', startedAt: hospital.now() };
  const opening = { ...said, openedBy: ['N-17', 'D-4'], reason: 'no-document' };
  const refused = async (body: object): Promise<string> =>
    (await hospital.posts('/v1/unidentified-visits', body)).body.code;
  expect(await refused({ ...opening, openedBy: ['N-17', 'N-17'] })).toBe('STAFF_NOT_TWO');
  expect(await refused({ ...opening, visitClass: 'outpatient' })).toBe('FIELD_INVALID');
  const without = await world.citizen({ enrolled: false });
  const visitId = await treated(hospital, 'U4');
  expect(await identified(hospital, visitId, without)).toMatchObject({
    ...{ status: 404, body: { code: 'NOT_ENROLLED' } },
  });
});

const isOf =
  (visitId: string) =>
  (entry: object): boolean =>
    JSON.stringify(entry).includes(visitId);
