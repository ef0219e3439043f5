import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { World } from '../world';

const world = new World('views-are-rebuilt');
const VISITS = 12;
const REBUILDS = 4;

test(
  'views dropped and rebuilt while visits run are what they were, and miss ' +
    'nothing that came meanwhile',
  async () => {
    const hospitals = [
      await world.hospital({ door: 'hl7' }),
      await world.hospital({ door: 'http' }),
    ];
    const citizen = await world.citizen();
    const before = hospitals[0]!.visitOf(citizen);
    await before.opens();
    await before.charges(CONSULTATION);
    await before.ends();
    const settled = await world.becomes(before.visitId, { status: 'settled' });

    const visits = Array.from({ length: VISITS }, (_, index) =>
      hospitals[index % hospitals.length]!.visitOf(citizen),
    );
    const load = Promise.all(
      visits.map(async (visit) => {
        await visit.opens();
        await visit.charges(CONSULTATION);
        await visit.charges(BLOOD_COUNT);
        await visit.ends();
      }),
    );
    for (let round = 0; round < REBUILDS; round += 1) {
      const { events } = await world.api.done('POST', '/visit-ledger/views/rebuild');
      expect(events).toBeGreaterThan(0);
      expect(await world.api.get(`/v1/visits/${before.visitId}`)).toEqual(settled);
    }
    await load;
    for (const { visitId } of visits)
      await world.becomes(visitId, {
        status: 'settled',
        chargesDeferred: 2,
        grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
      });
    await world.quiet();

    const rows = await Promise.all(
      visits.map(({ visitId }) => world.api.get(`/v1/visits/${visitId}`)),
    );
    const book = await world.api.get('/visit-ledger/trial-balance');
    const check = await world.api.get('/visit-ledger/views/check');
    expect(check).toMatchObject({ equal: true });
    expect(
      check.views.every(
        ({ rows: count, differences }: { rows: number; differences: string[] }) =>
          count > 0 && differences.length === 0,
      ),
    ).toBe(true);

    await world.api.done('POST', '/visit-ledger/views/rebuild');
    expect(
      await Promise.all(visits.map(({ visitId }) => world.api.get(`/v1/visits/${visitId}`))),
    ).toEqual(rows);
    expect(await world.api.get('/visit-ledger/trial-balance')).toEqual(book);
    expect(await world.api.get('/visit-ledger/views/check')).toMatchObject({ equal: true });
  },
);
