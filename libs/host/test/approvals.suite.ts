import type { Subject } from '@caretab/access';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type FixedClock, fixedClock } from '@caretab/doubles';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { Approvals, type Requested } from '../src/approval';

const LIFETIME_MS = 60_000;
/** Any service of the platform that erases. */
export const PRIVACY = (id: string, hasSecondFactor = true): Subject => ({
  id,
  roles: [{ kind: 'PrivacyOfficer' }],
  hasSecondFactor,
});
const PEOPLE = ['ann', 'ben', 'cao'] as const;
const PERSONS = ['p-1', 'p-2'] as const;

export const requested = (subject: Subject, personId: string): Requested => ({
  action: 'personal-data.destroy',
  resource: { person: personId },
  params: { personId },
  ...{ query: {}, body: {}, shows: [] },
  subject,
});

export const idOf = (error: DomainError): string => error.details['approvalId'] as string;

const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

/** One step of a person at one process. `request`: which of those asked for so far it is about. */
interface Step {
  readonly process: number;
  readonly person: number;
  readonly about: number;
  readonly request: number;
  /** Who asked uses what they asked for, and another gives it: else no run would get far. */
  readonly fits: boolean;
  readonly does: 'ask' | 'give' | 'refuse' | 'use' | 'wait';
}
const steps: fc.Arbitrary<readonly (readonly Step[])[]> = fc.array(
  fc.array(
    fc.record({
      process: fc.nat(2),
      person: fc.nat(PEOPLE.length - 1),
      about: fc.nat(PERSONS.length - 1),
      request: fc.nat(2),
      fits: fc.boolean(),
      does: fc.constantFrom('ask', 'ask', 'give', 'give', 'use', 'use', 'use', 'refuse', 'wait'),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  { maxLength: 8 },
);

interface Asked {
  readonly person: string;
  readonly about: string;
  readonly untilMs: number;
}

const fitting = (
  { person, about, fits }: Pick<Step, 'person' | 'about' | 'fits'>,
  does: Step['does'],
  asked: Asked | undefined,
): Pick<Asked, 'person' | 'about'> => {
  const any = { person: PEOPLE[person]!, about: PERSONS[about]! };
  if (!fits || !asked || does === 'ask') return any;
  if (does === 'use') return asked;
  return { ...any, person: PEOPLE.find((other) => other !== asked.person)! };
};

/** Several processes on one store, and what they answered. */
class Office {
  readonly clock: FixedClock = fixedClock('2026-03-02T08:00:00Z');
  readonly asked = new Map<string, Asked>();
  readonly givers = new Map<string, Set<string>>();
  readonly uses: string[] = [];
  readonly faults: string[] = [];
  private readonly processes: readonly Approvals[];

  constructor(store: Store) {
    this.processes = [0, 1, 2].map(
      () =>
        new Approvals({
          ...{ store, clock: this.clock, lifetimeMs: LIFETIME_MS },
          ids: { next: () => randomUUID() },
        }),
    );
  }

  async do({ process, request, does, ...step }: Step): Promise<void> {
    const approvals = this.processes[process]!;
    const [id, asked] = [...this.asked][request] ?? (['none', undefined] as const);
    const { person, about } = fitting(step, does, asked);
    const subject = PRIVACY(person);
    const nowMs = this.clock.now().getTime();
    if (does === 'wait') return this.clock.advance(LIFETIME_MS / 2);
    if (does === 'ask') {
      const needed = idOf(await approvals.needed(requested(subject, about)));
      if (!this.asked.has(needed))
        this.asked.set(needed, { person, about, untilMs: nowMs + LIFETIME_MS });
    } else if (does === 'use') {
      const answer = await codeOf(approvals.use(id, requested(subject, about)));
      if ((PEOPLE as readonly unknown[]).includes(answer))
        this.judge(id, { person, about, nowMs, by: answer as string });
    } else {
      const decision = does === 'give' ? { decision: does } : { decision: does, why: 'not now' };
      const answer = await codeOf(approvals.decide(id, subject, decision));
      if (does === 'give' && typeof answer === 'object')
        this.givers.set(id, (this.givers.get(id) ?? new Set()).add(person));
    }
  }

  private judge(
    id: string,
    { person, about, nowMs, by }: { person: string; about: string; nowMs: number; by: string },
  ): void {
    const asked = this.asked.get(id);
    if (this.uses.includes(id)) this.faults.push('used twice');
    if (by === person) this.faults.push('used by the one who gave it');
    if (asked?.person !== person) this.faults.push('used by another than who asked');
    if (asked?.about !== about) this.faults.push('used for something else');
    if (!asked || nowMs >= asked.untilMs) this.faults.push('used after its end');
    this.uses.push(id);
  }
}

/** What is wrong with any interleaving; undefined: nothing. */
export const approvalFaults = async (
  openStore: () => Promise<Store>,
  numRuns: number,
): Promise<string | undefined> => {
  let used = 0;
  const result = await fc.check(
    fc.asyncProperty(steps, async (waves) => {
      const store = await openStore();
      const office = new Office(store);
      for (const wave of waves) await Promise.all(wave.map((step) => office.do(step)));
      for (const id of office.uses)
        if (!office.givers.has(id)) office.faults.push('used though no one gave it');
      used += office.uses.length;
      if (office.faults.length > 0) throw new Error(office.faults.join(', '));
    }),
    { numRuns, seed: 61 },
  );
  if (result.failed) return String(result.errorInstance);
  return used === 0 ? 'no run used any approval' : undefined;
};

/** What holds on every store. */
export const approvalsSuite = (
  name: string,
  openStore: () => Promise<Store>,
  numRuns: number,
): void => {
  describe(`approvals on ${name}`, () => {
    const [ann, ben, cao] = PEOPLE.map((id) => PRIVACY(id));
    const clock = fixedClock('2026-03-02T08:00:00Z');
    let approvals: Approvals;
    let ids = 0;
    beforeEach(async () => {
      approvals = new Approvals({
        ...{ store: await openStore(), clock, lifetimeMs: LIFETIME_MS },
        ids: { next: () => `a-${(ids += 1)}` },
      });
    });
    const ask = async (): Promise<string> => idOf(await approvals.needed(requested(ann!, 'p-1')));
    const give = (id: string, subject = ben!) =>
      approvals.decide(id, subject, { decision: 'give' });
    const use = (id: string, subject = ann!, person = 'p-1') =>
      codeOf(approvals.use(id, requested(subject, person)));

    test('what another person gave is used once, by who asked, for what was asked', async () => {
      const id = await ask();
      expect(await ask()).toBe(id);
      expect(await use(id)).toBe('APPROVAL_NOT_GIVEN');
      expect(await give(id)).toMatchObject({ state: 'given', decidedBy: 'ben' });
      expect(await use(id, cao)).toBe('APPROVAL_DIFFERS');
      expect(await use(id, ben)).toBe('APPROVAL_DIFFERS');
      expect(await use(id, ann, 'p-2')).toBe('APPROVAL_DIFFERS');
      expect(await use(id)).toBe('ben');
      await approvals.ended(id, 'done');
      expect(await use(id)).toBe('APPROVAL_USED');
      expect(await codeOf(give(id))).toBe('APPROVAL_USED');
      const { approvals: all } = await approvals.list(cao!, { state: 'all' });
      expect(all[0]).toMatchObject({ approvalId: id, state: 'used', outcome: 'done', about: {} });
      expect(await ask()).not.toBe(id);
    });

    test('no one approves what they ask for, or may not do, or without a second factor', async () => {
      const id = await ask();
      expect(await codeOf(give(id, ann))).toBe('APPROVAL_SAME_SUBJECT');
      const desk: Subject = { ...ben!, roles: [{ kind: 'Desk' }] };
      expect(await codeOf(give(id, desk))).toBe('ACCESS_FORBIDDEN');
      expect(() => give(id, { ...ben!, hasSecondFactor: false })).toThrow('second factor');
      expect(await use(id)).toBe('APPROVAL_NOT_GIVEN');
    });

    test('a refusal is for good, also of what was given', async () => {
      const id = await ask();
      await give(id);
      expect(await give(id)).toMatchObject({ state: 'given', decidedBy: 'ben' });
      await approvals.decide(id, cao!, { decision: 'refuse', why: 'the citizen did not ask' });
      expect(await use(id)).toBe('APPROVAL_REFUSED');
      expect(await codeOf(give(id))).toBe('APPROVAL_REFUSED');
    });

    test('it ends: what was not used in time is not used later, and is deleted after a week', async () => {
      const id = await ask();
      await give(id);
      clock.advance(LIFETIME_MS);
      expect(await use(id)).toBe('APPROVAL_EXPIRED');
      expect(await codeOf(give(id, cao))).toBe('APPROVAL_EXPIRED');
      expect((await approvals.list(ann!, { state: 'all' })).approvals).toMatchObject([
        { approvalId: id, state: 'expired' },
      ]);
      expect((await approvals.list(ann!, { state: 'open' })).approvals).toEqual([]);
      expect(await approvals.prune()).toBe(0);
      clock.advance(8 * 86_400_000);
      expect(await approvals.prune()).toBe(1);
      expect(await use(id)).toBe('APPROVAL_UNKNOWN');
    });

    test('who could not approve it does not see it, and it waits for who can', async () => {
      await ask();
      const finance: Subject = { id: 'dan', roles: [{ kind: 'Finance' }], hasSecondFactor: true };
      expect((await approvals.list(finance, { state: 'open' })).approvals).toEqual([]);
      const able = { ...cao!, hasSecondFactor: false };
      expect((await approvals.list(able, { state: 'open' })).approvals).toHaveLength(1);
      expect(await approvals.waiting()).toEqual({ count: 1, oldest: clock.now() });
    });

    test('a person has a hundred requests open at most', async () => {
      for (let number = 0; number < 100; number += 1)
        await approvals.needed(requested(ann!, `p-${number}`));
      expect(await codeOf(approvals.needed(requested(ann!, 'p-one-more')))).toBe('OVERLOADED');
      expect(idOf(await approvals.needed(requested(ben!, 'p-one-more')))).toMatch(/^a-/);
      const first = await approvals.list(ann!, { state: 'open' });
      expect(first.approvals).toHaveLength(100);
      const rest = await approvals.list(ann!, { state: 'open', after: first.next });
      expect(rest.approvals).toHaveLength(1);
    });

    test('whatever order several processes do it in: at most once, and by two persons', async () => {
      expect(await approvalFaults(openStore, numRuns)).toBeUndefined();
    }, 120_000);
  });
};
