import { AsyncLocalStorage } from 'node:async_hooks';
import { type Store, table, integerColumn, instantColumn, textColumn } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { type Claimed, WorkQueue, type WorkQueueOptions, type WorkRow } from '../src';

interface Task extends WorkRow {
  readonly taskId: string;
  readonly status: 'open' | 'retry' | 'done';
}

/** The table that both stores need; see `tasksSql` for its PostgreSQL form. */
export const taskTable = table<Task>({
  name: 'task',
  columns: {
    taskId: textColumn('task_id', { primary: true }),
    status: textColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
});

export const tasksSql =
  'create table task (task_id text primary key, status text not null, ' +
  'next_attempt_at timestamptz(3), lease integer not null)';

const LEASE_MS = 4_000;
const NOW = '2026-03-02T09:00:00Z';
const clockAt = () => fixedClock(NOW);
const at = (offsetMs: number): Date => new Date(Date.parse(NOW) + offsetMs);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) await turn();
};

/** What comes of a task; `poison` cannot be stored. */
type Outcome = 'done' | 'poison';
type Queue = WorkQueue<Task, Task, Outcome>;
type Options = WorkQueueOptions<Task, Task, Outcome>;
type Begin = Options['begin'];
const record: Options['record'] = async (transaction, row, outcome) => {
  await transaction.rows(taskTable).save({ ...row, status: 'done', nextAttemptAt: null });
  if (outcome === 'poison') throw new Error('poison');
};
/** The store, and how many of its transactions have begun. */
const counting = (store: Store): { readonly counted: Store; begun: number } => {
  const count = { counted: store, begun: 0 };
  const counted = new Proxy(store, {
    get: (real, member) => {
      if (member === 'transact') count.begun += 1;
      const value: unknown = real[member as keyof Store];
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });
  return Object.assign(count, { counted });
};
const claimAll: Begin = async (_transaction, rows) => rows.map((row) => ({ row, item: row }));

/** What every store has to give a work queue: the twin and PostgreSQL alike. */
export const workQueueSuite = (name: string, open: () => Promise<Store>): void =>
  describe(`a work queue on ${name}`, () => {
    let store: Store;
    let clock: ReturnType<typeof clockAt>;
    beforeEach(async () => {
      store = await open();
      clock = clockAt();
    });
    afterEach(() => store.close());

    const add = (...tasks: (Partial<Task> & { taskId: string })[]): Promise<void> =>
      store.transact((transaction) =>
        transaction.rows(taskTable).insert(
          ...tasks.map((task) => ({
            status: 'open' as const,
            nextAttemptAt: at(0),
            lease: 0,
            ...task,
          })),
        ),
      );
    const addMany = (count: number): Promise<void> =>
      add(...Array.from({ length: count }, (_, index) => ({ taskId: `t${1000 + index}` })));
    const tasks = (): Promise<Task[]> =>
      store.transact((transaction) => transaction.rows(taskTable).find({}, { orderBy: 'taskId' }));
    const queueOf = (
      work: (task: Task, queue: Queue) => Promise<unknown>,
      options: Partial<Options> = {},
    ): Queue => {
      const queue: Queue = new WorkQueue<Task, Task, Outcome>({
        store,
        clock,
        table: taskTable,
        key: 'taskId',
        lanes: 4,
        leaseMs: LEASE_MS,
        plans: [
          { where: { status: 'open' }, waitMaxMs: LEASE_MS },
          { where: { status: 'retry' }, waitMaxMs: 60_000 },
        ],
        begin: claimAll,
        work: async (task) => void (await work(task, queue)),
        record,
        ...options,
      });
      return queue;
    };
    const complete = (queue: Queue, task: Task): Promise<boolean> => queue.record(task, 'done');
    const completing = (done: string[] = []) =>
      queueOf(async (task, queue) => {
        if (await complete(queue, task)) done.push(task.taskId);
      });
    const drain = async (...queues: Queue[]): Promise<void> => {
      const drainOne = async (queue: Queue): Promise<void> => {
        while ((await queue.runOnce()) > 0);
      };
      await Promise.all(queues.map(drainOne));
    };

    test('takes many at once, and each item once, however many processes there are', async () => {
      await addMany(60);
      const done: string[] = [];
      await drain(completing(done), completing(done), completing(done));
      expect(done.sort()).toEqual((await tasks()).map(({ taskId }) => taskId));
      expect((await tasks()).every(({ status }) => status === 'done')).toBe(true);
    });

    test('takes what has been due longest first, and leaves alone what is not due', async () => {
      await add(
        { taskId: 'late', nextAttemptAt: at(-1_000) },
        { taskId: 'later', nextAttemptAt: at(-2_000) },
        { taskId: 'planned', status: 'retry', nextAttemptAt: at(1) },
        { taskId: 'done', status: 'done', nextAttemptAt: null },
      );
      const claimed: string[][] = [];
      const begin: Begin = async (_transaction, rows) => {
        claimed.push(rows.map(({ taskId }) => taskId));
        return rows.map((row) => ({ row: { ...row, nextAttemptAt: null } }));
      };
      await queueOf(turn, { begin }).runOnce();
      expect(claimed).toEqual([['later', 'late']]);
    });

    test('a lease keeps others away until it ends; then the item is due again', async () => {
      await add({ taskId: 'a' });
      const seen: number[] = [];
      const queue = queueOf(async ({ lease }) => seen.push(lease));
      await queue.runOnce();
      clock.advance(LEASE_MS - 1);
      expect(await queue.runOnce()).toBe(0);
      clock.advance(1);
      expect(await queue.runOnce()).toBe(1);
      expect(seen).toEqual([1, 2]);
    });

    test('a worker whose lease was lost cannot complete', async () => {
      await add({ taskId: 'a' });
      const leases: Task[] = [];
      const queue = queueOf(async (task) => leases.push(task));
      await queue.runOnce();
      clock.advance(LEASE_MS);
      await queue.runOnce();
      expect(await complete(queue, leases[0]!)).toBe(false);
      expect(await tasks()).toMatchObject([{ status: 'open', lease: 2 }]);
      expect(await complete(queue, leases[1]!)).toBe(true);
      expect(await tasks()).toMatchObject([{ status: 'done' }]);
    });

    test('a worker that is late can complete as long as no other has the item', async () => {
      await add({ taskId: 'a' });
      const leases: Task[] = [];
      const queue = queueOf(async (task) => leases.push(task));
      await queue.runOnce();
      clock.advance(10 * LEASE_MS);
      expect(await complete(queue, leases[0]!)).toBe(true);
    });

    test('what ends in the claim itself is stored with it and not worked on', async () => {
      await add({ taskId: 'a' }, { taskId: 'b' });
      const worked: string[] = [];
      const begin: Begin = async (_transaction, rows) =>
        rows.map((row): Claimed<Task, Task> =>
          row.taskId === 'a'
            ? { row: { ...row, status: 'done', nextAttemptAt: null } }
            : { row, item: row },
        );
      const queue = queueOf(async ({ taskId }) => worked.push(taskId), { begin });
      expect(await queue.runOnce()).toBe(2);
      expect(worked).toEqual(['b']);
      expect(await tasks()).toMatchObject([{ status: 'done' }, { status: 'open', lease: 1 }]);
    });

    test('a claim that fails leaves nothing behind', async () => {
      await add({ taskId: 'a' });
      const begin: Begin = async (transaction, rows) => {
        await transaction.rows(taskTable).insert({ ...rows[0]!, taskId: 'b' });
        throw new Error('poison');
      };
      await expect(queueOf(turn, { begin }).runOnce()).rejects.toThrow('poison');
      expect(await tasks()).toEqual([
        { taskId: 'a', status: 'open', nextAttemptAt: at(LEASE_MS), lease: 0 },
      ]);
    });

    test('goes past an item that cannot be begun, and tries it again later', async () => {
      await add({ taskId: 'poison', nextAttemptAt: at(-1) }, { taskId: 'a' }, { taskId: 'b' });
      let isPoisonous = true;
      const done: string[] = [];
      const begin: Begin = async (transaction, rows, now) => {
        if (isPoisonous && rows.some(({ taskId }) => taskId === 'poison'))
          throw new Error('poison');
        return claimAll(transaction, rows, now);
      };
      const queue = queueOf(
        async (task, self) => (await complete(self, task)) && done.push(task.taskId),
        { begin },
      );
      await expect(queue.runOnce()).rejects.toThrow('poison');
      expect(done.sort()).toEqual(['a', 'b']);
      expect(await queue.runOnce()).toBe(0);
      isPoisonous = false;
      clock.advance(LEASE_MS);
      await queue.runOnce();
      expect(done).toContain('poison');
    });

    test('goes past work that fails, finishes the rest, and then throws the first failure', async () => {
      await addMany(6);
      const done: string[] = [];
      const queue = queueOf(async (task, self) => {
        if (task.taskId === 't1000') throw new Error('poison');
        await turns(5);
        if (await complete(self, task)) done.push(task.taskId);
      });
      await expect(queue.runOnce()).rejects.toThrow('poison');
      expect(done).toHaveLength(5);
    });

    test('has all lanes at work, and never more', async () => {
      await addMany(20);
      let [atOnce, mostAtOnce] = [0, 0];
      const queue = queueOf(async (task, self) => {
        mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
        await turns(10);
        await complete(self, task);
        atOnce -= 1;
      });
      expect(await queue.runOnce()).toBe(20);
      expect(mostAtOnce).toBe(4);
    });

    test('one item that takes long does not hold up the other lanes', async () => {
      await addMany(12);
      let finish = (): void => undefined;
      const slow = new Promise<void>((resolve) => (finish = resolve));
      const done: string[] = [];
      const queue = queueOf(async (task, self) => {
        if (task.taskId === 't1000') await slow;
        await complete(self, task);
        done.push(task.taskId);
        if (done.length === 11) finish();
      });
      expect(await queue.runOnce()).toBe(12);
      expect(done.at(-1)).toBe('t1000');
    });

    test('a round ends, however much there is', async () => {
      await addMany(30);
      expect(await completing().runOnce()).toBe(20);
    });

    test('an empty queue costs one claim, however many lanes there are', async () => {
      const count = counting(store);
      const queue = queueOf(turn, { store: count.counted, lanes: 24 });
      await queue.runOnce(); // The first one also looks for future plans.
      count.begun = 0;
      expect(await queue.runOnce()).toBe(0);
      expect(count.begun).toBe(1);
    });

    describe('outcomes that come back at one time', () => {
      /** Twelve items whose work ends together; the first is recorded while the others wait. */
      const together = async (
        outcomeOf: (task: Task) => Outcome,
        options: Partial<Options> = {},
      ): Promise<{ recorded: Map<string, boolean>; failed: string[] }> => {
        await addMany(12);
        const [recorded, failed] = [new Map<string, boolean>(), [] as string[]];
        const queue = queueOf(
          async (task, self) => {
            const { taskId } = task;
            await self.record(task, outcomeOf(task)).then(
              (isStored) => recorded.set(taskId, isStored),
              (error: Error) => failed.push(`${taskId} ${error.message}`),
            );
          },
          { lanes: 12, ...options },
        );
        await queue.runOnce();
        return { recorded, failed };
      };
      const statuses = async () => (await tasks()).map(({ status }) => status);

      test('are stored by one transaction', async () => {
        const count = counting(store);
        await together(() => 'done', { store: count.counted });
        expect(new Set(await statuses())).toEqual(new Set(['done']));
        // Looks for future plans of two kinds, claims twelve, records them, claims nothing.
        expect(count.begun).toBe(5);
      });

      test('are stored without those whose lease was lost', async () => {
        let isTaken = false;
        const prepare: Options['prepare'] = async (transaction) => {
          if (isTaken) return;
          isTaken = true;
          const [first, ...others] = await transaction
            .rows(taskTable)
            .find({}, { orderBy: 'taskId', lock: 'wait' });
          const taken = [others[3]!, others[7]!].map((row) => ({ ...row, lease: 9 }));
          await transaction.rows(taskTable).save(first!, ...taken);
        };
        const { recorded } = await together(() => 'done', { prepare });
        const lost = [...recorded].filter(([, isStored]) => !isStored).map(([taskId]) => taskId);
        expect(lost).toEqual(['t1004', 't1008']);
        expect((await statuses()).filter((status) => status === 'open')).toHaveLength(2);
      });

      test('are stored though one of them cannot be, and that one alone fails', async () => {
        const { recorded, failed } = await together(({ taskId }) =>
          taskId === 't1005' ? 'poison' : 'done',
        );
        expect(failed).toEqual(['t1005 poison']);
        expect([...recorded.values()]).toEqual(Array.from({ length: 11 }, () => true));
        expect((await tasks()).filter(({ status }) => status === 'open')).toMatchObject([
          { taskId: 't1005', lease: 1 },
        ]);
      });

      test('are not stored again where the answer to the commit was lost', async () => {
        let times = 0;
        const deaf = new Proxy(store, {
          get: (real, member) => {
            const value: unknown = real[member as keyof Store];
            if (member !== 'transact') return value;
            return async (work: Parameters<Store['transact']>[0]) => {
              const before = times;
              const answer = await real.transact(work);
              if (times > before)
                throw Object.assign(new Error('the line broke'), { code: 'ECONNRESET' });
              return answer;
            };
          },
        });
        const { recorded, failed } = await together(() => 'done', {
          store: deaf,
          record: async (...stored) => {
            times += 1;
            await record(...stored);
          },
        });
        expect([recorded.size, failed.length, times]).toEqual([0, 12, 12]);
        expect(new Set(await statuses())).toEqual(new Set(['done']));
      });

      test('are stored each in the context of its own work', async () => {
        const work = new AsyncLocalStorage<string>();
        const seen: (readonly [string, string | undefined])[] = [];
        await addMany(6);
        const queue = queueOf((task, self) => work.run(task.taskId, () => complete(self, task)), {
          lanes: 6,
          record: async (transaction, row, outcome) => {
            seen.push([row.taskId, work.getStore()]);
            await record(transaction, row, outcome);
          },
        });
        await queue.runOnce();
        expect(seen).toHaveLength(6);
        for (const [taskId, context] of seen) expect(context).toBe(taskId);
      });
    });

    test('counts what is due soon', async () => {
      await add(
        { taskId: 'a' },
        { taskId: 'b', nextAttemptAt: at(1_000) },
        { taskId: 'c', status: 'retry', nextAttemptAt: at(1_000) },
        { taskId: 'd', nextAttemptAt: at(1_001) },
        { taskId: 'e', nextAttemptAt: null },
      );
      const queue = queueOf(turn);
      expect([
        await queue.countDue(0),
        await queue.countDue(1_000),
        await queue.countDue(1_000, { status: 'retry' }),
      ]).toEqual([1, 3, 1]);
    });

    test('what a clock wrote that was ahead waits no longer than its longest delay', async () => {
      await add(
        ...Array.from({ length: 250 }, (_, index) => ({
          taskId: `t${1000 + index}`,
          nextAttemptAt: at(3_600_000),
        })),
        { taskId: 'retry', status: 'retry', nextAttemptAt: at(3_600_000) },
        { taskId: 'in time', status: 'retry', nextAttemptAt: at(60_000) },
      );
      expect(await queueOf(turn).runOnce()).toBe(251);
      const planned = (await tasks()).map(({ nextAttemptAt }) => nextAttemptAt!.getTime());
      expect(planned.filter((ms) => ms === at(LEASE_MS).getTime())).toHaveLength(250);
      expect(planned.filter((ms) => ms === at(60_000).getTime())).toHaveLength(2);
    });

    test('looks for such plans again when its clock was set back; a lease stays good', async () => {
      await add({ taskId: 'a' });
      const leases: Task[] = [];
      const queue = queueOf(async (task) => leases.push(task));
      await queue.runOnce();
      clock.advance(-3_600_000);
      expect(await queue.runOnce()).toBe(1);
      expect(await tasks()).toMatchObject([
        { lease: 1, nextAttemptAt: new Date(clock.now().getTime() + LEASE_MS) },
      ]);
      expect(await complete(queue, leases[0]!)).toBe(true);
    });
  });
