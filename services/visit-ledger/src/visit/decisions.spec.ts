import { MemoryEventStore } from '@caretab/event-store';
import {
  at,
  authorize,
  charge,
  cover,
  end,
  post,
  ref,
  start,
  takeBack,
} from '../../test/one-visit';
import { Decisions } from './decisions';
import type { VisitCommand } from './visit';
import { Visits } from './visits';

/** A visit on the twin, and a clock of pauses: `meanwhile` happens during the first of them. */
const ledger = (meanwhile?: (visits: Visits) => Promise<void>) => {
  const events = new MemoryEventStore();
  const visits = new Visits(events);
  let waitedMs = 0;
  let pauses = 0;
  const timers = {
    sleep: async (durationMs: number) => {
      waitedMs += durationMs;
      // Another process of the ledger decides.
      if (++pauses === 1) await meanwhile?.(new Visits(events));
    },
  };
  let told = 0;
  const caused = (command: Parameters<Visits['handle']>[1][number]['command']) => ({
    command,
    cause: { id: `cause-${(told += 1)}` },
  });
  return {
    decisions: new Decisions(visits, timers),
    say: (...commands: Parameters<typeof caused>[0][]) =>
      visits.handle(ref.visitId, commands.map(caused)),
    waited: () => ({ waitedMs, pauses }),
  };
};
const C1 = charge('C1', 1000);
const asked = [{ chargeId: 'C1', amountFen: 1000 }];

test('what is decided already is answered at once', async () => {
  const { decisions, say, waited } = ledger();
  await say(start, authorize(), cover, post(C1));
  expect(await decisions.on(ref.visitId, asked, 2000)).toEqual([
    { chargeId: 'C1', decision: 'deferred' },
  ]);
  expect(waited().pauses).toBe(0);
});

test('a decision that another process takes meanwhile is seen', async () => {
  const { decisions, say, waited } = ledger((other) =>
    other.handle(ref.visitId, [{ command: post(C1), cause: { id: 'elsewhere' } }]),
  );
  await say(start, authorize(), cover);
  expect(await decisions.on(ref.visitId, asked, 2000)).toMatchObject([{ decision: 'deferred' }]);
  expect(waited().pauses).toBe(1);
});

test('what is not decided in time is undecided, after a bounded number of looks', async () => {
  const { decisions, waited } = ledger();
  expect(await decisions.on(ref.visitId, asked, 2000)).toEqual([
    { chargeId: 'C1', decision: 'undecided' },
  ]);
  expect(waited()).toEqual({ waitedMs: 2000, pauses: 10 });
  const hurried = ledger();
  await hurried.decisions.on(ref.visitId, asked, 100);
  expect(hurried.waited().waitedMs).toBe(100);
});

test('another amount under the same id is not what stands on the tab', async () => {
  const { decisions, say } = ledger();
  await say(start, authorize(), cover, post(C1));
  const other = [{ chargeId: 'C1', amountFen: 2000 }];
  expect(await decisions.on(ref.visitId, other, 2000)).toEqual([
    { chargeId: 'C1', decision: 'not-deferred', reason: 'CHARGE_CONFLICT' },
  ]);
});

/** The answer that says nothing but what stands, asked after these commands. */
const answerAfter = async (...said: Parameters<ReturnType<typeof ledger>['say']>) => {
  const { decisions, say } = ledger();
  await say(start, ...said);
  const [{ decision, reason } = {}] = await decisions.on(ref.visitId, asked, 0);
  return [decision, reason].filter(Boolean).join(' ');
};
const declined: VisitCommand = { type: 'RecordDecline', data: { reason: 'NOT_ENROLLED' } };
const cancel: VisitCommand = { type: 'CancelVisit', data: { withdrawnAt: at } };

test('only what is on the tab is answered with deferred', async () => {
  const onTab = [authorize(), cover, post(C1)];
  expect(await answerAfter(declined, post(C1), takeBack('C1', 1000))).toBe(
    'not-deferred NOT_ENROLLED',
  );
  expect(await answerAfter(...onTab, takeBack('C1', 1000))).toBe('not-deferred RETURNED');
  expect(await answerAfter(post(C1), takeBack('C1', 1000), authorize(), cover)).toBe(
    'not-deferred RETURNED',
  );
  expect(await answerAfter(...onTab, cancel)).toBe('not-deferred VISIT_CANCELLED');
  expect(await answerAfter(...onTab, takeBack('C1', 400))).toBe('deferred');
  expect(await answerAfter(...onTab, end)).toBe('deferred');
  expect(await answerAfter(...onTab, end, takeBack('C1', 1000))).toBe('not-deferred RETURNED');
});

test('a cancellation that waits for an answer ends what is on the tab already', async () => {
  const larger = post(charge('C2', 40_000));
  expect(await answerAfter(authorize(), cover, post(C1), larger, cancel)).toBe(
    'not-deferred VISIT_CANCELLED',
  );
});

test('too many who wait are answered without waiting', async () => {
  const { decisions, waited } = ledger();
  const all = Array.from({ length: 260 }, () => decisions.on(ref.visitId, asked, 30));
  expect(await Promise.all(all)).toHaveLength(260);
  expect(waited().pauses).toBe(200);
});
