import { base32, isPassword, oneTimeCode, passwordHash, stepOfCode } from './passwords';

const secret = Buffer.from('12345678901234567890');

test('a password is known again, another is not, and its hash does not show it', async () => {
  const stored = await passwordHash('correct horse');
  expect(stored).not.toContain('correct');
  expect(await isPassword('correct horse', stored)).toBe(true);
  expect(await isPassword('correct hors', stored)).toBe(false);
  expect(await isPassword('', null)).toBe(false);
  expect(await passwordHash('correct horse')).not.toBe(stored);
});

// RFC 6238, appendix B, the last six of its eight digits.
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code at second %d is %s', (second, code) => {
  expect(oneTimeCode(secret, Math.floor(second / 30))).toBe(code);
});

test('a code is good for its own step and one beside it, once', () => {
  const code = oneTimeCode(secret, 100);
  const at = (step: number, after = 0) =>
    stepOfCode(secret, code, { now: new Date(step * 30_000), after });
  expect([98, 99, 100, 101, 102].map((step) => at(step))).toEqual([
    undefined,
    100,
    100,
    100,
    undefined,
  ]);
  expect(at(100, 100)).toBeUndefined();
  expect(at(101, 99)).toBe(100);
  for (const wrong of ['', '12345', '1234567', 'éééééé'])
    expect(stepOfCode(secret, wrong, { now: new Date(3_000_000), after: 0 })).toBeUndefined();
});

test('an app takes the secret in base32', () => {
  expect(base32(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(base32(Buffer.from('f'))).toBe('MY');
});
