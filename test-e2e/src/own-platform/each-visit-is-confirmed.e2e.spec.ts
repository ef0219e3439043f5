import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { CONSULTATION } from '../catalogue';
import type { Citizen } from '../citizen';
import { ROOT } from '../launcher';
import { machine } from '../machine';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 240_000;
const HOUR_MS = 3_600_000;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({ ...clock.settings, CREDIT_POLICY_INTERVAL_MS: '500' });
  world = new World('each-visit-is-confirmed', platform.address);
});
afterAll(() => platform?.remove());

/** The day (Asia/Shanghai) after tomorrow: it may be midnight soon. */
const effectiveFrom = new Date(Date.now() + (48 + 8) * HOUR_MS).toISOString().slice(0, 10);

/** The policy that ships, with another day, and each outpatient visit asked about. */
const askingPolicy = () => {
  const file = join(ROOT, 'services/credit/data/line-policy.json');
  const document = JSON.parse(readFileSync(file, 'utf8')).policies.at(-1);
  const { outpatient } = document.products;
  return {
    ...{ ...document, policyId: 'journey-asks-each-visit', effectiveFrom },
    products: { ...document.products, outpatient: { ...outpatient, confirmMinutes: 30 } },
  };
};

const codeOf = (citizen: Citizen): Promise<string> =>
  eventually(() => {
    const codes = world
      .mailsTo(citizen)
      .filter(({ source }) => source.includes('its charges go on the tab'))
      .flatMap(({ source }) => /^Your code: (\S{22})\s*$/m.exec(source)?.[1] ?? []);
    expect(codes).toHaveLength(1);
    return codes[0]!;
  });

test(
  'charges wait until who pays says yes: by the code of the notice, in the app, or at the desk',
  async () => {
    const put = await world.api.ask('PUT', '/credit/line-policies', askingPolicy());
    expect(put.status).toBe(201);
    const path = `/credit/line-policies/${put.body.version}`;
    await world.api.done('POST', `${path}/dry-run`);
    await world.api.doneByTwo('POST', `${path}/approval`);
    await clock.isAhead(
      (Date.parse(`${effectiveFrom}T00:00:00+08:00`) - Date.now()) / HOUR_MS + 0.01,
    );
    const hospital = await world.hospital();
    const [byCode, byApp] = [await world.citizen(), await world.citizen()];
    const opened = async (citizen: Citizen) => {
      const visit = hospital.visitOf(citizen);
      await visit.opens();
      await visit.charges(CONSULTATION);
      await eventually(async () => {
        const asked = `/credit/visits/${visit.visitId}/confirmation`;
        expect((await world.api.get<any>(asked)).state).toBe('awaited');
      });
      return visit;
    };
    const yes = await opened(byCode);
    const code = await codeOf(byCode);
    await world.becomes(yes.visitId, { chargesDeferred: 0, chargesNotDeferred: 0 });
    expect((await world.api.ask('POST', '/v1/agreements', { code, agree: true })).status).toBe(200);
    await world.becomes(yes.visitId, { chargesDeferred: 1 });

    // At the desk: the code of their own phone is the word, another hospital's key and a guess are none.
    const byDesk = await world.citizen();
    const atDesk = await opened(byDesk);
    const other = await world.hospital();
    const asks = (path: string, body: object, by = hospital) =>
      by.posts(`/v1/visits/${atDesk.visitId}/${path}`, body);
    expect((await asks('confirmation-code', {}, other)).status).toBe(403);
    expect((await asks('confirmation', { code: '000000' })).body.code).toBe('CODE_NOT_AWAITED');
    expect(await asks('confirmation-code', {})).toMatchObject({
      ...{ status: 200, body: { visitId: atDesk.visitId } },
    });
    expect((await asks('confirmation-code', {})).body.code).toBe('CODES_TOO_MANY');
    const [said] = await eventually(async () => {
      const codes = world.codesTo(byDesk.mobile).filter((one) => /^\d{6}$/.test(one));
      expect(codes).toHaveLength(1);
      return codes;
    });
    const guess = said === '000000' ? '000001' : '000000';
    expect((await asks('confirmation', { code: guess })).body.code).toBe('CODE_WRONG');
    expect((await asks('confirmation', { code: said! }, other)).status).toBe(403);
    await world.becomes(atDesk.visitId, { chargesDeferred: 0, chargesNotDeferred: 0 });
    expect((await asks('confirmation', { code: said! })).body).toMatchObject({ agreed: true });
    await world.becomes(atDesk.visitId, { chargesDeferred: 1 });
    expect((await asks('confirmation', { code: said! })).status).toBe(200);
    const word = `/credit/visits/${atDesk.visitId}/confirmation`;
    expect(await world.api.get<any>(word)).toMatchObject({ state: 'given', way: 'desk-code' });

    const no = await opened(byApp);
    const { token } = await machine(world, 'e2e-confirming-app', [
      { kind: 'Citizen', person: byApp.personId },
    ]);
    const authorization = `Bearer ${(await token()).body.access_token}`;
    const says = (visitId: string, agree: boolean) =>
      world.api.askAs({ authorization }, 'POST', `/credit/visits/${visitId}/confirmation`, {
        agree,
      });
    expect((await says(yes.visitId, true)).status).toBe(404);
    expect((await says(no.visitId, false)).status).toBe(200);
    await world.becomes(no.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
    const evidence = `/credit/visits/${no.visitId}/confirmation`;
    expect(await world.api.askAs({ authorization }, 'GET', evidence)).toMatchObject({
      ...{ status: 200, body: { state: 'denied', way: 'own-token' } },
    });
  },
  JOURNEY_TIMEOUT_MS,
);
