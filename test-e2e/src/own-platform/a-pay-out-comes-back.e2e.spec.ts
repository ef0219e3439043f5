import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { CONSULTATION, sumFen } from '../catalogue';
import { Platform, temporaryFolder } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 240_000;
const DUE_FEN = sumFen(CONSULTATION);
const [CLOSED, OPEN] = ['955500010001', '955500010002'];
const SHANGHAI_MS = 8 * 3_600_000;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  const file = join(temporaryFolder(), 'payouts.json');
  const settlementAccount = {
    ...{ holderName: '结算专户', bankCode: '102331000015', account: '622200010001' },
  };
  const all = { institutionId: '*', party: '*', partyId: '*', from: '2026-01-01' };
  writeFileSync(file, JSON.stringify({ settlementAccount, pooled: [all] }));
  platform = await Platform.start({
    ...clock.settings,
    PAYMENT_PAYOUT_FILE: file,
    PAYMENT_BANK_INTERVAL_MS: '500',
  });
  world = new World('a-pay-out-comes-back', platform.address);
});
afterAll(() => platform?.remove());

/** The settlement bank of the sandbox. */
const bank = async (path: string, body: object): Promise<void> => {
  const { url, host } = platform.address;
  const port = Number(new URL(url).port) + 2;
  const answer = await fetch(`http://${host}:${port}/settlement-bank/${path}`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(204);
};

const setAccount = (institutionId: string, account: string): Promise<unknown> =>
  world.api.doneByTwo('PUT', `/payment/institutions/${institutionId}/account`, {
    ...{ holderName: '第一医院', bankCode: '102331000023', account },
    evidence: 'letter of the bank 7',
  });

/** Prepares a file of what is payable and has two persons release it; its message id. */
const instructed = async (institutionId: string): Promise<string> => {
  const { file, instructions } = await world.api.done('POST', '/payment/payout-files');
  expect(instructions).toMatchObject([{ institutionId, amountFen: DUE_FEN }]);
  const { messageId, contentHash, controlSumFen } = file;
  await world.api.doneByTwo('POST', `/payment/payout-files/${messageId}/release`, {
    ...{ contentHash, controlSumFen },
  });
  return messageId;
};

const becomes = (messageId: string, status: string): Promise<void> =>
  eventually(async () =>
    expect(await world.api.get(`/payment/payout-files/${messageId}`)).toMatchObject({
      instructions: [{ status }],
    }),
  );

test(
  'a pay-out that the bank returns is payable again and a case; to the right account it is paid',
  async () => {
    const hospital = await world.hospital();
    const { institutionId } = hospital;
    const visit = hospital.visitOf(await world.citizen());
    expect(await visit.opens()).toBe('accepted');
    expect(await visit.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    expect(await visit.ends()).toBe('accepted');
    await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
    const businessDate = new Date(Date.now() + SHANGHAI_MS).toISOString().slice(0, 10);
    await clock.isAhead(24);
    await world.api.done('POST', '/payment/clearings', { businessDate });

    await setAccount(institutionId, CLOSED!);
    await bank(`accounts/${CLOSED}`, { behaviour: 'returned' });
    await becomes(await instructed(institutionId), 'returned');
    const { cases } = await world.api.get<any>('/payment/cases');
    expect(cases).toMatchObject([
      { kind: 'payout', reason: 'AC04', amountFen: DUE_FEN, asked: { institutionId } },
    ]);
    const openOf = async (): Promise<number> => {
      const path = `/payment/clearings/${businessDate}/payouts`;
      const { parties } = await world.api.get<any>(path);
      return parties.find(({ partyId }: { partyId: string }) => partyId === institutionId).openFen;
    };
    expect(await openOf()).toBe(DUE_FEN);

    await setAccount(institutionId, OPEN!);
    await becomes(await instructed(institutionId), 'paid');
    expect(await openOf()).toBe(0);
    const resolution = { resolution: 'noted', evidence: 'the new account was paid' };
    await world.api.doneByTwo('POST', `/payment/cases/${cases[0].caseId}/resolution`, resolution);
    expect(await world.api.get('/payment/cases')).toEqual({ cases: [] });
  },
  JOURNEY_TIMEOUT_MS,
);
