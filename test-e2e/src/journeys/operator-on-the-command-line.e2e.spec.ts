import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { caretabOn } from '../caretab';
import { publishBroken } from '../careless-producer';
import { BLOOD_COUNT, CONSULTATION } from '../catalogue';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

const world = new World('operator-on-the-command-line');
let hospital: Hospital;
let visit: Visit;

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http' });
  visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  await visit.charges(CONSULTATION);
  await visit.ends();
  await world.becomes(visit.visitId, { status: 'settled' });
});

const caretab = caretabOn(world);

test('status names every service and what it still has to do', () => {
  const { status, out } = caretab('status');
  expect(status).toBe(0);
  for (const service of ['gateway', 'visit-ledger', 'payment', 'notification'])
    expect(out).toMatch(new RegExp(`^${service} +up `, 'm'));
});

test('a visit is shown, with its history and the proof of its chain', () => {
  expect(caretab('visit', visit.visitId).out).toMatch(/^status +settled$/m);
  const history = caretab('visit', visit.visitId, '--history').out;
  expect(history).toMatch(/ChargeDeferred/);
  expect(history).toMatch(/VisitSettled/);
  const proof = caretab('visit', visit.visitId, '--proof');
  expect(proof.status).toBe(0);
  expect(JSON.parse(proof.out)).toMatchObject({ visitId: visit.visitId, intact: true });
});

test('a dead letter is listed, shown, replayed in vain, and discarded with a reason', async () => {
  const stranger = hospital.visitOf(await world.citizen());
  await publishBroken(world.address, stranger.visitId);
  const mine = await eventually(() => {
    const lines = caretab('parked', 'list', 'visit-ledger', '--json').out.trim().split('\n');
    const found = lines
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .find(({ key }) => key === stranger.visitId);
    expect(found).toBeDefined();
    return found;
  });
  expect(mine).toMatchObject({ code: 'CONTRACT_BROKEN' });
  const shown = JSON.parse(caretab('parked', 'show', 'visit-ledger', mine.id).out);
  expect(shown).toMatchObject({ id: mine.id, status: 'parked' });
  expect(caretab('parked', 'replay', 'visit-ledger', mine.id)).toMatchObject({ status: 1 });
  const all = caretab('parked', 'replay', 'visit-ledger', '--all', '--key', stranger.visitId);
  expect(JSON.parse(all.out)).toMatchObject({ replayed: 0, failed: 1 });
  expect(all.status).toBe(1);
  const why = 'its producer sent the end again';
  const gone = caretab('parked', 'discard', 'visit-ledger', mine.id, '--why', why);
  expect(JSON.parse(gone.out)).toMatchObject({ status: 'discarded', why });
});

test('a refused message is listed, shown and discarded', async () => {
  const broken = { ...(visit.body(visit.numbered([BLOOD_COUNT])[0]!) as object), amountFen: 1 };
  await hospital.posts(`/v1/visits/${visit.visitNumber}/charges`, { charges: [broken] });
  const entries: any[] = JSON.parse(caretab('quarantine', 'list', '--json').out);
  const entry = entries.find(({ institutionId }) => institutionId === hospital.institutionId);
  expect(entry).toMatchObject({ reason: 'AMOUNT_MISMATCH', status: 'open' });
  expect(caretab('quarantine', 'list').out).toContain(entry.id);
  expect(caretab('quarantine', 'show', entry.id).out).toContain('chargeId');
  const replayed = caretab('quarantine', 'replay', entry.id);
  expect(replayed.status).toBe(1);
  expect(replayed.err).toContain('AMOUNT_MISMATCH');
  const gone = caretab('quarantine', 'discard', entry.id, '--why', 'sent again');
  expect(JSON.parse(gone.out)).toEqual({ id: entry.id, status: 'discarded' });
});

test('a refund that the bank refuses is a case: listed, given an owner, ended by evidence', async () => {
  const owed = hospital.visitOf(await world.citizen({ bank: 'refund-refused' }));
  const charges = owed.numbered([CONSULTATION, BLOOD_COUNT]);
  await owed.opens();
  await owed.chargesAgain(charges);
  await owed.ends();
  await world.becomes(owed.visitId, { status: 'settled' });
  await owed.takesBack(charges[1]!);
  const found = await eventually(() => {
    const { out } = caretab('cases', 'list', '--visit', owed.visitId, '--json');
    expect(out).not.toBe('');
    return JSON.parse(out);
  });
  expect(found).toMatchObject({ kind: 'refund', reason: 'ACCOUNT_CLOSED', status: 'open' });
  expect(caretab('cases', 'list').out).toContain(found.caseId);
  const owned = JSON.parse(caretab('cases', 'own', found.caseId, '--by', 'op-17').out);
  expect(owned).toMatchObject({ owner: 'op-17' });
  const resolve = ['cases', 'resolve', found.caseId, '--as', 'cash', '--evidence', 'receipt 0088'];
  const alone = caretab(...resolve);
  expect(alone).toMatchObject({ status: 1 });
  expect(alone.err).toContain('APPROVAL_NEEDED');
  const [, id = ''] = /approvalId: "([^"]+)"/.exec(alone.err) ?? [];
  expect(caretab('approvals', 'list', 'payment').out).toContain(
    `caseId=${found.caseId} evidence=receipt 0088 resolution=cash`,
  );
  expect(caretab('approvals', 'give', 'payment', id).err).toContain('SECOND_FACTOR_NEEDED');
  expect(caretab(...resolve, '--approval', id).err).toContain('APPROVAL_NOT_GIVEN');
  const people = await world.api.secondPeople();
  const token = (await people.authorizationOf(people.people[0]!)).slice('Bearer '.length);
  const given = caretabOn(world, token)('approvals', 'give', 'payment', id);
  expect(JSON.parse(given.out)).toMatchObject({ state: 'given', decidedBy: 'second-office' });
  const both = caretab(...resolve, '--approval', id);
  expect(JSON.parse(both.out)).toMatchObject({ status: 'closed', resolution: 'cash' });
  await world.becomes(owed.visitId, { status: 'settled', revision: 2 });
  expect(JSON.parse(caretab('cases', 'show', found.caseId).out).status).toBe('closed');
});

test('who looked at a person is listed, exported, and compared with the export', async () => {
  const { personId } = await world.citizen();
  await world.api.get(`/identity/persons/${personId}`);
  const listed = caretab('audit', 'list', 'identity', '--person', personId);
  expect(listed.out).toMatch(/operator +persons\.read +allowed/);
  const { out } = caretab('audit', 'export', 'identity');
  const lines = out.split('\n').filter((line) => line !== '');
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ service: 'identity', action: 'persons.read', person: personId }),
  );
  const syslog = caretab('audit', 'export', 'identity', '--syslog', '--person', personId);
  expect(syslog.out).toMatch(/^<110>1 \S+Z \S+ caretab identity persons\.register \[access@/);
  const file = join(mkdtempSync(join(tmpdir(), 'caretab-audit-')), 'identity.jsonl');
  writeFileSync(file, out);
  expect(caretab('audit', 'verify', '--file', file)).toMatchObject({ status: 0 });
  writeFileSync(file, out.replace('"persons.read"', '"plans.list"'));
  const forged = caretab('audit', 'verify', '--file', file);
  expect([forged.status, forged.out]).toEqual([
    1,
    expect.stringContaining('another than its hash'),
  ]);
  const verified = caretab('audit', 'verify', 'identity');
  expect(verified.status).toBe(0);
  expect(JSON.parse(verified.out)).toMatchObject({ intact: true, faults: [], from: 1 });
  expect(JSON.parse(verified.out).anchors.faults).toEqual([]);
});

test('the books of credit and payment are verified beside their records of access', async () => {
  for (const service of ['credit', 'payment']) {
    const verified = caretab('audit', 'verify', service);
    expect(verified.status).toBe(0);
    const [, book] = verified.out.split('\n').map((line) => JSON.parse(line || '{}'));
    expect(book).toMatchObject({ service, of: 'book', intact: true, faults: [] });
    expect(book.entries + book.waiting).toBeGreaterThan(0);
    expect(book.anchors).toMatchObject({ faults: [], places: [{}, {}] });
  }
});

test('a holder who is registered otherwise is listed, shown, and closed with a reason', async () => {
  const desk = await world.hospital();
  const citizen = await world.citizen();
  const stay = desk.visitOf({ ...citizen, name: '司马光' });
  expect(await stay.opens()).toBe('accepted');
  const of = ['--institution', desk.institutionId];
  const found = await eventually(() => {
    const { out } = caretab('holders', 'list', ...of, '--json');
    expect(out).not.toBe('');
    return JSON.parse(out);
  });
  expect(found).toMatchObject({ visitId: stay.visitId, fields: ['name'], status: 'open' });
  expect(caretab('holders', 'list', ...of).out).toContain(`${stay.visitId}  name  `);
  const closed = caretab('holders', 'close', stay.visitId, '--why', 'a slip of the desk');
  expect(JSON.parse(closed.out)).toEqual({ visitId: stay.visitId, closed: 1 });
  expect(caretab('holders', 'list', ...of).out).toBe('0 open\n');
  expect(caretab('holders', 'show', stay.visitId).out).toContain('closed: a slip of the desk');
});

test('what is refused, and a platform that is not there, are said in one line', () => {
  const unknown = caretab('visit', `${hospital.institutionId}-NOTTHERE`);
  expect(unknown).toMatchObject({ status: 1, out: '' });
  expect(unknown.err).toMatch(/^✗ refused with 404 VISIT_UNKNOWN/);
  const silent = caretab('status', '--url', 'http://127.0.0.1:9');
  expect(silent).toMatchObject({ status: 1, out: '' });
  expect(silent.err).toMatch(/^✗ no answer from http:\/\/127\.0\.0\.1:9: .*--url\.$/m);
  expect(silent.err).not.toMatch(/^\s+at /m);
});
