import { TestTimers } from '@caretab/doubles';
import { Jobs } from './jobs';

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const INTERVAL_MS = 1000;

const setUp = () => {
  const timers = new TestTimers();
  const failures: [string, unknown][] = [];
  return {
    timers,
    failures,
    jobs: new Jobs(timers, (job, error) => void failures.push([job, error])),
  };
};

/** Work that is in hand until it is told to end. */
const held = () => {
  const runs: { end: (done: number) => void; fail: (error: Error) => void }[] = [];
  let atWork = 0;
  let most = 0;
  const work = async (): Promise<number> => {
    most = Math.max(most, (atWork += 1));
    try {
      return await new Promise<number>((end, fail) => void runs.push({ end, fail }));
    } finally {
      atWork -= 1;
    }
  };
  return { runs, work, most: () => most };
};

test('a job runs at the start, and again when its time has come', async () => {
  const { jobs, timers } = setUp();
  let runs = 0;
  jobs.every('credit.expire', INTERVAL_MS, async () => ((runs += 1), 0));
  await settled();
  expect(runs).toBe(0);
  jobs.start();
  await settled();
  expect(runs).toBe(1);
  await timers.advance(INTERVAL_MS - 1);
  await settled();
  expect(runs).toBe(1);
  await timers.advance(1);
  await settled();
  expect(runs).toBe(2);
  await jobs.onApplicationShutdown();
});

test('a job that did something runs again at once, until nothing is left', async () => {
  const { jobs } = setUp();
  const left = [500, 500, 3, 0];
  jobs.every('notification.deliver', INTERVAL_MS, async () => left.shift() ?? 0);
  jobs.start();
  await settled();
  expect(left).toEqual([]);
  await jobs.onApplicationShutdown();
});

test(
  'a wake runs a sleeping job at once, and one that comes while it runs makes it ' +
    'run once more, never twice at once',
  async () => {
    const { jobs } = setUp();
    const { runs, work, most } = held();
    jobs.every('payment.collect', INTERVAL_MS, work);
    jobs.start();
    await settled();
    for (let wake = 0; wake < 5; wake += 1) jobs.wake('payment.collect');
    await settled();
    expect(runs).toHaveLength(1);
    runs[0]!.end(0);
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]!.end(0);
    await settled();
    expect(runs).toHaveLength(2);
    jobs.wake('payment.collect');
    await settled();
    expect(runs).toHaveLength(3);
    expect(most()).toBe(1);
    const stopped = jobs.onApplicationShutdown();
    runs[2]!.end(0);
    await stopped;
  },
);

test('a failure is told and the job is tried again at its next turn', async () => {
  const { jobs, timers, failures } = setUp();
  const { runs, work } = held();
  jobs.every('payment.collect', INTERVAL_MS, work);
  jobs.start();
  await settled();
  const error = new Error('bank is away');
  runs[0]!.fail(error);
  await settled();
  expect(failures).toEqual([['payment.collect', error]]);
  expect(runs).toHaveLength(1);
  await timers.advance(INTERVAL_MS);
  await settled();
  expect(runs).toHaveLength(2);
  const stopped = jobs.onApplicationShutdown();
  runs[1]!.end(0);
  await stopped;
});

test('shutting down waits for the work in hand and starts none', async () => {
  const { jobs, timers } = setUp();
  const { runs, work } = held();
  jobs.every('payment.collect', INTERVAL_MS, work);
  jobs.every('payment.idle', INTERVAL_MS, async () => 0);
  jobs.start();
  await settled();
  expect(jobs.running('payment')).toEqual(['payment.collect']);
  expect(jobs.running('pay')).toEqual([]);
  let isDown = false;
  const stopped = jobs.onApplicationShutdown().then(() => (isDown = true));
  jobs.wake('payment.collect');
  await timers.advance(INTERVAL_MS);
  await settled();
  expect(isDown).toBe(false);
  runs[0]!.end(7);
  await stopped;
  expect(runs).toHaveLength(1);
  expect(jobs.running('payment')).toEqual([]);
});

test('a job is registered once, jobs are started once, and one registered later starts by itself', async () => {
  const { jobs } = setUp();
  let runs = 0;
  jobs.every('a.b', INTERVAL_MS, async () => 0);
  expect(() => jobs.every('a.b', INTERVAL_MS, async () => 0)).toThrow(
    'the job a.b is registered once',
  );
  jobs.start();
  expect(() => jobs.start()).toThrow('jobs are started once');
  jobs.every('a.c', INTERVAL_MS, async () => ((runs += 1), 0));
  await settled();
  expect(runs).toBe(1);
  jobs.wake('a.unknown');
  await jobs.onApplicationShutdown();
});
