import { fixedClock } from '@caretab/doubles';
import { Receivers } from './receivers';

const policy = {
  circuit: { failuresMin: 3, delaysMs: [1_000, 60_000] },
  slow: { answerMs: 500, lanesMax: 2, delayMs: 5_000 },
};

const post = () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const receivers = new Receivers(policy);
  const send = (id: string, isAnswer: boolean, tookMs = 10): void => {
    receivers.entered(id);
    receivers.left(id, { isAnswer, tookMs, now: clock.now() });
  };
  return { clock, receivers, send, waitMs: (id: string) => receivers.waitMs(id, clock.now()) };
};

test('a receiver that is away is left alone for longer and longer, and no other is', () => {
  const { clock, send, waitMs } = post();
  send('H1', false);
  send('H1', false);
  expect(waitMs('H1')).toBe(0);
  send('H1', false);
  expect(waitMs('H1')).toBe(1_000);
  expect(waitMs('H2')).toBe(0);
  clock.advance(1_000);
  expect(waitMs('H1')).toBe(0);
  send('H1', false);
  expect(waitMs('H1')).toBe(60_000);
  clock.advance(60_000);
  send('H1', false);
  expect(waitMs('H1')).toBe(60_000);
});

test('one notice tries a receiver that was away, and an answer ends the waiting', () => {
  const { clock, receivers, send, waitMs } = post();
  for (let times = 0; times < 3; times += 1) send('H1', false);
  clock.advance(1_000);
  receivers.entered('H1');
  expect(waitMs('H1')).toBe(1_000);
  receivers.left('H1', { isAnswer: true, tookMs: 10, now: clock.now() });
  expect(waitMs('H1')).toBe(0);
});

test('a slow receiver gets few notices at once, a fast one as many as there are', () => {
  const { receivers, send, waitMs } = post();
  for (const id of ['fast', 'slow']) {
    send(id, true, id === 'slow' ? 501 : 500);
    receivers.entered(id);
    expect(waitMs(id)).toBe(0);
    receivers.entered(id);
  }
  expect([waitMs('fast'), waitMs('slow')]).toEqual([0, 5_000]);
});

test('a clock that is set back an hour holds nothing up for longer than the delay', () => {
  const { clock, send, waitMs } = post();
  for (let times = 0; times < 3; times += 1) send('H1', false);
  clock.advance(-3_600_000);
  expect(waitMs('H1')).toBe(1_000);
});

test('a notice that was asked for tries an open circuit at once, one at a time', () => {
  const { clock, receivers, send } = post();
  for (let times = 0; times < 3; times += 1) send('H1', false);
  expect(receivers.waitMs('H1', clock.now(), true)).toBe(0);
  receivers.entered('H1');
  expect(receivers.waitMs('H1', clock.now(), true)).toBe(5_000);
  expect(receivers.waitMs('H1', clock.now())).toBe(1_000);
});
