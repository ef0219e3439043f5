import { Recoveries, spreadOf } from './recovery';

test('the middle of an even number lies between the two in the middle', () => {
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf([7])).toEqual({ count: 1, medianMs: 7, worstMs: 7 });
  expect(spreadOf([30, 10, 20])).toEqual({ count: 3, medianMs: 20, worstMs: 30 });
  expect(spreadOf([40, 10, 20, 30])).toEqual({ count: 4, medianMs: 25, worstMs: 40 });
});

test(
  'a fault learns from the first charge that was sent after its end, not from one ' +
    'that was sent before and decided after',
  () => {
    const recoveries = new Recoveries();
    recoveries.began(1, 'kafka-kill', 1000);
    recoveries.decision(900, 1500);
    recoveries.ended(1, 4000);
    recoveries.ready(1, 5000);
    recoveries.decision(3999, 4100);
    expect(recoveries.unrecovered()).toEqual([1]);
    recoveries.decision(4000, 9000);
    recoveries.decision(4200, 6500);
    recoveries.decision(7000, 7100);
    expect(recoveries.unrecovered()).toEqual([]);
    expect(recoveries.byKind()).toEqual([
      {
        kind: 'kafka-kill',
        count: 1,
        outage: { count: 1, medianMs: 3000, worstMs: 3000 },
        ready: { count: 1, medianMs: 1000, worstMs: 1000 },
        decided: { count: 1, medianMs: 2500, worstMs: 2500 },
      },
    ]);
  },
);

test('kinds are told apart, and what never was ready again is not hidden among the others', () => {
  const recoveries = new Recoveries();
  for (const [fault, kind] of [
    [1, 'service-kill'],
    [2, 'postgres-kill'],
    [3, 'service-kill'],
  ] as const) {
    recoveries.began(fault, kind, 0);
    recoveries.ended(fault, fault * 100);
    recoveries.decision(fault * 100, fault * 100 + 50);
  }
  recoveries.ready(1, 400);
  recoveries.ready(2, 900);
  expect(recoveries.unrecovered()).toEqual([3]);
  expect(
    recoveries
      .byKind()
      .map(({ kind, count, ready }) => [kind, count, ready?.count, ready?.worstMs]),
  ).toEqual([
    ['service-kill', 2, 1, 300],
    ['postgres-kill', 1, 1, 700],
  ]);
});
