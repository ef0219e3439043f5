import { type OutageLog, Outages } from './outages';

let nowMs: number;
let told: string[];
const log: OutageLog = {
  info: (_, text) => void told.push(`info ${text}`),
  warn: (_, text) => void told.push(`warn ${text}`),
  error: (_, text) => void told.push(`error ${text}`),
};
const outages = (): Outages => new Outages(log, { what: 'job', level: 'error' }, () => nowMs);

beforeEach(() => ([nowMs, told] = [0, []]));

test('two minutes of an outage, retried each half second, are four lines', () => {
  const jobs = outages();
  for (; nowMs <= 120_000; nowMs += 500) jobs.failed('prune', { code: 'AWAY' });
  jobs.worked('prune');
  expect(told).toEqual([
    'error job failed, retrying',
    'warn job failed for 60 s, retrying',
    'warn job failed for 120 s, retrying',
    'info job resumed',
  ]);
});

test('of several that fail for one cause the first tells it, and the last ends it', () => {
  const jobs = outages();
  for (const job of ['prune', 'look', 'anchor']) jobs.failed(job, {}, 'AWAY');
  jobs.worked('look');
  jobs.worked('look');
  jobs.left('prune');
  expect(told).toEqual(['error job failed, retrying']);
  jobs.worked('anchor');
  expect(told).toEqual(['error job failed, retrying', 'info job resumed']);
});

test('what fails for a reason of its own is told by itself', () => {
  const jobs = outages();
  jobs.failed('prune', {}, 'AWAY');
  jobs.failed('look', {});
  expect(told).toHaveLength(2);
  jobs.worked('look');
  expect(told.at(-1)).toBe('info job resumed');
  jobs.failed('look', {}, 'AWAY');
  expect(told).toHaveLength(3);
});

test('who stops trying ends no outage aloud', () => {
  const jobs = outages();
  jobs.failed('prune', {});
  jobs.left('prune');
  jobs.worked('prune');
  expect(told).toEqual(['error job failed, retrying']);
});
