import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { caretabSettings } from '../caretab';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import { ROOT } from '../launcher';
import { Platform } from '../platform';
import { dumpSchema, restoreSchema } from '../platform-database';
import type { PostedCharge, Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 300_000;
const RUNBOOK = readFileSync(join(ROOT, 'docs/runbooks/after-a-restore.md'), 'utf8');
/** The ledger's rows and its log. */
const SCHEMAS = ['visit_ledger', 'visit_ledger_events'] as const;
const DUE_FEN = sumFen(CONSULTATION, BLOOD_COUNT);

let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({ AGREEMENT_INTERVAL_MS: '1000' });
  world = new World('ledger-is-restored', platform.address);
});
afterAll(() => platform?.remove());

/** A command of the runbook, which must print it. */
const runs = (command: string): { readonly status: number | null; readonly out: string } => {
  if (!RUNBOOK.includes(`npm run --silent caretab -- ${command}`))
    throw new Error(`the runbook does not print ${command}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'deploy/dist/caretab/main.js'), ...command.split(' ')],
    { env: { ...process.env, ...caretabSettings(world) }, encoding: 'utf8' },
  );
  return { status, out: stdout };
};

const opened = async (hospital: Hospital, citizen: Citizen) => {
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  const charges = visit.numbered([CONSULTATION, BLOOD_COUNT]);
  return { visit, charges };
};
const ended = async (visit: Visit, charges: readonly PostedCharge[]): Promise<void> => {
  expect(await visit.chargesAgain(charges)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
};

/** What of these visits is known outside the ledger, and what the ledger shows of them. */
const known = async (visits: readonly Visit[], citizens: readonly Citizen[]) => ({
  bank: world.journalText('acquirer').split('\n').sort(),
  lines: await Promise.all(citizens.map((citizen) => world.lineOf(citizen))),
  payments: await Promise.all(visits.map(({ visitId }) => world.paymentOf(visitId))),
  visits: await Promise.all(
    visits.map(async ({ visitId }) => {
      const visit = await world.api.get(`/v1/visits/${visitId}`);
      const { status, grossFen, patientDueFen, paidFen, refundedFen, charges } = visit;
      return { visitId, status, grossFen, patientDueFen, paidFen, refundedFen, charges };
    }),
  ),
});

test(
  'the ledger is restored from a copy: the runbook has it learn again what it had known',
  async () => {
    const hospital = await world.hospital();
    const citizens = [
      await world.citizen(),
      await world.citizen(),
      await world.citizen({ insurance: 'resident' }),
      await world.citizen(),
    ];
    const [ann, bea, cid, dan] = citizens as [Citizen, Citizen, Citizen, Citizen];
    const settledBefore = await opened(hospital, ann);
    await ended(settledBefore.visit, settledBefore.charges);
    const openThen = await opened(hospital, bea);
    expect(await openThen.visit.chargesAgain([openThen.charges[0]!])).toBe('accepted');
    await world.becomes(settledBefore.visit.visitId, { status: 'settled', paidFen: DUE_FEN });
    await world.quiet();
    for (const schema of SCHEMAS) await dumpSchema(platform.address, schema);

    // What the ledger will have forgotten: a return with its refund, an end, and a whole visit.
    expect(await settledBefore.visit.takesBack(settledBefore.charges[1]!)).toBe('accepted');
    await ended(openThen.visit, [openThen.charges[1]!]);
    const after = await opened(hospital, cid);
    await ended(after.visit, after.charges);
    for (const { visit } of [openThen, after])
      await world.becomes(visit.visitId, { status: 'settled' });
    await world.becomes(settledBefore.visit.visitId, {
      refundedFen: sumFen(BLOOD_COUNT),
      status: 'settled',
    });
    await world.quiet();
    const visits = [settledBefore, openThen, after].map(({ visit }) => visit);
    const before = await known(visits, citizens);

    await platform.killHard();
    for (const schema of SCHEMAS) await restoreSchema(platform.address, schema);
    const anchors = join(platform.address.dataDir, 'anchors');
    renameSync(anchors, `${anchors}-of-what-was-lost`);
    await platform.startAgain();

    // It starts, and says what it misses.
    await eventually(async () =>
      expect(await world.api.get('/health')).toMatchObject({
        status: 'degraded',
        degraded: expect.arrayContaining([
          expect.objectContaining({ what: 'position of visit-ledger.hospital' }),
        ]),
      }),
    );
    expect(runs('positions list visit-ledger').status).not.toBe(0);
    expect(runs('positions rewind visit-ledger').status).toBe(0);
    await eventually(() => expect(runs('positions list visit-ledger').status).toBe(0));
    await world.quiet();
    await eventually(() => {
      expect(runs('parked replay visit-ledger --all').status).toBe(0);
      expect(runs('parked list visit-ledger').out).toBe('0 parked\n');
    });
    await world.quiet();
    for (const service of ['payment', 'adjudication'])
      await eventually(() => expect(runs(`differences compare ${service}`).status).toBe(0));
    expect(await known(visits, citizens)).toEqual(before);
    expect(await world.api.get('/visit-ledger/trial-balance')).toMatchObject({ differenceFen: 0 });
    expect(await world.api.get('/visit-ledger/proof')).toMatchObject({ intact: true });
    expect(await world.api.get('/health')).toMatchObject({ status: 'up' });

    // And it goes on.
    const next = await opened(hospital, dan);
    await ended(next.visit, next.charges);
    await world.becomes(next.visit.visitId, { status: 'settled', paidFen: DUE_FEN });
  },
  JOURNEY_TIMEOUT_MS,
);
