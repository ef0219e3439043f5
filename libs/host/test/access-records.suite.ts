import { fixedClock, type FixedClock } from '@caretab/doubles';
import type { Store } from '@caretab/store';
import { randomUUID } from 'node:crypto';
import { type Access, recordHash } from '../src/access-records/access-record';
import { AccessRecords } from '../src/access-records';

const DAY_MS = 86_400_000;
export const KEPT_MS = 180 * DAY_MS;

export const looked = (subject: string, person: string | null = 'p-1'): Access => ({
  ...{ subject, roles: 'Desk', through: null, action: 'persons.read', institution: null, person },
  ...{ thing: null, outcome: 'allowed', policies: 'desk-persons', purpose: null, approval: null },
  ...{ approvedBy: null, address: '127.0.0.1', trace: null },
});
const turnedAway = (subject: string): Access => ({
  ...looked(subject),
  ...{ outcome: 'refused', policies: '' },
});

export const recordsOn = (store: Store, clock: FixedClock): AccessRecords =>
  new AccessRecords({ store, clock, ids: { next: () => randomUUID() }, keptMs: KEPT_MS });

/** Every record, the oldest first. */
const allOf = async (records: AccessRecords) => {
  const found = [];
  let after: string | undefined;
  do {
    const page = await records.list({ after });
    found.push(...page.records);
    after = page.next;
  } while (after !== undefined);
  return found.reverse();
};

/** What holds on every store. */
export const accessRecordsSuite = (name: string, openStore: () => Promise<Store>): void => {
  describe(`records of access on ${name}`, () => {
    let clock: FixedClock;
    let store: Store;
    let records: AccessRecords;
    beforeEach(async () => {
      store = await openStore();
      clock = fixedClock(new Date().toISOString());
      records = recordsOn(store, clock);
    });

    test('what several processes record at once is one chain without gaps', async () => {
      const others = [records, recordsOn(store, clock), recordsOn(store, clock)];
      const subjects = Array.from({ length: 30 }, (_, index) => `s-${index}`);
      await Promise.all(
        subjects.map((subject, index) => others[index % others.length]!.record(looked(subject))),
      );
      const all = await allOf(records);
      expect(all.map(({ position }) => position)).toEqual(subjects.map((_, index) => index + 1));
      expect(new Set(all.map(({ subject }) => subject))).toEqual(new Set(subjects));
      all.forEach((record, index) => {
        expect(record.previous).toBe(all[index - 1]?.hash ?? '');
        expect(recordHash(record)).toBe(record.hash);
        expect(recordHash({ ...record, person: 'p-2' })).not.toBe(record.hash);
      });
    });

    test('requests of one turn are written in one transaction', async () => {
      let transactions = 0;
      const counting: Store = Object.assign(Object.create(store) as Store, {
        transact: (...given: Parameters<Store['transact']>) => {
          transactions += 1;
          return store.transact(...given);
        },
      });
      const counted = recordsOn(counting, clock);
      await Promise.all(['a', 'b', 'c'].map((subject) => counted.record(looked(subject))));
      expect(transactions).toBe(1);
    });

    test('what is named must fit, and the latest is first', async () => {
      await records.record(looked('ann', 'p-1'), looked('ann', 'p-2'));
      clock.advance(1000);
      const since = clock.now();
      await records.record(looked('ben', 'p-1'));
      const subjectsOf = async (which: Parameters<AccessRecords['list']>[0]) =>
        (await records.list(which)).records.map(({ subject }) => subject);
      expect(await subjectsOf({})).toEqual(['ben', 'ann', 'ann']);
      expect(await subjectsOf({ person: 'p-1' })).toEqual(['ben', 'ann']);
      expect(await subjectsOf({ person: 'p-1', subject: 'ann' })).toEqual(['ann']);
      expect(await subjectsOf({ since })).toEqual(['ben']);
      expect(await subjectsOf({ until: new Date(since.getTime() - 1) })).toEqual(['ann', 'ann']);
      expect(await subjectsOf({ action: 'persons.register' })).toEqual([]);
    });

    test('pages end where there is no more', async () => {
      await records.record(...Array.from({ length: 150 }, (_, index) => looked(`s-${index}`)));
      const first = await records.list({ person: 'p-1' });
      expect([first.records.length, first.next]).toEqual([100, '51']);
      const rest = await records.list({ person: 'p-1', after: first.next });
      expect([rest.records.length, rest.next]).toEqual([50, undefined]);
    });

    test('who is refused without end fills nothing: one record, and a count once a minute', async () => {
      clock = fixedClock('2026-03-02T08:00:00Z');
      records = recordsOn(store, clock);
      for (let time = 0; time < 500; time += 1) records.refused(turnedAway('ann'));
      records.refused(turnedAway('ben'));
      await records.look();
      await records.drain();
      expect((await allOf(records)).map(({ subject, times }) => [subject, times])).toEqual([
        ['ann', 1],
        ['ben', 1],
      ]);
      clock.advance(60_000);
      await records.look();
      await records.drain();
      const counted = (await allOf(records)).at(-1)!;
      expect(counted).toMatchObject({
        position: 3,
        subject: 'ann',
        times: 499,
        outcome: 'refused',
      });
    });

    test('a thousand subjects that are refused within a minute are counted together', async () => {
      clock = fixedClock('2026-03-02T08:00:00Z');
      records = recordsOn(store, clock);
      for (let number = 0; number < 1000; number += 1) records.refused(turnedAway(`s-${number}`));
      await records.drain();
      clock.advance(60_000);
      await records.look();
      await records.drain();
      const all = await allOf(records);
      expect(all).toHaveLength(102);
      expect(all.at(-1)).toMatchObject({ subject: 'several', address: null, person: null });
      expect(all.reduce((sum, { times }) => sum + times, 0)).toBe(1000);
    });
  });
};
