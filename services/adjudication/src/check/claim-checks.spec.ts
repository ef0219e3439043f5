import fc from 'fast-check';
import type { CheckRules } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import {
  CheckedStage,
  employee,
  evergreen,
  LATER,
  only,
  line,
  personId,
  shipped,
  surgery,
} from '../../test/checks';
import { claimLineTable, claimTable } from '../claim/claim.table';
import { claimIdOf } from '../claim/claim-messages';
import { checkRulesOf } from './check-rules';
import { checkPlaceTable } from './claim-flag.table';

let stage: CheckedStage;
beforeEach(() => (stage = new CheckedStage(new MemoryStore())));

const overlapping = async (): Promise<void> => {
  await stage.stay('HZ01-A');
  await stage.stay('HZ02-B', { startedAt: '2026-03-04T01:00:00.000Z' });
};
const everything = () =>
  stage.store.transact(async (transaction) => [
    await transaction.rows(claimTable).find({}),
    await transaction.rows(claimLineTable).find({}),
    (await stage.claims.published()).length,
  ]);

test('two stays at a time are a flag on the later one, for its payer, with its evidence', async () => {
  await stage.begin();
  await overlapping();
  const before = await everything();
  expect(await stage.toTheirEnd()).toBe(2);
  const flags = await stage.flags();
  expect(flags).toEqual([
    expect.objectContaining({
      ...{ ruleId: 'overlapping-stays', payerId: 'city-employee', visitId: 'HZ02-B', revision: 1 },
      ...{ institutionId: 'HZ02', state: 'open', rulesVersion: 'shipped overlapping-stays' },
      evidence: { claimIds: [claimIdOf('HZ01-A')], figures: { days: 2 } },
    }),
  ]);
  expect(JSON.stringify(flags)).not.toContain(personId);
  expect(stage.counted).toEqual(['overlapping-stays']);
  expect(await everything()).toEqual(before);
});

test('the same claims looked through again, or settled again, raise no flag twice', async () => {
  await stage.begin();
  await overlapping();
  await stage.toTheirEnd();
  await stage.store.transact((transaction) =>
    transaction.rows(checkPlaceTable).delete({ name: 'claims' }),
  );
  expect(await stage.toTheirEnd()).toBe(2);
  await stage.stay('HZ02-B', {
    ...{ startedAt: '2026-03-04T01:00:00.000Z', revision: 2 },
    lines: [surgery],
  });
  expect(await stage.toTheirEnd()).toBe(1);
  expect(await stage.flags()).toHaveLength(1);
});

test('a payer’s flag stands on claims alone that it bears a part of', async () => {
  await stage.begin([employee]);
  await stage.stay('HZ01-A');
  await stage.claims.memberships.replace(personId, [employee, evergreen]);
  await stage.stay('HZ02-B', { startedAt: '2026-03-04T01:00:00.000Z' });
  await stage.toTheirEnd();
  expect((await stage.flags()).map(({ payerId }) => payerId)).toEqual(['city-employee']);
});

test('a claim that has just been settled waits: another may be settled before it', async () => {
  await stage.begin();
  await overlapping();
  expect(await stage.toTheirEnd(stage.checks('2026-03-02T12:09:59Z'))).toBe(0);
  expect(await stage.toTheirEnd(stage.checks('2026-03-02T12:10:00Z'))).toBe(2);
  const behindMs = await stage.store.transact((transaction) =>
    stage.checks().behindMs(transaction),
  );
  expect(behindMs).toBe(0);
});

test('other persons’ claims are no evidence', async () => {
  const other = 'p-00000000-0000-4000-8000-000000000002';
  await stage.begin();
  await stage.claims.memberships.replace(other, [employee]);
  await stage.stay('HZ01-A');
  await stage.stay('HZ02-B', {
    ...{ startedAt: '2026-03-04T01:00:00.000Z', changes: { personId: other } },
  });
  expect(await stage.toTheirEnd()).toBe(2);
  expect(await stage.flags()).toEqual([]);
});

test('a drug of which a later revision has less was returned', async () => {
  const { version, rules } = only('bought-and-returned');
  const once = { ...rules, rules: rules.rules.map((rule) => ({ ...rule, times: 1 })) };
  const looked = () =>
    stage.toTheirEnd(stage.checks(LATER, { version, rules: once as CheckRules }));
  await stage.begin();
  const drug = line('drug', 'XA01', 50_000, '3');
  await stage.stay('HZ01-A', { lines: [drug, surgery] });
  await looked();
  expect(await stage.flags()).toEqual([]);
  const less = { ...drug, quantity: '1', amountFen: 16_000 };
  await stage.stay('HZ01-A', { lines: [less, surgery], revision: 2 });
  await looked();
  expect(await stage.flags()).toMatchObject([{ ruleId: 'bought-and-returned', revision: 2 }]);
});
test.each<[string, (rules: { rules: Record<string, unknown>[] }) => unknown, string]>([
  ['an unknown kind', ({ rules }) => (rules[0]!['kind'] = 'guess'), '/rules/0'],
  ['an unknown field', ({ rules }) => (rules[0]!['code'] = '1'), '/rules/0'],
  ['no threshold', ({ rules }) => delete rules[0]!['fromFen'], '/rules/0'],
  ['one id twice', ({ rules }) => (rules[1]!['id'] = rules[0]!['id']), 'same-item-elsewhere'],
])('rules with %s are refused as a whole', (_what, change, place) => {
  const rules = JSON.parse(JSON.stringify(shipped.rules)) as never;
  change(rules);
  expect(() => checkRulesOf('rules.json', JSON.stringify(rules))).toThrow(place);
});

const stays = fc.array(
  fc.record({
    at: fc.constantFrom('HZ01', 'HZ02'),
    day: fc.integer({ min: 1, max: 20 }),
    days: fc.integer({ min: 0, max: 9 }),
    lines: fc.subarray(
      [surgery, line('drug', 'XA01', 50_000, '3'), line('bed', '110900001', 9_000)],
      {
        minLength: 1,
      },
    ),
    isSettledAgain: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);
const onTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('with checks behind them, claims and what is published are what they are without', () =>
  fc.assert(
    fc.asyncProperty(stays, async (visits) => {
      const ends = [];
      let flagged = 0;
      for (const isChecked of [false, true]) {
        stage = new CheckedStage(new MemoryStore());
        await stage.begin();
        for (const [place, { at, day, days, lines, isSettledAgain }] of visits.entries()) {
          const of = {
            startedAt: `2026-01-${String(day).padStart(2, '0')}T01:00:00.000Z`,
            closedAt: `2026-01-${String(day + days).padStart(2, '0')}T09:00:00.000Z`,
          };
          await stage.stay(`${at}-${place}`, { ...of, lines });
          if (isSettledAgain)
            await stage.stay(`${at}-${place}`, { ...of, lines: lines.slice(1), revision: 2 });
          if (isChecked) await stage.toTheirEnd(stage.checks(LATER, shipped));
        }
        flagged = (await stage.flags()).length;
        ends.push(onTheWire([await everything(), await stage.claims.published()]));
      }
      flags += flagged;
      expect(ends[1]).toEqual(ends[0]);
    }),
    { numRuns: 8, seed: 14 },
  ));
let flags = 0;
test('and flags were raised there', () => expect(flags).toBeGreaterThan(3));
