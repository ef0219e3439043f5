import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { caretabSettings } from '../caretab';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import { ROOT } from '../launcher';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { dumpSchema, restoreSchema } from '../platform-database';
import type { PostedCharge, Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 240_000;
const RUNBOOK = readFileSync(join(ROOT, 'docs/runbooks/after-a-restore.md'), 'utf8');
/** The bank's day is over, and an hour more. */
const NEXT_DAY_HOURS = 26;

const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({ ...clock.settings, AGREEMENT_INTERVAL_MS: '1000' });
  world = new World('payment-is-restored', platform.address);
});
afterAll(() => platform?.remove());

/** The runbook's command that begins so, as printed, with its dates in place of the printed ones. */
const runs = (
  printed: string,
  dates: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly out: string } => {
  const line = RUNBOOK.split('\n')
    .map((text) => text.trim().replaceAll('`', ''))
    .find((text) => text.includes(printed));
  if (!line) throw new Error(`the runbook does not print ${printed}`);
  const command = /npm run --silent caretab -- (.+?)(: .*)?$/.exec(line)![1]!;
  const args = command.split(' ').map((word) => dates[word] ?? word);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'deploy/dist/caretab/main.js'), ...args],
    { env: { ...process.env, ...caretabSettings(world) }, encoding: 'utf8' },
  );
  return { status, out: stdout };
};

/** The bank's own book: every capture and refund, by id, each with its amount. */
const bankBook = (): readonly string[] => {
  const last = new Map<string, string>();
  for (const line of world.journalText('acquirer').split('\n').filter(Boolean)) {
    const { payment, refund } = JSON.parse(line) as Record<string, any>;
    if (payment) last.set(payment.orderId, `${payment.status} ${payment.amountFen}`);
    if (refund) last.set(refund.refundId, `refund ${refund.status} ${refund.amountFen}`);
  }
  return [...last].map(([id, what]) => `${id} ${what}`).sort();
};

const bankDays = (): readonly string[] =>
  [0, 1].map((back) =>
    new Date(Date.now() + (8 - back * 24) * 3_600_000).toISOString().slice(0, 10),
  );

const visitOf = async (hospital: Hospital, citizen: Citizen, charges?: readonly PostedCharge[]) => {
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  const numbered = charges ?? visit.numbered([CONSULTATION, BLOOD_COUNT]);
  expect(await visit.chargesAgain(numbered)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  return { visit, charges: numbered };
};

const differences = async (): Promise<any[]> =>
  (await world.api.get('/payment/differences')).differences;

/** Adopts what the bank states and payment does not know, as the runbook's third step prints it. */
const adoptAll = async (kind: 'capture' | 'refund', visits: readonly Visit[]): Promise<number> => {
  const printed = /-d '(\{[\s\S]*?\})'/.exec(RUNBOOK)![1]!;
  let adopted = 0;
  for (const date of bankDays()) {
    const { onlyTheirs } = await world.api.get(`/payment/reconciliation/${date}`);
    for (const { id } of onlyTheirs.filter((entry: any) => entry.kind === kind)) {
      const answers = [];
      for (const { visitId } of visits) {
        const body = { ...JSON.parse(printed), visitId, kind, id, date };
        answers.push((await world.api.approved('POST', '/payment/adoptions', body)).status);
      }
      expect(answers.filter((status) => status === 200)).toHaveLength(1);
      adopted += 1;
    }
  }
  return adopted;
};

test(
  'payment is restored from a copy: nothing is captured twice, what differs is held, and the ' +
    'runbook makes all books equal',
  async () => {
    const due = sumFen(CONSULTATION, BLOOD_COUNT);
    const hospital = await world.hospital();
    const [ann, bea, cid, dan, eve] = [
      await world.citizen(),
      await world.citizen({ bank: 'declined' }),
      await world.citizen(),
      await world.citizen(),
      await world.citizen(),
    ];
    const before = await visitOf(hospital, ann);
    const declined = await visitOf(hospital, bea);
    const returned = await visitOf(hospital, dan);
    await world.becomes(before.visit.visitId, { status: 'settled', paidFen: due });
    await world.becomes(returned.visit.visitId, { status: 'settled', paidFen: due });
    await world.becomes(declined.visit.visitId, { missedReason: 'INSUFFICIENT_FUNDS' });
    await world.quiet();
    await dumpSchema(platform.address, 'payment');

    // What payment will have forgotten: a capture of a debt, a whole visit, and a refund.
    const paysFrom = (card: string): Promise<unknown> =>
      world.api.ask('POST', `/payment/visits/${declined.visit.visitId}/pay`, {
        channel: 'unionpay',
        token: `tok-${card}:ok`,
      });
    await paysFrom('first');
    const later = await visitOf(hospital, cid);
    expect(await returned.visit.takesBack(returned.charges[1]!)).toBe('accepted');
    await world.becomes(declined.visit.visitId, { status: 'settled', paidFen: due });
    await world.becomes(later.visit.visitId, { status: 'settled', paidFen: due });
    await world.becomes(returned.visit.visitId, { refundedFen: sumFen(BLOOD_COUNT) });
    await world.quiet();
    const forgotten = [declined, later, returned].map(({ visit }) => visit.visitId).sort();
    const book = bankBook();

    await platform.killHard();
    await restoreSchema(platform.address, 'payment');
    await platform.startAgain();

    // Only the visits that differ are held; the start is not blocked.
    await eventually(async () =>
      expect((await differences()).map(({ visitId }) => visitId).sort()).toEqual(forgotten),
    );
    expect((await differences()).every(({ isHeld }) => isHeld)).toBe(true);
    const listed = runs('differences list payment').out;
    for (const visitId of forgotten) expect(listed).toMatch(new RegExp(`${visitId}.* held `));
    const health = await world.api.get('/health');
    expect(health).toMatchObject({ status: 'degraded' });
    // A citizen who still owes by payment's rows pays again: the hold keeps the money where it is.
    await paysFrom('second');
    const another = await visitOf(hospital, eve);
    await world.becomes(another.visit.visitId, { status: 'settled', paidFen: due });
    const withAnother = bankBook();
    expect(withAnother).toHaveLength(book.length + 1);
    expect(withAnother).toEqual(expect.arrayContaining([...book]));

    // What the bus counts as handled and the restored rows do not is named, and comes again.
    expect(runs('positions list payment').out).toMatch(
      /payment\.collection {2}visit-ledger\.visits\/\d+ {2}bus \d+ {2}database \d+/,
    );
    expect(health.degraded.map(({ what }: { what: string }) => what)).toContain(
      'position of payment.collection',
    );
    expect(runs('positions rewind payment').status).toBe(0);
    await eventually(() => expect(runs('positions list payment').status).toBe(0));
    expect(bankBook()).toEqual(withAnother);

    // The runbook: facts once more, then the bank's statement, then the comparison.
    const range = {
      '2026-03-01T00:00:00+08:00': new Date(Date.now() - 86_400_000).toISOString(),
      '2026-03-03T12:00:00+08:00': new Date().toISOString(),
    };
    expect(runs('publish --from', range).status).toBe(0);
    await eventually(async () =>
      expect((await differences()).filter(({ ours }) => ours === null)).toEqual([]),
    );
    const visits = [declined, later, returned].map(({ visit }) => visit);
    expect(await adoptAll('capture', visits)).toBe(2);
    expect(await adoptAll('refund', visits)).toBe(1);
    await eventually(() => expect(runs('differences compare payment').status).toBe(0));
    expect(await differences()).toEqual([]);
    await world.quiet();

    expect(bankBook()).toEqual(withAnother);
    for (const { visit } of [before, declined, later, another])
      expect(await world.paymentOf(visit.visitId)).toMatchObject({
        status: 'paid',
        paidFen: due,
        owedFen: 0,
      });
    expect(await world.paymentOf(returned.visit.visitId)).toMatchObject({
      refundedFen: sumFen(BLOOD_COUNT),
      owedFen: 0,
    });
    expect(await world.api.get('/visit-ledger/trial-balance')).toMatchObject({ differenceFen: 0 });
    const captureDay = bankDays()[0]!;
    await clock.isAhead(NEXT_DAY_HOURS);
    // Money is of the day on which our clock recorded it, whatever day the hospital named.
    expect(
      await world.api.done('POST', '/payment/clearings', { businessDate: captureDay }),
    ).toMatchObject({ balanceFen: 0, visits: 5 });
    expect(
      await world.api.done('POST', '/payment/reconciliations', { date: captureDay }),
    ).toMatchObject({ onlyOurs: 0, onlyTheirs: 0, amountsDiffer: 0 });
  },
  JOURNEY_TIMEOUT_MS,
);
