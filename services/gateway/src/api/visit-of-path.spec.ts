import { VisitId, visitIdOf, VisitNumber } from '@caretab/contracts';
import fc from 'fast-check';
import { completeVisitId, ownVisitNumber } from './visit-of-path';

const registered = new Set(['HZ001', 'HZ0021', 'HZ002']);
const isInstitution = async (institutionId: string): Promise<boolean> =>
  registered.has(institutionId);
const complete = (given: string) => completeVisitId('HZ002', given, isInstitution);
const own = (given: string) => ownVisitNumber('HZ002', given, isInstitution);

test('a visit has one id, and its own hospital may leave itself out', async () => {
  expect(await complete('HZ002-W1')).toBe('HZ002-W1');
  expect(await complete('W1')).toBe('HZ002-W1');
  expect(await complete('HZ001-W1')).toBe('HZ001-W1');
});

test('a request means the same visit in both forms', async () => {
  expect(await own('HZ002-W1')).toBe('W1');
  expect(await own('W1')).toBe('W1');
  expect(await own('HZ002')).toBe('HZ002');
});

test.each(['HZ001-W1', 'HZ0021-W1'])(
  'the visit %s of another hospital is not changed',
  async (visitId) => {
    await expect(own(visitId)).rejects.toThrow('WRITE_FORBIDDEN');
  },
);

test('a number with a hyphen is the hospital’s own where no institution has that name', async () => {
  expect(await own('ZY0012345-2')).toBe('ZY0012345-2');
  expect(await complete('ZY0012345-2')).toBe('HZ002-ZY0012345-2');
  expect(await own('9b2f0c1e-7d44-4f0a-8a52-1f2e00000000')).toBe(
    '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000',
  );
});

test('what is no visit number is left to the check of visit numbers', async () => {
  expect(await own('not an id')).toBe('not an id');
  expect(await own('small-w1')).toBe('small-w1');
});

test('every visit number makes a visit id that gives it back, and goes through a path', () =>
  fc.assert(
    fc.asyncProperty(fc.stringMatching(new RegExp(VisitNumber.pattern!)), async (visitNumber) => {
      const visitId = visitIdOf('HZ002', visitNumber);
      expect(visitId).toMatch(new RegExp(VisitId.pattern!));
      expect(await own(visitId)).toBe(visitNumber);
      const { pathname } = new URL(`http://edge/v1/visits/${encodeURIComponent(visitId)}/end`);
      const [, , , inPath, action, ...rest] = pathname.split('/');
      expect([decodeURIComponent(inPath!), action, rest]).toEqual([visitId, 'end', []]);
    }),
  ));
