import type { Answer } from '../api';
import { BLOOD_COUNT, CONSULTATION } from '../catalogue';
import type { Hospital } from '../hospital';
import type { PostedCharge, Visit } from '../visit';
import { Platform } from '../platform';
import { World } from '../world';

const AT_ONCE = 40;
/**
 * Few places and little room to wait, but all the time in the world: nothing here hangs on how fast
 * the machine is.
 */
const SMALL = {
  GATEWAY_IN_WORK_MAX: '2',
  GATEWAY_IN_WORK_PER_INSTITUTION_MAX: '2',
  GATEWAY_WAITING_MAX: '6',
  GATEWAY_ADMISSION_TIMEOUT_MS: '25000',
  GATEWAY_MLLP_ADMISSION_TIMEOUT_MS: '25000',
};
const DECISIONS = ['ChargeDeferred', 'ChargeNotDeferred'];

let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start(SMALL);
  world = new World('hospital-floods', platform.address);
});
afterAll(() => platform.remove());

const post = (hospital: Hospital, visit: Visit, charge: PostedCharge): Promise<Answer> =>
  hospital.posts(`/v1/visits/${visit.visitId}/charges`, { charges: [visit.body(charge)] });

const openedAt = async (hospital: Hospital): Promise<Visit> => {
  const visit = hospital.visitOf(await world.citizen());
  expect(await visit.opens()).toBe('accepted');
  return visit;
};

const decided = async (visit: Visit): Promise<string[]> =>
  (await world.historyOf(visit.visitId))
    .filter(({ type }) => DECISIONS.includes(type))
    .map(({ data }) => data.charge.chargeId as string)
    .sort();

test(
  'a hospital that floods is sent away in part, the others are served, and what ' +
    'was accepted counts once',
  async () => {
    const [flooder, other] = [
      await world.hospital({ door: 'http' }),
      await world.hospital({ door: 'http' }),
    ];
    const [flooded, quiet] = [await openedAt(flooder), await openedAt(other)];
    const accepted: string[] = [];
    const refused: { readonly charge: PostedCharge; readonly answer: Answer }[] = [];
    const charges = flooded.numbered(Array.from({ length: AT_ONCE }, () => CONSULTATION));
    const flooding = Promise.all(charges.map((charge) => post(flooder, flooded, charge)));
    const others = quiet.numbered([BLOOD_COUNT, CONSULTATION]);
    const served = await Promise.all(others.map((charge) => post(other, quiet, charge)));
    (await flooding).forEach((answer, index) =>
      answer.status === 202
        ? void accepted.push(charges[index]!.chargeId)
        : void refused.push({ charge: charges[index]!, answer }),
    );

    expect(served.map(({ status }) => status)).toEqual([202, 202]);
    expect(accepted.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const { answer } of refused)
      expect(answer).toMatchObject({
        status: 429,
        body: {
          code: 'OVERLOADED',
          type: 'urn:caretab:error:OVERLOADED',
          retryAfterSeconds: Number(answer.retryAfter),
        },
      });
    for (const { answer } of refused) expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1);

    // The slot is free again at once, also for a sender that was shed.
    const [again] = refused;
    expect(await post(flooder, flooded, again!.charge)).toMatchObject({ status: 202 });
    accepted.push(again!.charge.chargeId);
    await world.quiet();
    expect(await decided(flooded)).toEqual([...accepted].sort());
    expect(await decided(quiet)).toEqual(others.map(({ chargeId }) => chargeId).sort());
  },
  120_000,
);

test('over HL7 the flood is slowed down and nothing of it is refused', async () => {
  const hospital = await world.hospital();
  const visit = await openedAt(hospital);
  const charges = visit.numbered(Array.from({ length: 3 }, () => CONSULTATION));
  const answers = await Promise.all(
    charges.map((charge) => hospital.sendsHl7(visit.chargeMessage([charge]))),
  );
  expect(answers.map(({ code }) => code)).toEqual(charges.map(() => 'AA'));
  await world.quiet();
  expect(await decided(visit)).toEqual(charges.map(({ chargeId }) => chargeId).sort());
}, 120_000);
