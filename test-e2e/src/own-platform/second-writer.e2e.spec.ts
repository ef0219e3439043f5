import { eventually } from '@caretab/hospital';
import { caretabOn } from '../caretab';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { Platform } from '../platform';
import { inDatabase } from '../platform-database';
import type { Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 120_000;

let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start();
  world = new World('second-writer', platform.address);
});
afterAll(() => platform?.remove());

/** A settlement that never took place, put at the end of a visit's stream by the schema's owner. */
const forge = ({ visitId }: Visit): Promise<number> =>
  inDatabase(platform.address, async (client) => {
    const { rows } = await client.query<{ revision: number }>(
      `insert into visit_ledger_events.events
         (position, stream, revision, id, type, data, metadata, recorded_at, hash)
       select (select max(position) + 1 from visit_ledger_events.events), stream, max(revision) + 1,
         'forged', 'VisitSettled', $2, '{}', now(), decode(repeat('00', 32), 'hex')
       from visit_ledger_events.events where stream = $1 group by stream returning revision`,
      [`visit-${visitId}`, JSON.stringify({ visitId, settledAt: new Date().toISOString() })],
    );
    return rows[0]!.revision;
  });

const noticesOf = async ({ visitId }: Visit): Promise<readonly string[]> => {
  const { notices } = await world.api.get(`/notification/visits/${visitId}`);
  return notices.map(({ template }: { readonly template: string }) => template);
};

test(
  'a settlement that a second writer puts into a visit reaches no topic; its visit waits, all ' +
    'others are settled, and the operator has it go on',
  async () => {
    const caretab = caretabOn(world);
    const due = sumFen(CONSULTATION, BLOOD_COUNT);
    const hospital = await world.hospital();
    const [struck, other] = [
      hospital.visitOf(await world.citizen()),
      hospital.visitOf(await world.citizen()),
    ];
    for (const visit of [struck, other]) {
      expect(await visit.opens()).toBe('accepted');
      expect(await visit.charges(CONSULTATION)).toBe('accepted');
    }
    await world.becomes(struck.visitId, { status: 'open', chargesDeferred: 1 });
    const revision = await forge(struck);
    // The hospital goes on, at both visits.
    for (const visit of [struck, other]) {
      expect(await visit.charges(BLOOD_COUNT)).toBe('accepted');
      expect(await visit.ends()).toBe('accepted');
    }
    await world.becomes(other.visitId, { status: 'settled', paidFen: due });
    await eventually(() => {
      const { status, out } = caretab('set-aside', 'list');
      expect(out).toMatch(new RegExp(`^${struck.visitId} +event ${revision} foreign`, 'm'));
      expect(status).toBe(1);
    });
    expect(JSON.stringify(await world.api.get('/health'))).toContain('1 visits are set aside');
    expect(await world.api.get(`/visit-ledger/visits/${struck.visitId}`)).toMatchObject({
      ...{ status: 'open', settledAt: null },
    });
    expect(await noticesOf(struck)).not.toContain('visit-settled');

    const resume = (...more: string[]) =>
      caretab('set-aside', 'resume', struck.visitId, '--reason', 'written by a script', ...more);
    expect(resume()).toMatchObject({ status: 1, err: expect.stringContaining('FACTS_LEFT_OUT') });
    const resumed = resume('--leaves-out', String(revision));
    expect(resumed).toMatchObject({ status: 0 });
    expect(JSON.parse(resumed.out)).toMatchObject({ stream: `visit-${struck.visitId}~2` });
    expect(caretab('set-aside', 'list')).toMatchObject({ status: 0 });
    // What waited comes in its order, by itself.
    await world.becomes(struck.visitId, { status: 'settled', chargesDeferred: 2, paidFen: due });
    const check = await world.api.get('/visit-ledger/views/check');
    expect(check).toMatchObject({ equal: true });
    expect(await world.api.get(`/visit-ledger/visits/${struck.visitId}/proof`)).toMatchObject({
      intact: true,
    });
    expect(await world.api.get('/visit-ledger/proof')).toMatchObject({
      ...{ intact: true, faults: [], knownFaults: 1 },
    });
  },
  JOURNEY_TIMEOUT_MS,
);
