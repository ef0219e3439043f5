import fc from 'fast-check';
import { type Groupable, GroupCommit, type GroupCommitLimits, type Outcome } from './group-commit';

interface Request extends Groupable {
  readonly id: number;
}

const LIMITS: GroupCommitLimits = {
  batchEventsMax: 10,
  batchBytesMax: 1_000,
  inFlightMax: 2,
  queueMax: 1_000,
};
const request = (id: number, lane = `lane-${id}`, events = 1, bytes = 10): Request => ({
  id,
  lane,
  events,
  bytes,
});
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Remembers the batches it was sent, and answers each on command. */
const sender = () => {
  const batches: {
    readonly ids: number[];
    readonly lanes: string[];
    answer: (outcomes?: Outcome<number>[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const send = (batch: readonly Request[]) =>
    new Promise<readonly Outcome<number>[]>((resolve, reject) => {
      batches.push({
        ids: batch.map(({ id }) => id),
        lanes: batch.map(({ lane }) => lane),
        answer: (outcomes) => resolve(outcomes ?? batch.map(({ id }) => ({ answer: id }))),
        fail: reject,
      });
    });
  return { batches, send };
};

const grouped = (limits: Partial<GroupCommitLimits> = {}) => {
  const { batches, send } = sender();
  return {
    batches,
    group: new GroupCommit<Request, number>(
      { ...LIMITS, ...limits },
      send,
      () => new Error('too many wait'),
    ),
  };
};

test('sends at once when idle, and together what queued meanwhile', async () => {
  const { batches, group } = grouped({ inFlightMax: 1 });
  const answers = [group.add(request(1))];
  await nextTurn();
  expect(batches.map(({ ids }) => ids)).toEqual([[1]]);
  answers.push(group.add(request(2)), group.add(request(3)));
  await nextTurn();
  expect(batches).toHaveLength(1);
  batches[0]!.answer();
  await nextTurn();
  await nextTurn();
  expect(batches.map(({ ids }) => ids)).toEqual([[1], [2, 3]]);
  batches[1]!.answer();
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
});

test('gives each request its own outcome', async () => {
  const { batches, group } = grouped();
  const answers = Promise.allSettled([group.add(request(1)), group.add(request(2))]);
  await nextTurn();
  batches[0]!.answer([{ error: new Error('refused') }, { answer: 2 }]);
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('fails everybody of a batch that failed, and goes on', async () => {
  const { batches, group } = grouped();
  const answers = Promise.allSettled([group.add(request(1)), group.add(request(2, 'lane-1'))]);
  await nextTurn();
  batches[0]!.fail(new Error('broken'));
  await nextTurn();
  await nextTurn();
  batches[1]!.answer();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('sends a request alone that is larger than any batch', async () => {
  const { batches, group } = grouped({ inFlightMax: 3 });
  for (const one of [request(1), request(2, 'large', 1, 5_000), request(3)]) void group.add(one);
  await nextTurn();
  expect(batches.map(({ ids }) => ids)).toEqual([[1], [2], [3]]);
});

test('refuses at once what would wait behind too many', async () => {
  const { group } = grouped({ queueMax: 2 });
  void group.add(request(1));
  void group.add(request(2));
  await expect(group.add(request(3))).rejects.toThrow('too many wait');
});

test('one busy lane does not hold up the others', async () => {
  const { batches, group } = grouped({ inFlightMax: 1 });
  for (let id = 0; id < 50; id += 1) void group.add(request(id, 'busy'));
  void group.add(request(50, 'quiet'));
  await nextTurn();
  expect(batches[0]!.ids).toEqual([0, 50]);
});

test('keeps the limits, the order of a lane and one request per lane under way, whatever comes', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          lane: fc.integer({ min: 0, max: 6 }),
          events: fc.integer({ min: 1, max: 6 }),
          answerFirst: fc.boolean(),
        }),
        { maxLength: 60 },
      ),
      async (steps) => {
        const { batches, group } = grouped();
        const answers: Promise<number>[] = [];
        let open = 0;
        const underWay = () => batches.slice(open);
        const settle = async () => {
          batches[open]!.answer();
          open += 1;
          await nextTurn();
          await nextTurn();
        };
        for (const [id, { lane, events, answerFirst }] of steps.entries()) {
          answers.push(group.add(request(id, `lane-${lane}`, events)));
          await nextTurn();
          if (answerFirst && underWay().length > 0) await settle();
          expect(underWay().length).toBeLessThanOrEqual(LIMITS.inFlightMax);
          const lanes = underWay().flatMap((batch) => batch.lanes);
          expect(new Set(lanes).size).toBe(lanes.length);
        }
        while (underWay().length > 0) await settle();
        await group.drain();
        expect(await Promise.all(answers)).toEqual(steps.map((_, id) => id));
        for (const batch of batches)
          expect(batch.ids.reduce((total, id) => total + steps[id]!.events, 0)).toBeLessThanOrEqual(
            LIMITS.batchEventsMax,
          );
        const sent = batches.flatMap(({ ids }) => ids);
        for (let lane = 0; lane <= 6; lane += 1) {
          const ids = sent.filter((id) => steps[id]!.lane === lane);
          expect(ids).toEqual([...ids].sort((a, b) => a - b));
        }
      },
    ),
    { numRuns: 40 },
  ));
