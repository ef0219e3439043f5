import { type Patience, type QuiescenceProbe, untilQuiescent } from './quiescence';

const SOON: Patience = {
  pollMs: 1,
  quietPolls: 3,
  patienceMs: 60_000,
  patienceMaxMs: 60_000,
  operatorAfterMs: 60_000,
};
const NEVER: Patience = { ...SOON, patienceMs: 5, operatorAfterMs: 0 };

/**
 * What is left at each look, the last for ever; and what each round of the operator brings through.
 */
const platform = (
  looks: readonly Record<string, number>[],
  rounds: readonly number[] = [],
): QuiescenceProbe & { looks: number; rounds: number } => {
  const it = {
    looks: 0,
    rounds: 0,
    left: async () => looks[Math.min((it.looks += 1), looks.length) - 1]!,
    replay: async () => rounds[(it.rounds += 1) - 1] ?? 0,
  };
  return it;
};

test('a platform is at rest when nothing was left three times in a row', async () => {
  const resting = platform([{ 'credit.outbox': 2 }, {}, { 'payment.jobsRunning': 1 }, {}]);
  await untilQuiescent(resting, () => undefined, SOON);
  expect(resting).toMatchObject({ looks: 6, rounds: 1 });
});

test('the operator replays what is parked before it counts as rest, and looks again afterwards', async () => {
  const resting = platform([{}], [2, 1]);
  await untilQuiescent(resting, () => undefined, SOON);
  expect(resting).toMatchObject({ looks: 9, rounds: 3 });
});

test('the operator comes also when the platform is stuck', async () => {
  const resting = platform(
    [...Array.from({ length: 50 }, () => ({ 'payment.lag:payment.visit': 1 })), {}],
    [0, 0, 1],
  );
  await untilQuiescent(resting, () => undefined, { ...SOON, operatorAfterMs: 0 });
  expect(resting.rounds).toBeGreaterThan(3);
});

test('it is given up when nothing changes any more, with what is left', async () => {
  await expect(
    untilQuiescent(
      platform([{ 'payment.collection (next at 2026-03-02T05:00:00.000Z)': 8 }]),
      () => undefined,
      NEVER,
    ),
  ).rejects.toThrow('pending work: {"payment.collection (next at 2026-03-02T05:00:00.000Z)":8}');
});

test('a job that looks for work now and then is no sign that anything moves, and no rest either', async () => {
  let running = 0;
  const resting = {
    left: async () => ({ 'payment.jobsRunning': (running += 1) }),
    replay: async () => 0,
  };
  await expect(untilQuiescent(resting, () => undefined, NEVER)).rejects.toThrow('pending work');
});
