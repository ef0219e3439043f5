import { type Append, measure, STREAM_EVENTS, type Target } from './load';
import { eventStoreOptionsOf } from './options';

const remembering = () => {
  const streams = new Map<string, number>();
  const target: Target = {
    append: async ({ stream, from, events }: Append) => {
      expect(streams.get(stream) ?? 0).toBe(from);
      streams.set(stream, from + events.length);
    },
    count: async (stream) => streams.get(stream) ?? 0,
    close: async () => undefined,
  };
  return { streams, target };
};
const load = { name: 'bench_1', callers: 7 };

test.each([1, 4, 30])('every event is appended once, in order, by %i', async (together) => {
  const { streams, target } = remembering();
  const measured = await measure(target, { ...load, events: 1000, together });
  expect(measured).toMatchObject({ answered: 1000, found: 1000 });
  expect(Math.max(...streams.values())).toBe(STREAM_EVENTS);
});

test('what is not there is found to be missing', async () => {
  const { streams, target } = remembering();
  const forgetful = { ...target, count: async (stream: string) => streams.get(stream)! - 1 };
  const { answered, found } = await measure(forgetful, { ...load, events: 1000, together: 1 });
  expect(answered - found).toBe(streams.size);
});

test('the command line has a default for everything', () => {
  expect(eventStoreOptionsOf([])).toEqual({
    json: false,
    events: 10_000,
    callers: 64,
    together: 1,
    rounds: 3,
  });
  expect(eventStoreOptionsOf(['--together', '10']).together).toBe(10);
  expect(() => eventStoreOptionsOf(['--events', '5'])).toThrow(/--events/);
});
