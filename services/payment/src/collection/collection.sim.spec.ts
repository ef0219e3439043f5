import type { Channel } from '../channel/channel';
import { PERSON, till, VISIT } from '../../test/till';

class Killed extends Error {}

/**
 * Kills at the n-th step of the work: before or after any operation, commit or call to the channel.
 * Once dead, everything fails.
 */
class Fuse {
  private steps = 0;
  burnt = false;
  armed = false;

  constructor(private readonly killAt: number) {}

  step(): void {
    if (!this.armed) return;
    this.steps += 1;
    if (this.burnt || this.steps === this.killAt) {
      this.burnt = true;
      throw new Killed();
    }
  }
}

const wired =
  (fuse: Fuse) =>
  (real: Channel): Channel => {
    const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      fuse.step();
      const result = await work();
      fuse.step();
      return result;
    };
    return {
      pay: (order) => call(() => real.pay(order)),
      findPayment: (order) => call(() => real.findPayment(order)),
      refund: (order) => call(() => real.refund(order)),
      findRefund: (order) => call(() => real.findRefund(order)),
      statement: (date) => real.statement(date),
    };
  };

/** Crashes a day at its n-th step and continues after a restart; returns whether it crashed. */
const dayKilledAt = async (
  killAt: number,
  token: string,
): Promise<{ died: boolean; world: ReturnType<typeof till> }> => {
  const fuse = new Fuse(killAt);
  const world = till({
    storeOptions: { at: () => fuse.step() },
    channel: wired(fuse),
    inFlightMax: 1,
  });
  await world.accounts.bind(PERSON, { channel: 'unionpay', token });
  const day = async (rounds: number): Promise<void> => {
    await world.adjudicate();
    await world.workThrough(rounds);
    await world.adjudicate({ revision: 2, patientDueFen: 20_000 });
    await world.workThrough(rounds);
  };
  fuse.armed = true;
  await day(3).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  fuse.armed = false;
  // The bus delivers unhandled messages again, and the workers restart.
  await day(4);
  return { died: fuse.burnt, world };
};

test.each(['ok', 'declined-once', 'no-answer-captured', 'no-answer-lost', 'processing'])(
  'killed between any two steps (%s), the money moves once and ends on the books once',
  async (behaviour) => {
    let killAt = 1;
    for (; ; killAt++) {
      const { died, world } = await dayKilledAt(killAt, `acct-1:${behaviour}`);
      if (!died) break;
      const captures = [...world.memoryChannel.payments.values()].filter(
        ({ outcome }) => outcome.status === 'captured',
      );
      const capturedFen = captures.reduce((sum, { order }) => sum + order.amountFen, 0);
      const refundedFen = [...world.memoryChannel.refunds.values()].reduce(
        (sum, { order }) => sum + order.amountFen,
        0,
      );
      expect([killAt, captures.length, capturedFen - refundedFen]).toEqual([killAt, 1, 20_000]);
      expect(await world.payments.of(VISIT)).toMatchObject({
        status: 'paid',
        paidFen: capturedFen,
        refundedFen,
        owedFen: 0,
      });
      const said = await world.said();
      expect(said.filter(({ type }) => type === 'PaymentCaptured')).toHaveLength(1);
      expect(new Set(said.map(({ id }) => id)).size).toBe(said.length);
      expect((await world.payments.summary()).trialBalance.differenceFen).toBe(0);
      expect(await world.reconciliations.of('2026-03-02')).toMatchObject({ agrees: true });
    }
    expect(killAt).toBeGreaterThan(20);
  },
);
