import { eventually } from '@caretab/hospital';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Visit } from '../visit';
import { World } from '../world';

const world = new World('late-charge-answered');

/** A settled visit with a charge that came afterwards, and the code that its citizen was sent. */
const late = async (): Promise<{
  readonly visit: Visit;
  readonly hospital: Awaited<ReturnType<World['hospital']>>;
  readonly code: string;
}> => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  const visit = hospital.visitOf(citizen);
  const [inTime, tooLate] = visit.numbered([CONSULTATION, BLOOD_COUNT]);
  await visit.opens();
  await visit.chargesAgain([inTime!]);
  await visit.ends();
  await world.becomes(visit.visitId, { status: 'settled', revision: 1 });
  expect(await visit.chargesAgain([tooLate!])).toBe('accepted');
  const code = await eventually(() => {
    const codes = world
      .mailsTo(citizen)
      .flatMap(({ source }) => /^Your code: (\S{22})\s*$/m.exec(source)?.[1] ?? []);
    expect(codes).toHaveLength(1);
    return codes[0]!;
  });
  return { visit, hospital, code };
};

const answer = async (code: string, agree: boolean): Promise<string> => {
  const { status, body } = await world.api.ask('POST', '/v1/agreements', { code, agree });
  return `${status} ${status === 200 ? body.agreed : body.code}`;
};

test('a citizen agrees to a late charge by the code of the notice, and pays it; the answer stands', async () => {
  const { visit, code } = await late();
  expect(await answer(`${code.slice(0, -2)}AA`, true)).toBe('404 AGREEMENT_UNKNOWN');
  expect(await answer(code, true)).toBe('200 true');
  await world.becomes(visit.visitId, {
    status: 'settled',
    revision: 2,
    paidFen: sumFen(CONSULTATION, BLOOD_COUNT),
  });
  expect(await answer(code, true)).toBe('200 true');
  expect(await answer(code, false)).toBe('404 AGREEMENT_UNKNOWN');
  await world.quiet();
  expect(world.log()).not.toContain(code);
  expect(JSON.stringify(await world.historyOf(visit.visitId))).not.toContain(code);
  const notices = await world.api.get(`/notification/visits/${visit.visitId}`);
  expect(JSON.stringify(notices)).not.toContain(code);
});

test('a citizen refuses a late charge: nothing more is paid, and the hospital learns that it bears it', async () => {
  const { visit, hospital, code } = await late();
  expect(await answer(code, false)).toBe('200 false');
  expect(await answer(code, true)).toBe('404 AGREEMENT_UNKNOWN');
  await eventually(() =>
    expect(
      world.webhooksTo(hospital).filter(({ body }) => body.reason === 'LATE_CHARGE_REFUSED'),
    ).toHaveLength(1),
  );
  await world.becomes(visit.visitId, {
    status: 'settled',
    revision: 1,
    paidFen: sumFen(CONSULTATION),
  });
});
