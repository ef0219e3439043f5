import { eventually } from '@caretab/hospital';
import type { Hospital } from '../hospital';
import { World } from '../world';

const world = new World('one-person-at-two-hospitals');
const { api } = world;

const headersOf = async ({ key }: Hospital) => {
  const request = { grant_type: 'client_credentials', client_secret: key };
  const { access_token: token } = await api.done('POST', '/identity/token', request);
  return { authorization: `Bearer ${token}` };
};
const recordsOf = ({ institutionId }: Hospital): string =>
  `/identity/institutions/${institutionId}/source-records`;
const birthDateOf = (idNumber: string): string =>
  [idNumber.slice(6, 10), idNumber.slice(10, 12), idNumber.slice(12, 14)].join('-');

test('two hospitals register one person: a rule links, people decide, and a link is taken back', async () => {
  const [one, other] = [await world.hospital(), await world.hospital()];
  const { personId, name, idNumber, mobile } = await world.citizen({
    name: '司徒知远',
    enrolled: false,
  });
  const own = await headersOf(one);
  const byNumber = { identifier: 'MR-1', person: { name, idNumber } };
  await eventually(async () => {
    const { body } = await api.askAs(own, 'POST', recordsOf(one), byNumber);
    expect(body).toMatchObject({ personId, linkedBy: 'rule', similar: 0 });
  });
  expect(await api.askAs(own, 'POST', recordsOf(other), byNumber)).toMatchObject({
    ...{ status: 403, body: { code: 'ACCESS_FORBIDDEN' } },
  });
  expect(await api.askAs(own, 'GET', '/identity/match-cases')).toMatchObject({ status: 403 });

  const theirs = await headersOf(other);
  const person = { name, birthDate: birthDateOf(idNumber), mobile };
  const registered = await api.askAs(theirs, 'POST', recordsOf(other), { identifier: 'A', person });
  expect(registered).toMatchObject({ status: 201, body: { linkedBy: 'none', similar: 1 } });
  const found = async () =>
    (await api.askAs(theirs, 'POST', `${recordsOf(other)}/find`, { identifier: 'A' })).body;
  expect((await found()).personId).not.toBe(personId);

  const { cases } = await api.get('/identity/match-cases');
  const mine = cases.find((each: any) => each.recordId === registered.body.recordId);
  expect(mine).toMatchObject({ personId, likely: true });
  const path = `/identity/persons/${personId}/match-cases/${mine.caseId}`;
  const { sides } = await api.get(path);
  expect(sides.map(({ source }: any) => source)).toEqual([
    ...[`medical-record:${other.institutionId}`, 'registration'],
    `medical-record:${one.institutionId}`,
  ]);
  for (const secret of [name, idNumber, mobile])
    expect(JSON.stringify(sides)).not.toContain(secret);
  const why = 'looked at both documents';
  const { linkId } = await api.doneByTwo('POST', path, { decision: 'same', why });
  expect(await found()).toMatchObject({ personId, linkedBy: 'review', similar: 0 });

  const undo = `/identity/persons/${personId}/record-links/${linkId}/undo`;
  await api.doneByTwo('POST', undo, { why: 'another document' });
  expect(await found()).toMatchObject({ personId: registered.body.personId, linkedBy: 'none' });
});
