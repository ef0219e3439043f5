import { asideFindings, type Standing } from './audit-aside';
import { linkOf } from './audit-chain';
import { ContinuedStory } from './audit-continued';
import { handsFindings, type SetAsideRow } from './audit-hands';
import type { Touched } from './touched';

/** Rows of a visit's stream were taken away, and an operator put them back. */
const TAKEN: Touched = {
  ...{ visitId: 'CH001-V1', stream: 'visit-CH001-V1' },
  ...{ kind: 'truncated', revision: 3 },
};
const row = (changed: Partial<SetAsideRow> = {}): SetAsideRow => ({
  ...{ visitId: TAKEN.visitId, stream: TAKEN.stream, kind: 'truncated', revision: 0 },
  ...{ continuedIn: null, ...changed },
});
const standing = (changed: Partial<Standing> = {}): Standing => ({
  rows: [row()],
  answers: new Map([[TAKEN.visitId, 'VISIT_SET_ASIDE']]),
  processes: [{ name: 'visit-ledger', standing: 1, gauge: 1 }],
  waiting: [],
  held: [{ visitId: TAKEN.visitId, isHeld: true }],
  olderCopies: 0,
  startsRefused: 0,
  strayed: [],
  shown: [
    { visitId: TAKEN.visitId, status: 'open', missedReason: null },
    { visitId: 'CH001-V2', status: 'settled', missedReason: null },
  ],
  ...changed,
});
const RESUMED = { visitId: TAKEN.visitId, asItIs: 'FACTS_LEFT_OUT', mended: undefined };

const brokenIn = (changed: Partial<Standing>, resumed = RESUMED): number =>
  asideFindings([TAKEN], standing(changed), [resumed]).filter(({ holds }) => !holds).length;

test('a stream that lost rows is set aside at the first that its reader missed', () => {
  expect(brokenIn({})).toBe(0);
  expect(brokenIn({ rows: [row({ revision: 3 })] })).toBe(0);
  expect(brokenIn({ rows: [row({ revision: 4 })] })).toBe(1);
  expect(brokenIn({ rows: [row({ kind: 'forged' })] })).toBe(1);
  expect(brokenIn({ rows: [] })).toBe(1);
});

test('it does not go on before its rows are put back, and goes on then', () => {
  expect(brokenIn({}, { ...RESUMED, asItIs: undefined as never })).toBe(1);
  expect(brokenIn({}, { ...RESUMED, mended: 'FACTS_LEFT_OUT' as never })).toBe(1);
});

test('it goes on as it is: in no other stream, and nobody set it aside for ever', () => {
  const told = new Map([
    [`VisitSetAside ${TAKEN.visitId}`, 1],
    [`VisitResumed ${TAKEN.visitId}`, 1],
  ]);
  const holds = (setAside: readonly SetAsideRow[]): boolean =>
    handsFindings([TAKEN], { setAside, parked: [], told })[0]!.holds;
  expect(holds([])).toBe(true);
  expect(holds([row()])).toBe(false);
  expect(holds([row({ continuedIn: 'visit-CH001-V1~2' })])).toBe(false);
});

test('a copy of what was put back is found', () => {
  const read = (...metadata: readonly object[]): boolean => {
    const story = new ContinuedStory([TAKEN]);
    metadata.forEach((each, revision) => {
      const event = {
        ...{ stream: TAKEN.stream, revision, id: `e-${revision}`, type: 'VisitOpened' },
        ...{ data: '{}', metadata: JSON.stringify(each), recordedAt: new Date(0) },
      };
      story.read({ ...event, position: revision + 1, hash: linkOf(Buffer.alloc(32), event) });
    });
    return story.finding().holds;
  };
  expect(read({}, {})).toBe(true);
  expect(read({}, { copiedFrom: '0' })).toBe(false);
});
