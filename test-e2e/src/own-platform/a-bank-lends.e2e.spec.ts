import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { ROOT } from '../launcher';
import { machine } from '../machine';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 300_000;
/** A silent bank is waited for so long, and a little more. */
const SILENT_MS = 60_000;
const HOUR_MS = 3_600_000;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({ ...clock.settings, CREDIT_POLICY_INTERVAL_MS: '500' });
  world = new World('a-bank-lends', platform.address);
});
afterAll(() => platform?.remove());

/** The day (Asia/Shanghai) after tomorrow: it may be midnight soon. */
const effectiveFrom = new Date(Date.now() + (48 + 8) * HOUR_MS).toISOString().slice(0, 10);

/** The policy that ships, with a bank that lends for outpatient visits. */
const bankPolicy = () => {
  const file = join(ROOT, 'services/credit/data/line-policy.json');
  const document = JSON.parse(readFileSync(file, 'utf8')).policies.at(-1);
  const lender = { kind: 'bank', lenderIds: ['city-bank'], otherwise: { kind: 'hospital' } };
  const outpatient = { ...document.products.outpatient, lender };
  return {
    ...{ ...document, policyId: 'journey-bank-lends', effectiveFrom },
    products: { ...document.products, outpatient },
  };
};

/** The bank of the sandbox. */
const bank = async (method: string, path: string, body?: object): Promise<any> => {
  const { url, host } = platform.address;
  const answer = await fetch(`http://${host}:${Number(new URL(url).port) + 2}/bank/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
};

test(
  'a bank lends, pays and collects; silent, the hospital collects; revoked, the bank is informed',
  async () => {
    const put = await world.api.ask('PUT', '/credit/line-policies', bankPolicy());
    expect([put.status, put.body.state]).toEqual([201, 'draft']);
    const path = `/credit/line-policies/${put.body.version}`;
    await world.api.done('POST', `${path}/dry-run`);
    await world.api.doneByTwo('POST', `${path}/approval`);
    const hospital = await world.hospital();
    const citizen = await world.citizen({ score: 640 });
    const { personId } = citizen;
    await clock.isAhead((Date.parse(`${effectiveFrom}T01:00:00+08:00`) - Date.now()) / HOUR_MS);
    const before = hospital.visitOf(citizen);
    await before.opens();
    await before.charges(CONSULTATION);
    await world.becomes(before.visitId, { chargesDeferred: 1, lender: { kind: 'hospital' } });

    const { texts } = await world.api.get<any>(`/identity/persons/${personId}/consents`);
    const { hash } = texts.find((one: any) => one.purpose === 'bank' && one.language === 'zh');
    const app = await machine(world, 'e2e-bank-app', [{ kind: 'Citizen', person: personId }]);
    const authorization = `Bearer ${(await app.token()).body.access_token}`;
    const own = `/identity/persons/${personId}/consents`;
    const consents = [{ purpose: 'bank', hash }];
    const agreed = await world.api.askAs({ authorization }, 'POST', own, { consents });
    expect(agreed.status).toBe(204);
    await eventually(async () =>
      expect(await world.api.get(`/credit/persons/${personId}/bank-lines`)).toMatchObject({
        lines: [{ lenderId: 'city-bank', state: 'granted', lineFen: 300_000 }],
      }),
    );

    const lender = { kind: 'bank', lenderId: 'city-bank' };
    const dueFen = sumFen(CONSULTATION, BLOOD_COUNT);
    const visit = hospital.visitOf(citizen);
    const charges = visit.numbered([CONSULTATION, BLOOD_COUNT]);
    await visit.opens();
    await visit.chargesAgain(charges);
    await world.becomes(visit.visitId, { chargesDeferred: 2, lender });
    const lowered = await hospital.posts(`/v1/visits/${visit.visitId}/update`, {
      ...{ holdMaxFen: dueFen + 500, updatedAt: new Date(clock.now()).toISOString() },
    });
    expect(lowered.status).toBe(202);
    await world.becomes(visit.visitId, { heldFen: dueFen + 500 });
    await eventually(async () =>
      expect(await bank('GET', `loans/${visit.visitId}`)).toMatchObject({
        ...{ kind: 'reserve', amountFen: dueFen + 500 },
      }),
    );
    await visit.ends();
    await world.becomes(visit.visitId, {
      ...{ status: 'settled', lender, patientDueFen: dueFen, paidFen: 0 },
    });
    await eventually(async () => {
      expect(await world.paymentOf(visit.visitId)).toMatchObject({
        ...{ status: 'lent', lentFen: dueFen, owedFen: 0, orders: [] },
      });
      expect(await bank('GET', `loans/${visit.visitId}`)).toMatchObject({
        ...{ kind: 'draw', amountFen: dueFen },
      });
    });
    const pays = await world.api.ask('POST', `/payment/visits/${visit.visitId}/pay`, {});
    expect(pays).toMatchObject({ status: 409, body: { code: 'BANK_COLLECTS' } });
    await eventually(() =>
      expect(
        world
          .mailsTo(citizen)
          .filter(({ source }) => source.replace(/=\r?\n/g, '').includes('The bank that lends')),
      ).toHaveLength(1),
    );

    expect(await visit.takesBack(charges[1]!)).toBe('accepted');
    const leftFen = sumFen(CONSULTATION);
    await world.becomes(visit.visitId, { status: 'settled', revision: 2, refundedFen: 0 });
    await eventually(async () =>
      expect(await bank('GET', `loans/${visit.visitId}`)).toMatchObject({
        ...{ kind: 'reduce', amountFen: leftFen },
      }),
    );
    await before.ends();
    await world.becomes(before.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
    expect(await world.lineOf(citizen)).toMatchObject({ outstandingFen: leftFen });
    const said = { lenderId: 'city-bank', kind: 'repaid', amountFen: leftFen };
    const notice = await bank('POST', `loans/${visit.visitId}`, said);
    await world.api.done('POST', '/credit/loans/notices', notice);
    expect(await world.lineOf(citizen)).toMatchObject({ outstandingFen: 0, heldFen: 0 });
    expect(world.journalText('acquirer')).not.toContain(visit.visitId);

    await bank('PUT', `persons/${personId}`, { behaviour: 'silent' });
    const silent = hospital.visitOf(citizen);
    await silent.opens();
    await silent.charges(CONSULTATION);
    await eventually(
      async () => void (await world.becomes(silent.visitId, { chargesNotDeferred: 1 })),
      SILENT_MS,
    );
    const history = await world.historyOf(silent.visitId);
    expect(history.find(({ type }) => type === 'CreditDeclined')?.data).toMatchObject({
      reason: 'LENDER_SILENT',
    });

    // The consent ends here at once; the bank is informed for as long as it says nothing.
    const revoked = await world.api.askAs({ authorization }, 'POST', `${own}/revocation`, {
      purposes: ['bank'],
    });
    expect(revoked.status).toBe(204);
    const known = async () =>
      (await world.api.get<any>(`/credit/persons/${personId}/bank-lines`)).lines;
    await eventually(async () =>
      expect(await known()).toMatchObject([{ state: 'ended', lineFen: 0, toldRevoked: [] }]),
    );
    expect(await bank('GET', `consents/${personId}`)).toMatchObject({ code: 'PERSON_UNKNOWN' });
    await bank('PUT', `persons/${personId}`, { behaviour: 'ok' });
    await clock.isAhead(
      (Date.parse(`${effectiveFrom}T01:00:00+08:00`) - Date.now()) / HOUR_MS + 24,
    );
    const cleared = await world.api.ask('POST', '/payment/clearings', {
      businessDate: effectiveFrom,
    });
    expect(cleared.body.parties).toContainEqual({
      ...{ party: 'bank', partyId: 'city-bank', amountFen: -leftFen },
    });
    await eventually(async () => {
      expect(await bank('GET', `consents/${personId}`)).toMatchObject({ revoked: ['bank'] });
      expect(await known()).toMatchObject([{ state: 'ended', toldRevoked: ['bank'] }]);
    });
  },
  JOURNEY_TIMEOUT_MS,
);
