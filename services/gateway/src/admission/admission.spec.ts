import type { DomainError, Timers } from '@caretab/kernel';
import { Admission, type AdmissionLimits, type Leave } from './admission';

/** Time that passes when a test says so. */
class HandTimers implements Timers {
  private nowMs = 0;
  private readonly sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.push({ atMs: this.nowMs + durationMs, wake: resolve });
      signal?.addEventListener('abort', () => resolve());
    });
  }

  async pass(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    for (const { wake } of this.sleepers.filter(({ atMs }) => atMs <= this.nowMs)) wake();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const WAIT_MS = 500;

/** A door with senders at it; each remembers what became of its submissions. */
const door = (limits: Partial<AdmissionLimits> = {}) => {
  const timers = new HandTimers();
  const admission = new Admission(
    { inWorkMax: 2, perInstitutionMax: 2, waitingMax: 4, ...limits },
    timers,
  );
  const inWork: { readonly who: string; readonly leave: Leave }[] = [];
  const order: string[] = [];
  const refused: string[] = [];
  const send = async (who: string, gone?: AbortSignal): Promise<void> => {
    await admission.enter(who, WAIT_MS, gone && (() => gone)).then(
      (leave) => void (inWork.push({ who, leave }), order.push(who)),
      (error: DomainError) =>
        void refused.push(
          `${who} ${error.code} ${error.kind} ${String(error.details['retryAfterSeconds'])}`,
        ),
    );
  };
  const come = async (...senders: string[]): Promise<void> => (
    senders.forEach((who) => void send(who)),
    void (await settled())
  );
  const finish = async (count = 1): Promise<void> => (
    inWork.splice(0, count).forEach(({ leave }) => leave()),
    void (await settled())
  );
  return { admission, timers, inWork, order, refused, send, come, finish };
};

test('so many are worked on, so many wait, and the rest is sent away at once', async () => {
  const { come, inWork, refused, admission } = door();
  await come('a', 'b', 'c', 'd', 'e', 'f', 'g');
  expect(inWork.map(({ who }) => who)).toEqual(['a', 'b']);
  expect(refused).toEqual(['g OVERLOADED overloaded 1']);
  expect(admission.counts).toEqual({ inWork: 2, waiting: 4, refused: 1 });
});

test('who waits is served in order as places become free, and sent away when none does in time', async () => {
  const { come, finish, order, refused, timers, admission } = door();
  await come('a', 'b', 'c', 'd', 'e');
  await finish(2);
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  await timers.pass(WAIT_MS);
  expect(refused).toEqual(['e OVERLOADED overloaded 1']);
  await finish(2);
  expect(admission.counts).toEqual({ inWork: 0, waiting: 0, refused: 1 });
});

test('an institution that floods does not starve another: a free place goes to whoever has the fewest', async () => {
  const { come, finish, order } = door({ waitingMax: 100 });
  await come(...Array<string>(50).fill('flood'));
  await come('small', 'small');
  await finish(1);
  expect(order).toEqual(['flood', 'flood', 'small']);
  await finish(1); // One of the flood's leaves: it has none at work now, the other has one.
  expect(order.at(-1)).toBe('flood');
  await finish(1);
  expect(order.at(-1)).toBe('small');
});

test('when nobody more may wait, the longest line loses its last, and a flood displaces nobody', async () => {
  const { come, refused, finish, order } = door({ waitingMax: 4 });
  await come(...Array<string>(6).fill('flood'));
  await come('small');
  expect(refused).toEqual(['flood OVERLOADED overloaded 1']);
  await come('flood', 'flood');
  expect(refused).toHaveLength(3);
  expect(refused.every((line) => line.startsWith('flood'))).toBe(true);
  await finish(1);
  expect(order.at(-1)).toBe('small');
});

test('one institution has its share of the places at most, however many are free', async () => {
  const { come, inWork, finish, order } = door({ inWorkMax: 4, perInstitutionMax: 3 });
  await come('slow', 'slow', 'slow', 'slow', 'other');
  expect(inWork.map(({ who }) => who)).toEqual(['slow', 'slow', 'slow', 'other']);
  await finish(1);
  expect(order.at(-1)).toBe('slow');
});

test('a sender that is gone waits no longer', async () => {
  const { come, send, refused, admission } = door();
  await come('a', 'b');
  const gone = new AbortController();
  const sent = send('c', gone.signal);
  expect(admission.counts.waiting).toBe(1);
  gone.abort();
  await sent;
  expect(admission.counts).toMatchObject({ inWork: 2, waiting: 0 });
  expect(refused).toHaveLength(1);
});

test('leaving twice frees one place', async () => {
  const { admission } = door();
  const leave = await admission.enter('a', 0);
  await admission.enter('b', 0);
  leave();
  leave();
  expect(admission.counts.inWork).toBe(1);
});

test('whatever comes and goes, the bounds hold and nothing is forgotten', async () => {
  const limits = { inWorkMax: 5, perInstitutionMax: 3, waitingMax: 7 };
  const { admission, come, finish, inWork, timers, order, refused } = door(limits);
  let sent = 0;
  for (let turn = 0; turn < 400; turn += 1) {
    const who = `h${(turn * 7 + (turn >> 3)) % 4}`;
    if (turn % 5 < 3) {
      await come(who);
      sent += 1;
    } else if (turn % 11 === 0) await timers.pass(WAIT_MS);
    else await finish(1 + (turn % 2));
    const perInstitution = new Map<string, number>();
    for (const { who: at } of inWork) perInstitution.set(at, (perInstitution.get(at) ?? 0) + 1);
    expect(Math.max(0, ...perInstitution.values())).toBeLessThanOrEqual(limits.perInstitutionMax);
    expect(admission.counts.inWork).toBe(inWork.length);
    expect(inWork.length).toBeLessThanOrEqual(limits.inWorkMax);
    expect(admission.counts.waiting).toBeLessThanOrEqual(limits.waitingMax);
  }
  while (inWork.length > 0) await finish(inWork.length);
  expect(order.length + refused.length).toBe(sent);
  expect(admission.counts).toMatchObject({ inWork: 0, waiting: 0, refused: refused.length });
});
