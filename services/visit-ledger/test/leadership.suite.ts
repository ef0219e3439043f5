import type { RecordedEvent } from '@caretab/event-store';
import { TestTimers } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import type { Store, Transaction } from '@caretab/store';
import { checkpointTable } from '../src/views/checkpoint.table';
import { Checkpoints, type Place } from '../src/views/checkpoints';
import { type Candidate, Leadership } from '../src/views/leadership';
import { candidate, LEADER_TIMEOUT_MS } from './candidate';

const LOOK_MS = LEADER_TIMEOUT_MS / 3;
const eventAt = (position: number) =>
  [{ position: BigInt(position), id: `event ${position}` }] as unknown as RecordedEvent[];
const placeAt = (position: number): Place => ({
  ...{ position: BigInt(position), eventId: `event ${position}`, before: 0n },
});

/** Writes beside the checkpoint, as a reader does. */
const writing = (text: string) => async (transaction: Transaction) => {
  const rows = transaction.rows(checkpointTable);
  const row = await rows.get({ name: 'publication' }, { lock: 'wait' });
  await rows.save({ ...row!, eventId: text });
  return text;
};

/** One of several processes, in which time passes by itself. */
class Process {
  readonly timers = new TestTimers();
  readonly turns: unknown[] = [];
  /** Where it began to follow, each time that it led. */
  readonly followed: number[] = [];
  readonly checkpoint = new Checkpoints('views', 'log');
  readonly leadership: Leadership;
  turn: NonNullable<Candidate['onTurn']> = () => undefined;
  /** While the event store does not let it follow. */
  refusal: Error | undefined;

  constructor(readonly store: Store) {
    const me = { ...candidate('log', this.timers), onTurn: (error?: unknown) => this.note(error) };
    this.leadership = new Leadership(store, this.checkpoint, me, (after, onTurn) => {
      if (this.refusal) throw this.refusal;
      this.followed.push(Number(after));
      this.turn = onTurn;
      return { stop: async () => undefined };
    });
  }

  /** Any number of looks, each to its end. */
  async looks(count: number): Promise<void> {
    for (let look = 0; look < count; look += 1) {
      await this.awaits();
      await this.timers.advance(LOOK_MS);
      await this.awaits();
    }
  }

  private awaits(): Promise<void> {
    return eventually(async () => expect(this.timers.sleeping).toBe(1), 20_000);
  }

  private note(error: unknown): void {
    this.turns.push(error);
  }
}

/** Who leads, on whichever store the checkpoint is in. */
export const leadershipSuite = (
  name: string,
  open: () => Promise<{ openRows(): Promise<Store>; close(): Promise<void> }>,
): void =>
  describe(name, () => {
    let rows: Awaited<ReturnType<typeof open>>;
    let [first, second]: readonly [Process, Process] = [] as never;

    beforeAll(async () => void (rows = await open()));
    afterAll(() => rows.close());
    beforeEach(async () => {
      [first, second] = [new Process(await rows.openRows()), new Process(await rows.openRows())];
      await first.leadership.start();
      await second.leadership.start();
    });
    afterEach(async () => {
      for (const process of [first, second]) await process.leadership.stop();
      await first.store.transact((transaction) => first.checkpoint.move(transaction, undefined));
    });

    const leading = () => [first.leadership.leads, second.leadership.leads];
    const written = async () =>
      (
        await first.store.transact((transaction) =>
          transaction.rows(checkpointTable).get({ name: 'publication' }),
        )
      )?.eventId;

    test('of two processes one leads, for as long as it lives, and the other reads no event', async () => {
      for (let look = 0; look < 10; look += 1)
        for (const each of [first, second]) await each.looks(1);
      expect(leading()).toEqual([true, false]);
      expect([first.followed, second.followed]).toEqual([[0], []]);
    });

    test('a leader that stops is followed at the next look, from where it came to', async () => {
      await first.leadership.commit(eventAt(7), writing('seven'));
      await first.leadership.stop();
      await second.looks(1);
      expect(leading()).toEqual([false, true]);
      expect(second.followed).toEqual([7]);
      expect(await first.leadership.position()).toBe(7n);
    });

    test('a leader that gives no sign of life is replaced after the timeout, not before', async () => {
      await second.looks(2);
      expect(leading()).toEqual([true, false]);
      await second.looks(1);
      expect(leading()).toEqual([true, true]);
    });

    test('a leader that stood still changes nothing once another leads, and stands by', async () => {
      await second.looks(3);
      expect(await second.leadership.commit(eventAt(1), writing('by the second'))).toBeDefined();
      expect(await first.leadership.commit(eventAt(1), writing('by the first'))).toBeUndefined();
      expect(await written()).toBe('by the second');
      expect(leading()).toEqual([false, true]);
      for (let look = 0; look < 6; look += 1)
        for (const each of [second, first]) await each.looks(1);
      expect(leading()).toEqual([false, true]);
    });

    test('one that stood still between two batches finds at its next sign of life that it was replaced', async () => {
      await second.looks(3);
      await first.looks(2);
      expect(leading()).toEqual([false, true]);
    });

    test('a leader whose transaction takes long is not replaced', async () => {
      let end = (): void => undefined;
      const committed = first.leadership.commit(eventAt(1), async (transaction) => {
        await new Promise<void>((resolve) => (end = resolve));
        return writing('after long')(transaction);
      });
      await second.looks(8);
      expect(leading()).toEqual([true, false]);
      end();
      expect(await committed).toBe('after long');
    });

    test('a leader that fails gives way to another process, and goes on where there is none', async () => {
      first.turn(new Error('no right'));
      await first.looks(6);
      expect(leading()).toEqual([true, false]);
      for (let look = 0; look < 5; look += 1)
        for (const each of [first, second]) await each.looks(1);
      expect(leading()).toEqual([false, true]);
      // What failed is of no account any more.
      await second.looks(1);
      await first.looks(1);
      expect(first.turns.at(-1)).toBeUndefined();
    });

    test('a process that may not follow the log does not lead, and tries again at its next look', async () => {
      second.refusal = new Error('the right to the log was taken back');
      await first.leadership.stop();
      await second.looks(2);
      expect([leading(), second.followed, second.turns.at(-1)]).toEqual([
        ...[[false, false], []],
        second.refusal,
      ]);
      second.refusal = undefined;
      await second.looks(1);
      expect([leading(), second.followed]).toEqual([[false, true], [0]]);
    });

    test('what is written beside the leader deposes it: it begins again from there', async () => {
      await second.store.transact((transaction) => second.checkpoint.move(transaction, placeAt(5)));
      expect(await first.leadership.commit(eventAt(1), writing('too late'))).toBeUndefined();
      expect(await written()).not.toBe('too late');
      await eventually(async () => expect(first.followed).toEqual([0, 5]));
      expect(await first.leadership.commit(eventAt(6), writing('in time'))).toBe('in time');
    });

    test('a commit whose answer was lost is not made twice', async () => {
      const { store } = first;
      const transact = store.transact.bind(store);
      store.transact = async (work) => {
        await transact(work);
        throw new Error('the answer is lost');
      };
      await expect(first.leadership.commit(eventAt(3), writing('three'))).rejects.toThrow('lost');
      store.transact = transact;
      expect(await first.leadership.commit(eventAt(3), writing('again'))).toBeUndefined();
      expect(await written()).toBe('three');
      await eventually(async () => expect(first.followed).toEqual([0, 3]));
    });
  });
